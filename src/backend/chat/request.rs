//! The bodies of requests.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::backend::{Message, Open};

/// The body of `create`; every field is optional (`CreateChatRequest`).
#[derive(Clone, Debug, Default, Serialize)]
pub struct CreateBody<'a> {
    /// Readable in the agent's functions as `conv.integration_attributes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_attributes: Option<&'a Map<String, Value>>,
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
pub struct RespondBody<'a> {
    /// The conversation, from the answer to `create`.
    pub conversation_id: &'a str,
    /// What the user says. Always sent: an empty message has a meaning of its own.
    pub message: &'a str,
    /// Attributes set with this message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_attributes: Option<&'a Map<String, Value>>,
    /// Metadata of this message only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<&'a Map<String, Value>>,
    /// The language of speech recognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asr_lang_code: Option<&'a str>,
    /// The language of speech output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tts_lang_code: Option<&'a str>,
}

/// The body of `close`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CloseBody<'a> {
    /// The conversation.
    pub conversation_id: &'a str,
}

impl<'a> From<&'a Open> for CreateBody<'a> {
    fn from(open: &'a Open) -> Self {
        Self {
            integration_attributes: open.integration_attributes.as_ref(),
            variant_id: open.variant_id.as_deref(),
            channel: open.channel.as_deref(),
            asr_lang_code: open.languages.asr.as_deref(),
            tts_lang_code: open.languages.tts.as_deref(),
        }
    }
}

impl<'a> RespondBody<'a> {
    /// The body for a message in a conversation.
    pub fn new(conversation_id: &'a str, message: &'a Message) -> Self {
        Self {
            conversation_id,
            message: &message.text,
            integration_attributes: message.integration_attributes.as_ref(),
            metadata: message.metadata.as_ref(),
            asr_lang_code: message.languages.asr.as_deref(),
            tts_lang_code: message.languages.tts.as_deref(),
        }
    }
}
