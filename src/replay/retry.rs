//! How often a request is sent, and after how long again.

use std::time::Duration;

use crate::chat::ErrorKind;

/// How many times one request is sent at most.
pub const MOST_TRIES: u32 = 3;

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// How long to wait before a request, or a conversation, is tried once more: as long as the
/// platform asked for; else twice as long each time, with some chance in it so that many who
/// were refused at once do not come back at once.
#[must_use]
pub fn wait(kind: &ErrorKind, tries: u32) -> Duration {
    if let ErrorKind::Status { retry_after: Some(asked), .. } = kind {
        return *asked;
    }
    let doubled =
        FIRST_WAIT.saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(LONGEST_WAIT).mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Envelope;

    fn status(status: u16, retry_after: Option<u64>) -> ErrorKind {
        let retry_after = retry_after.map(Duration::from_secs);
        ErrorKind::Status { status, envelope: Envelope::default(), retry_after }
    }

    #[test]
    fn waits_follow_the_platform_or_grow_up_to_a_limit() {
        assert_eq!(wait(&status(429, Some(7)), 1), Duration::from_secs(7));
        for tries in 1..80 {
            let wait = wait(&status(503, None), tries);
            assert!(wait >= FIRST_WAIT / 2 && wait <= LONGEST_WAIT, "{tries}: {wait:?}");
        }
    }
}
