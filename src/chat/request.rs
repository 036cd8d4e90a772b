//! What is sent.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One of the three operations of the Chat API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `POST …/chat/create`
    Create,
    /// `POST …/chat/respond`
    Respond,
    /// `PUT …/chat/close`
    Close,
}

impl Operation {
    /// The last segment of the path.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Respond => "respond",
            Self::Close => "close",
        }
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(self) -> &'static str {
        match self {
            Self::Create | Self::Respond => "POST",
            Self::Close => "PUT",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A new id for a request, which PolyAI's support finds it by (`X-PolyAI-Correlation-Id`).
#[must_use]
pub fn correlation_id() -> String {
    format!("rehearsal-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}

/// The body of `create`; every field is optional (`CreateChatRequest`).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Create<'a> {
    /// Readable in the agent's functions as `conv.integration_attributes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_attributes: Option<Map<String, Value>>,
    /// The variant, by id or name; it cannot be changed after the conversation starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<&'a str>,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<&'a str>,
    /// The language of speech recognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asr_lang_code: Option<&'a str>,
    /// The language of speech output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tts_lang_code: Option<&'a str>,
}

/// The body of `respond` (`RespondChatRequest`, and the fields its page describes beside it).
#[derive(Clone, Debug, Serialize)]
pub struct Respond<'a> {
    /// The conversation, from the answer to `create`.
    pub conversation_id: &'a str,
    /// What the user says. Always sent: an empty message has a meaning of its own.
    pub message: Cow<'a, str>,
    /// Attributes set with this message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_attributes: Option<Map<String, Value>>,
    /// Metadata of this message only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// The language of speech recognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asr_lang_code: Option<&'a str>,
    /// The language of speech output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tts_lang_code: Option<&'a str>,
}

/// The body of `close`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Close<'a> {
    /// The conversation.
    pub conversation_id: &'a str,
}
