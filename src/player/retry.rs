//! How often a request is sent, and after how long again.

use std::time::Duration;

use crate::backend::{ErrorClass, Operation};

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
pub fn may_repeat(operation: Operation, class: ErrorClass) -> bool {
    match (class, operation) {
        // The end of the run tries once more.
        (_, Operation::Close) => false,
        (ErrorClass::NotSent { retryable }, _) => retryable,
        (ErrorClass::Throttled { .. } | ErrorClass::Unavailable { .. }, Operation::Create) => true,
        (ErrorClass::Throttled { retry_after }, Operation::Respond) => retry_after.is_some(),
        _ => false,
    }
}

/// How long to wait before a request, or a conversation, is tried once more: as long as the
/// platform asked for; else twice as long each time, with some chance in it so that many who
/// were refused at once do not come back at once.
#[must_use]
pub fn wait(class: ErrorClass, tries: u32) -> Duration {
    if let Some(asked) = class.retry_after() {
        return asked;
    }
    let doubled =
        FIRST_WAIT.saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(LONGEST_WAIT).mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_SECOND: Option<Duration> = Some(Duration::from_secs(1));

    #[test]
    fn a_message_is_repeated_only_where_it_cannot_have_been_heard() {
        use ErrorClass::{Denied, Ended, NotSent, Rejected, Throttled, Unavailable, Unknown};
        use Operation::{Close, Create, Respond};
        let cases = [
            (Respond, NotSent { retryable: true }, true),
            (Respond, NotSent { retryable: false }, false),
            (Respond, Throttled { retry_after: ONE_SECOND }, true),
            (Respond, Throttled { retry_after: None }, false),
            (Respond, Unavailable { retry_after: ONE_SECOND }, false),
            (Respond, Unavailable { retry_after: None }, false),
            (Respond, Rejected { retryable: true }, false),
            (Respond, Unknown, false),
            (Respond, Ended, false),
            (Respond, Denied, false),
            (Create, NotSent { retryable: true }, true),
            (Create, Throttled { retry_after: None }, true),
            (Create, Unavailable { retry_after: None }, true),
            (Create, Rejected { retryable: true }, false),
            (Create, Unknown, false),
            (Create, Denied, false),
            (Close, NotSent { retryable: true }, false),
        ];
        for (operation, class, expected) in cases {
            assert_eq!(may_repeat(operation, class), expected, "{operation} {class:?}");
        }
    }

    #[test]
    fn waits_follow_the_platform_or_grow_up_to_a_limit() {
        let asked = Some(Duration::from_secs(7));
        assert_eq!(wait(ErrorClass::Throttled { retry_after: asked }, 1), Duration::from_secs(7));
        for tries in 1..80 {
            let wait = wait(ErrorClass::Unavailable { retry_after: None }, tries);
            assert!(wait >= FIRST_WAIT / 2 && wait <= LONGEST_WAIT, "{tries}: {wait:?}");
        }
    }
}
