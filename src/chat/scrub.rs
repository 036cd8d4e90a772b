//! Keeping credentials out of everything that is made of an answer.

use secrecy::{ExposeSecret, SecretString};

use super::{Credentials, Envelope, ErrorKind, Reply};

/// What stands in the place of a credential that came back in an answer.
const SCRUBBED: &str = "[credential]";

/// Credentials shorter than this are not looked for: they would be found in ordinary words.
const SHORTEST: usize = 8;

/// Knows the credentials of a client, and takes them out of texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Scrubber {
    secrets: Vec<SecretString>,
}

impl Scrubber {
    pub fn new(credentials: &Credentials) -> Self {
        let secrets = [&credentials.api_key, &credentials.token];
        let long = secrets.into_iter().filter(|secret| secret.expose_secret().len() >= SHORTEST);
        Self { secrets: long.cloned().collect() }
    }

    /// The text without any credential.
    pub fn text(&self, text: String) -> String {
        let found = |secret: &&SecretString| text.contains(secret.expose_secret());
        match self.secrets.iter().find(found) {
            Some(secret) => self.text(text.replace(secret.expose_secret(), SCRUBBED)),
            None => text,
        }
    }

    pub fn reply(&self, mut reply: Reply) -> Reply {
        reply.response = self.text(reply.response);
        if let Some(handoff) = &mut reply.handoff {
            handoff.destination = handoff.destination.take().map(|text| self.text(text));
            handoff.reason = handoff.reason.take().map(|text| self.text(text));
        }
        reply
    }

    pub fn error(&self, kind: ErrorKind) -> ErrorKind {
        let text = |excerpt| self.text(excerpt);
        match kind {
            ErrorKind::Status { status, envelope, retry_after } => {
                ErrorKind::Status { status, envelope: self.envelope(envelope), retry_after }
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

    fn envelope(&self, envelope: Envelope) -> Envelope {
        let text = |field: Option<String>| field.map(|text| self.text(text));
        Envelope {
            error_code: text(envelope.error_code),
            error_message: text(envelope.error_message),
            error_id: text(envelope.error_id),
            excerpt: text(envelope.excerpt),
        }
    }
}
