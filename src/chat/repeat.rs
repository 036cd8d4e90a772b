//! When a request may be sent again.

use super::{ErrorKind, Operation};

impl ErrorKind {
    /// Whether a request that failed like this may be sent again within its conversation.
    ///
    /// `create` may, where the platform was not reached or was too busy: at worst a conversation
    /// is left over, which counts as one that may be open. `respond` has no idempotency key, so it
    /// may only where the agent cannot have heard it: nothing was sent, or the platform limits the
    /// rate and named a time to come back. A 503 says no such thing, even with `Retry-After`: a
    /// gateway may answer it after the agent has heard the message.
    #[must_use]
    pub fn may_be_sent_again(&self, operation: Operation) -> bool {
        if self.never_sent() {
            return !matches!(self, Self::Tls { .. } | Self::NameNotResolved { .. });
        }
        let Self::Status { status, retry_after, .. } = self else { return false };
        match operation {
            Operation::Create => matches!(status, 429 | 502 | 503 | 504),
            Operation::Respond => *status == 429 && retry_after.is_some(),
            // The end of the run tries once more.
            Operation::Close => false,
        }
    }

    /// Whether the platform asks for fewer requests.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.status() == Some(429)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            (Respond, &status(503, Some(1)), false),
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
            assert_eq!(kind.may_be_sent_again(operation), expected, "{operation} {kind}");
        }
    }
}
