//! From what went wrong on the wire to what may be done next: the one place where an HTTP status
//! decides anything.

use super::ErrorKind;
use crate::backend::ErrorClass;

/// The class of an error. `docs/faults.md` shows what follows from it.
pub(super) fn class(kind: &ErrorKind) -> ErrorClass {
    match kind {
        // A name that does not resolve, or a certificate that is not trusted, will not be better
        // a moment later.
        ErrorKind::NameNotResolved { .. } | ErrorKind::Tls { .. } => {
            ErrorClass::NotSent { retryable: false }
        }
        ErrorKind::Refused { .. }
        | ErrorKind::ConnectTimeout { .. }
        | ErrorKind::Connect { .. } => ErrorClass::NotSent { retryable: true },
        ErrorKind::Status { status, envelope, retry_after } => {
            let code = envelope.error_code.as_deref();
            match status {
                401 | 403 => ErrorClass::Denied,
                429 => ErrorClass::Throttled { retry_after: *retry_after },
                // A gateway may say so after the agent has heard the message.
                502..=504 => ErrorClass::Unavailable { retry_after: *retry_after },
                410 => ErrorClass::Ended,
                // The platform gave an idle conversation up: nothing was wrong with the request.
                400 if code == Some("CHAT_TIMEOUT") => ErrorClass::Rejected { retryable: true },
                400 | 404 | 422 => ErrorClass::Rejected { retryable: false },
                200 | 500..=599 => ErrorClass::Unknown,
                _ => ErrorClass::Rejected { retryable: true },
            }
        }
        ErrorKind::Redirect { .. } => ErrorClass::Rejected { retryable: false },
        _ => ErrorClass::Unknown,
    }
}

/// The kind of an error in a word or two, by which errors of one cause are counted together.
pub(super) fn cause(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::NameNotResolved { .. } => "name not resolved",
        ErrorKind::Refused { .. } => "connection refused",
        ErrorKind::ConnectTimeout { .. } => "connect timeout",
        ErrorKind::Tls { .. } => "tls",
        ErrorKind::Connect { .. } => "connect",
        ErrorKind::Lost { .. } => "connection lost",
        ErrorKind::Timeout { .. } => "timeout",
        ErrorKind::Status { status, .. } => return format!("status {status}"),
        ErrorKind::Redirect { .. } => "redirect",
        ErrorKind::Empty => "empty answer",
        ErrorKind::NotConfirmed => "not confirmed",
        ErrorKind::NotJson { .. } => "not JSON",
        ErrorKind::NotAnObject { .. } => "not an object",
        ErrorKind::CutOff { .. } => "cut off",
        ErrorKind::TooLarge { .. } => "too large",
        ErrorKind::MissingField { .. } => "missing field",
        ErrorKind::WrongType { .. } => "wrong type",
        ErrorKind::OtherConversation { .. } => "other conversation",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::backend::wire::Envelope;

    fn status(status: u16, code: Option<&str>) -> ErrorClass {
        let envelope = Envelope { error_code: code.map(str::to_owned), ..Envelope::default() };
        let retry_after = Some(Duration::from_secs(1));
        class(&ErrorKind::Status { status, envelope, retry_after })
    }

    #[test]
    fn statuses_say_what_may_be_done_next() {
        let retry_after = Some(Duration::from_secs(1));
        let classes = [
            (401, None, ErrorClass::Denied),
            (403, None, ErrorClass::Denied),
            (429, None, ErrorClass::Throttled { retry_after }),
            (503, None, ErrorClass::Unavailable { retry_after }),
            (500, None, ErrorClass::Unknown),
            (410, None, ErrorClass::Ended),
            (404, None, ErrorClass::Rejected { retryable: false }),
            (422, None, ErrorClass::Rejected { retryable: false }),
            (400, None, ErrorClass::Rejected { retryable: false }),
            (400, Some("CHAT_TIMEOUT"), ErrorClass::Rejected { retryable: true }),
            (409, None, ErrorClass::Rejected { retryable: true }),
        ];
        for (number, code, expected) in classes {
            assert_eq!(status(number, code), expected, "{number} {code:?}");
        }
    }

    #[test]
    fn what_was_never_sent_is_told_from_what_may_have_been_heard() {
        let refused = ErrorKind::Refused { host: "h".into() };
        assert_eq!(class(&refused), ErrorClass::NotSent { retryable: true });
        let lost = ErrorKind::Lost { reason: "reset".into() };
        assert!(class(&lost).may_have_been_heard());
        assert!(class(&ErrorKind::Empty).may_have_been_heard());
    }
}
