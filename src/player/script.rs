//! What is sent in a conversation, and nothing of what is expected.

use serde_json::{Map, Value};

use crate::{
    backend::{LanguageCodes, Message, Open},
    conversation::{MessageTemplate, Opening, TurnNumber},
    text::{Bindings, Template, UndefinedVariable},
};

/// What a case sends, in the order in which it is sent.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// What starts the conversation.
    pub opening: &'a Opening,
    /// The variant's id.
    pub variant_id: Option<&'a str>,
    /// What `${names}` stand for at first.
    pub attributes: &'a Bindings,
    /// The user's messages.
    pub messages: Vec<&'a MessageTemplate>,
}

impl Script<'_> {
    /// The request that starts the conversation.
    pub(super) fn open(&self, bindings: &Bindings) -> Result<Open, UndefinedVariable> {
        let attributes = self.opening.integration_attributes.as_deref();
        Ok(Open {
            integration_attributes: fill_some(attributes, bindings)?,
            variant_id: self.variant_id.map(str::to_owned),
            channel: self.opening.channel.clone(),
            languages: self.opening.languages.clone(),
        })
    }

    /// A message with every `${name}` filled in.
    ///
    /// The platform does not keep the languages of a conversation: a message without codes falls
    /// back to en-GB. So every message carries those that hold at this point; a turn's own hold
    /// from there on.
    pub(super) fn message(
        &self,
        number: TurnNumber,
        bindings: &Bindings,
        languages: &mut LanguageCodes,
    ) -> Result<Message, UndefinedVariable> {
        let template = number.index().and_then(|index| self.messages.get(index));
        let Some(template) = template else { return Ok(Message::default()) };
        let message = Message {
            text: template.text.expand(bindings)?.into_owned(),
            integration_attributes: fill_some(
                template.integration_attributes.as_deref(),
                bindings,
            )?,
            metadata: fill_some(template.metadata.as_deref(), bindings)?,
            languages: template.languages.clone().or(languages),
        };
        languages.clone_from(&message.languages);
        Ok(message)
    }
}

/// [`fill`], where there is a map.
fn fill_some(
    map: Option<&Map<String, Value>>,
    bindings: &Bindings,
) -> Result<Option<Map<String, Value>>, UndefinedVariable> {
    map.map(|map| fill(map, bindings)).transpose()
}

/// The map with every `${name}` in its texts replaced. Texts were checked when they were read.
fn fill(
    map: &Map<String, Value>,
    bindings: &Bindings,
) -> Result<Map<String, Value>, UndefinedVariable> {
    map.iter().map(|(key, value)| Ok((key.clone(), fill_value(value, bindings)?))).collect()
}

fn fill_value(value: &Value, bindings: &Bindings) -> Result<Value, UndefinedVariable> {
    Ok(match value {
        Value::String(text) => match Template::parse(text) {
            Ok(template) => Value::String(template.expand(bindings)?.into_owned()),
            Err(_) => value.clone(),
        },
        Value::Array(items) => Value::Array(
            items.iter().map(|item| fill_value(item, bindings)).collect::<Result<_, _>>()?,
        ),
        Value::Object(map) => Value::Object(fill(map, bindings)?),
        other => other.clone(),
    })
}
