//! Filling in what `${names}` stand for, before something is sent.

use serde_json::{Map, Value};

use crate::{
    chat::Create,
    plan::Script,
    text::{Bindings, Template, Unbound},
};

/// The body of `create`.
pub(super) fn create<'a>(script: &Script<'a>, bindings: &Bindings) -> Result<Create<'a>, Unbound> {
    let conversation = script.conversation;
    Ok(Create {
        integration_attributes: fill_some(
            conversation.integration_attributes.as_deref(),
            bindings,
        )?,
        variant_id: script.variant_id,
        channel: conversation.channel.as_deref(),
        asr_lang_code: conversation.languages.asr.as_deref(),
        tts_lang_code: conversation.languages.tts.as_deref(),
    })
}

/// [`fill`], where there is a map.
pub(super) fn fill_some(
    map: Option<&Map<String, Value>>,
    bindings: &Bindings,
) -> Result<Option<Map<String, Value>>, Unbound> {
    map.map(|map| fill(map, bindings)).transpose()
}

/// The map with every `${name}` in its texts replaced. Texts were checked when they were read.
fn fill(map: &Map<String, Value>, bindings: &Bindings) -> Result<Map<String, Value>, Unbound> {
    map.iter().map(|(key, value)| Ok((key.clone(), fill_value(value, bindings)?))).collect()
}

fn fill_value(value: &Value, bindings: &Bindings) -> Result<Value, Unbound> {
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
