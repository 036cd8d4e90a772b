//! Keeping credentials out of everything that is made of an answer.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::{Envelope, ErrorKind};
use crate::text::Scrubber;

/// The error without any credential in what is shown of the answer.
pub(in crate::backend) fn error(scrubber: &Scrubber, kind: ErrorKind) -> ErrorKind {
    let text = |excerpt| text(scrubber, excerpt);
    match kind {
        ErrorKind::Status { status, envelope, retry_after } => {
            let envelope = Envelope {
                error_code: field(scrubber, envelope.error_code),
                error_message: field(scrubber, envelope.error_message),
                error_id: field(scrubber, envelope.error_id),
                excerpt: field(scrubber, envelope.excerpt),
            };
            ErrorKind::Status { status, envelope, retry_after }
        }
        ErrorKind::Redirect { status, location } => {
            ErrorKind::Redirect { status, location: text(location) }
        }
        ErrorKind::NotJson { excerpt } => ErrorKind::NotJson { excerpt: text(excerpt) },
        ErrorKind::NotAnObject { excerpt } => ErrorKind::NotAnObject { excerpt: text(excerpt) },
        ErrorKind::CutOff { excerpt } => ErrorKind::CutOff { excerpt: text(excerpt) },
        ErrorKind::OtherConversation { got } => ErrorKind::OtherConversation { got: text(got) },
        other => other,
    }
}

/// A body without any credential, before an excerpt could cut one in two.
pub(in crate::backend) fn bytes(scrubber: &Scrubber, body: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&body) else { return body };
    let Cow::Owned(scrubbed) = scrubber.scrub(text) else { return body };
    let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    // A short credential may look like a number.
    if is_json(text) && !is_json(&scrubbed) {
        return scrubber.scrub_json(text).into_owned().into_bytes();
    }
    scrubbed.into_bytes()
}

/// A field without any credential.
pub(in crate::backend) fn field(scrubber: &Scrubber, field: Option<String>) -> Option<String> {
    field.map(|field| text(scrubber, field))
}

/// A text without any credential.
pub(in crate::backend) fn text(scrubber: &Scrubber, text: String) -> String {
    match scrubber.scrub(&text) {
        Cow::Owned(scrubbed) => scrubbed,
        Cow::Borrowed(_) => text,
    }
}
