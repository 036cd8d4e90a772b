//! What is sent to an agent, in terms that no API owns.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{
    Map, Value,
    value::{RawValue, to_raw_value},
};

/// How a conversation is started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Open {
    /// Attributes of the caller, readable in the agent's functions.
    pub integration_attributes: Option<Map<String, Value>>,
    /// The variant, by id or name.
    pub variant_id: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The languages of the conversation.
    pub languages: LanguageCodes,
}

/// One message of the user.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// What the user says. An empty message means something to the platform, and is sent.
    pub text: String,
    /// Attributes set with this message.
    pub integration_attributes: Option<Map<String, Value>>,
    /// Metadata of this message only.
    pub metadata: Option<Map<String, Value>>,
    /// The languages of this message.
    pub languages: LanguageCodes,
}

/// The language codes of a conversation or a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanguageCodes {
    /// `asr_lang_code`, of speech recognition.
    pub asr: Option<String>,
    /// `tts_lang_code`, of speech output.
    pub tts: Option<String>,
}

impl LanguageCodes {
    /// These codes, each by itself instead of what is not given.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        Self {
            asr: self.asr.or_else(|| others.asr.clone()),
            tts: self.tts.or_else(|| others.tts.clone()),
        }
    }
}

/// A request that was sent, as it can be shown and repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Where it was sent with `POST`; `None` where nothing answers there after the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Arc<str>>,
    /// The body.
    pub body: JsonText,
}

/// A header that signs requests, and the environment variable that holds its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Auth {
    /// The header's name.
    pub header: String,
    /// The variable's name.
    pub variable: String,
}

/// A JSON document as text: written into other JSON as it is, not as a string.
#[derive(Clone)]
pub struct JsonText(Arc<RawValue>);

impl JsonText {
    /// The JSON of a value.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        // Requests are made of maps with text keys, which JSON can always hold.
        to_raw_value(value).map_or_else(|_| Self::default(), |raw| Self(raw.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl Default for JsonText {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned().into())
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonText {}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    /// By way of a value: below a flattened field there is no text left to borrow from.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self::of(&value))
    }
}
