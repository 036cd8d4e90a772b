//! What can go wrong on the wire: one variant per cause, each with what to do about it.

use std::time::Duration;

use crate::backend::Operation;

/// The fields of an error body. Both documented generations are read; all may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Such as `CHAT_TIMEOUT`.
    pub error_code: Option<String>,
    /// A sentence.
    pub error_message: Option<String>,
    /// The id under which the platform logged it.
    pub error_id: Option<String>,
    /// The first lines of a body of another form.
    pub excerpt: Option<String>,
}

/// Why a request failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ErrorKind {
    /// The host's name is not known.
    #[error("the name `{host}` does not resolve")]
    NameNotResolved {
        /// The host.
        host: String,
    },
    /// Nothing listens there.
    #[error("{host} refused the connection")]
    Refused {
        /// The host.
        host: String,
    },
    /// No connection within the limit.
    #[error("no connection to {host} within {limit:?}")]
    ConnectTimeout {
        /// The host.
        host: String,
        /// The limit.
        limit: Duration,
    },
    /// The certificate or the handshake was not accepted.
    #[error("no trusted TLS connection to {host}: {reason}")]
    Tls {
        /// The host.
        host: String,
        /// What was wrong.
        reason: String,
    },
    /// No connection, for another reason.
    #[error("no connection to {host}: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// What was wrong.
        reason: String,
    },
    /// The connection was lost after the request had been sent.
    #[error("the connection was lost before the answer came: {reason}")]
    Lost {
        /// What was wrong.
        reason: String,
    },
    /// No answer within the turn's limit.
    #[error("no answer within {limit:?}")]
    Timeout {
        /// The limit (`turn_timeout`).
        limit: Duration,
    },
    /// A status that is not 2xx.
    #[error("HTTP {status}{}", describe(envelope))]
    Status {
        /// The status.
        status: u16,
        /// What the body said.
        envelope: Envelope,
        /// `Retry-After`, where it was given.
        retry_after: Option<Duration>,
    },
    /// A redirect, which is never followed: the credentials would go with it.
    #[error("HTTP {status}, a redirect to {location}")]
    Redirect {
        /// The status.
        status: u16,
        /// Where to, without its query.
        location: String,
    },
    /// The body is empty.
    #[error("the answer is empty")]
    Empty,
    /// `close` was answered, but not with a success.
    #[error("the platform did not confirm it")]
    NotConfirmed,
    /// The body is not JSON.
    #[error("the answer is not JSON: {excerpt}")]
    NotJson {
        /// Its first lines.
        excerpt: String,
    },
    /// The body is JSON, but not an object.
    #[error("the answer is not a JSON object: {excerpt}")]
    NotAnObject {
        /// Its first lines.
        excerpt: String,
    },
    /// The body ends in the middle.
    #[error("the answer was cut off: {excerpt}")]
    CutOff {
        /// Its first lines.
        excerpt: String,
    },
    /// The body is larger than is read.
    #[error("the answer is larger than {} MiB", limit >> 20)]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A field that must be there is not.
    #[error("the answer has no `{field}`")]
    MissingField {
        /// The field.
        field: &'static str,
    },
    /// A field has another type than documented.
    #[error("`{field}` in the answer is {found}, not {expected}")]
    WrongType {
        /// The field.
        field: &'static str,
        /// What is documented.
        expected: &'static str,
        /// What came.
        found: &'static str,
    },
    /// The answer belongs to another conversation.
    #[error("the answer is for another conversation, `{got}`")]
    OtherConversation {
        /// The id in the answer.
        got: String,
    },
}

impl ErrorKind {
    /// What to do about it, where something can be said.
    #[must_use]
    pub fn help(&self, operation: Operation) -> Option<&'static str> {
        let create = operation == Operation::Create;
        Some(match self {
            Self::Timeout { .. } | Self::Lost { .. } | Self::CutOff { .. } | Self::Empty
                if create =>
            {
                "a conversation may have been started on the platform; its id is not known"
            }
            Self::NameNotResolved { .. } => {
                "check `region` or `base_url`, and this machine's network"
            }
            Self::Refused { .. } => "check `base_url`; is the server running?",
            Self::Tls { .. } => {
                "check `base_url`; a company proxy's certificate must be in the system's trust store"
            }
            Self::Timeout { .. } => {
                "the message may have reached the agent and is not sent again; raise `turn_timeout` if the agent is that slow"
            }
            Self::Lost { .. } | Self::CutOff { .. } | Self::Empty => {
                "the message may have reached the agent and is not sent again"
            }
            Self::Redirect { .. } => {
                "redirects are not followed, for the credentials would go along; write the final address as `base_url`"
            }
            Self::Status { status, envelope, .. } => return status_help(*status, envelope),
            Self::NotJson { .. } | Self::NotAnObject { .. } => {
                "is `base_url` the Chat API, or a page in front of it?"
            }
            Self::MissingField { .. } | Self::WrongType { .. } | Self::OtherConversation { .. } => {
                "the answer is not as documented; give the ids to PolyAI's support"
            }
            Self::TooLarge { .. } => {
                "no documented answer is that large; is `base_url` the Chat API?"
            }
            Self::ConnectTimeout { .. } | Self::Connect { .. } => {
                "check `region` or `base_url`, and this machine's network"
            }
            Self::NotConfirmed => "the conversation may still be open on the platform",
        })
    }

    /// The HTTP status, where one was received.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } | Self::Redirect { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the error body said, where there was one.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope> {
        match self {
            Self::Status { envelope, .. } => Some(envelope),
            _ => None,
        }
    }
}

fn status_help(status: u16, envelope: &Envelope) -> Option<&'static str> {
    let code = envelope.error_code.as_deref().unwrap_or_default();
    Some(match (status, code) {
        (200, "") => {
            "the answer has an error's fields and no `response`; is `base_url` the Chat API?"
        }
        (_, "CHAT_TIMEOUT") => "the platform gave the conversation up after idling; play it again",
        (_, "CHAT_DRAFT_NOT_EXIST") => {
            "nothing is published where the connector token points; publish the project first"
        }
        (_, "CHAT_DRAFT_DEPLOYMENT_FAILED") => {
            "the project could not be deployed; see its deployments in Agent Studio"
        }
        (_, "FUNCTION_EXECUTION_FAILED") => {
            "a function of the agent failed; see the conversation in Agent Studio"
        }
        (400 | 422, _) => {
            "the request was refused as it is: its fields come from the conversation file, `variant_id` from `variants` in rehearsal.toml"
        }
        (401, _) => {
            "check the API key, the connector token and `region`: a key is valid in one region only"
        }
        (403, _) => {
            "the key may not use this project; a key that was replaced lately also answers so"
        }
        (404, _) => "check `account_id`, `project_id` and `region`",
        (410, _) => {
            "the conversation is over or unknown to the platform (a token of another project answers so too)"
        }
        (429, _) => "too many requests: lower `concurrency` or set `requests_per_second`",
        (408 | 500..=599, _) => {
            "a fault of the platform or of something in front of it; if it stays, give the ids to PolyAI's support"
        }
        _ => return None,
    })
}

fn describe(envelope: &Envelope) -> String {
    let mut text = String::new();
    if let Some(code) = &envelope.error_code {
        text += &format!(" {code}");
    }
    if let Some(message) = &envelope.error_message {
        text += &format!(": {message}");
    } else if let Some(excerpt) = &envelope.excerpt {
        text += &format!(": {excerpt}");
    }
    text
}
