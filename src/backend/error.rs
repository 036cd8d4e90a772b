//! Why a request failed, and what may be done next.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::Request;

/// What a backend was asked to do, by the names that the platform uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Start a conversation.
    Create,
    /// Send a message.
    Respond,
    /// End a conversation.
    Close,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Respond => "respond",
            Self::Close => "close",
        })
    }
}

/// What a failed request means for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "class", rename_all = "snake_case")]
pub enum ErrorClass {
    /// Nothing of it can have reached the agent.
    NotSent {
        /// Whether it may go better at once: not where a name does not resolve.
        retryable: bool,
    },
    /// The platform refused it because there were too many; the agent has not heard it.
    Throttled {
        /// How long the platform asks to wait, where it says so.
        #[serde(default, with = "optional_ms", rename = "retry_after_ms")]
        retry_after: Option<Duration>,
    },
    /// Something in front of the agent could not pass it on, or says so: it may have been heard.
    Unavailable {
        /// How long the platform asks to wait, where it says so.
        #[serde(default, with = "optional_ms", rename = "retry_after_ms")]
        retry_after: Option<Duration>,
    },
    /// The credentials were refused: nothing else will go better in this environment.
    Denied,
    /// The platform refused to do it, and has not done it.
    Rejected {
        /// Whether playing the conversation once more could go better: not where the request
        /// itself is wrong.
        retryable: bool,
    },
    /// The conversation is over, or unknown.
    Ended,
    /// No usable answer came: it may have been heard.
    Unknown,
}

impl ErrorClass {
    /// Whether the agent may have heard the request.
    #[must_use]
    pub fn may_have_been_heard(self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unknown)
    }

    /// Whether playing the whole conversation once more could go better.
    #[must_use]
    pub fn may_pass_in_another_attempt(self) -> bool {
        !matches!(self, Self::Denied | Self::Rejected { retryable: false } | Self::Ended)
    }

    /// How long the platform asks to wait.
    #[must_use]
    pub fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } | Self::Unavailable { retry_after } => retry_after,
            _ => None,
        }
    }
}

/// A request that was not answered as documented. The conversation could not be played to its
/// end; this says nothing about the agent's words.
///
/// Callers decide by [`class`](Self::class) alone; everything else is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendError {
    /// What may be done next.
    #[serde(flatten)]
    pub class: ErrorClass,
    /// What kind of fault it was, in one word or two: errors of the same cause count together.
    pub cause: String,
    /// What happened, in one line, without the request.
    pub what: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The operation.
    pub operation: Operation,
    /// The request, as `POST /v1/…`.
    pub endpoint: String,
    /// The HTTP status of the answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The platform's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The platform's sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The id under which the platform logged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_id: Option<String>,
    /// The id that the request carried.
    pub correlation_id: String,
    /// What was sent.
    pub request: Request,
    /// The conversation that an answer to `create` named although it was no usable answer.
    #[serde(skip)]
    pub conversation_id: Option<String>,
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.endpoint, self.what)
    }
}

impl std::error::Error for BackendError {}

/// A duration that may be missing, in whole milliseconds.
mod optional_ms {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands fields over by reference")]
    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(|duration| duration.as_millis()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}
