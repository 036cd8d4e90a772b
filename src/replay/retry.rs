//! When a request may be sent again, and after how long.

use std::time::Duration;

use crate::chat::{ErrorKind, Operation};

/// How many times one request is sent at most.
pub const MOST_TRIES: u32 = 3;

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// Whether a request that failed like this may be sent again within its conversation.
///
/// `create` may, where the platform was not reached or was too busy: at worst a conversation is
/// left over. `respond` has no idempotency key, so it may only where the agent cannot have heard
/// it: nothing was sent, or the platform refused it and named a time to come back.
#[must_use]
pub fn may_repeat(operation: Operation, kind: &ErrorKind) -> bool {
    if kind.never_sent() {
        return !matches!(kind, ErrorKind::Tls { .. } | ErrorKind::NameNotResolved { .. });
    }
    let ErrorKind::Status { status, retry_after, .. } = kind else { return false };
    match operation {
        Operation::Create => matches!(status, 429 | 502 | 503 | 504),
        Operation::Respond => matches!(status, 429 | 503) && retry_after.is_some(),
        // The end of the run tries once more.
        Operation::Close => false,
    }
}

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
    fn a_message_is_repeated_only_where_it_cannot_have_been_heard() {
        use Operation::{Create, Respond};
        let refused = ErrorKind::Refused { host: "h".into() };
        let lost = ErrorKind::Lost { reason: "reset".into() };
        let cases = [
            (Respond, &refused, true),
            (Respond, &lost, false),
            (Respond, &ErrorKind::Timeout { limit: Duration::from_secs(1) }, false),
            (Respond, &status(429, Some(1)), true),
            (Respond, &status(503, Some(1)), true),
            (Respond, &status(503, None), false),
            (Respond, &status(429, None), false),
            (Respond, &status(502, Some(1)), false),
            (Create, &status(502, None), true),
            (Create, &status(503, None), true),
            (Create, &status(504, None), true),
            (Create, &status(429, None), true),
            (Create, &status(500, None), false),
            (Create, &lost, false),
            (Create, &refused, true),
        ];
        for (operation, kind, expected) in cases {
            assert_eq!(may_repeat(operation, kind), expected, "{operation} {kind}");
        }
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
