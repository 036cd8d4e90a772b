//! JSON Schemas for editors, from the same [`Shape`]s that files are compared with.

use serde_json::{Map, Value, json};

use super::shape::{Shape, ValueKind};

/// The JSON Schema (draft 2020-12) of a file of this shape.
#[must_use]
pub fn schema(shape: &'static Shape, title: &str) -> Value {
    let mut definitions = Map::new();
    let mut root = object(shape, &mut definitions);
    if let Value::Object(fields) = &mut root {
        fields.shift_insert(
            0,
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        fields.shift_insert(1, "title".into(), json!(title));
        definitions.sort_keys();
        fields.insert("$defs".into(), Value::Object(definitions));
    }
    root
}

fn object(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in shape.keys {
        let mut value = kind(&key.kind, definitions);
        if let Value::Object(fields) = &mut value {
            fields.shift_insert(0, "description".into(), json!(key.doc));
        }
        properties.insert(key.name.into(), value);
    }
    let required: Vec<&str> =
        shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut value =
        json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        value["required"] = json!(required);
    }
    value
}

fn kind(of: &ValueKind, definitions: &mut Map<String, Value>) -> Value {
    match of {
        ValueKind::Text => json!({ "type": "string" }),
        ValueKind::SomeText => json!({ "type": "string", "minLength": 1 }),
        ValueKind::Regex => json!({ "type": "string", "minLength": 1 }),
        ValueKind::Duration => json!({ "type": "string", "examples": ["5s", "500ms", "1m 30s"] }),
        ValueKind::Bool => json!({ "type": "boolean" }),
        ValueKind::Count => json!({ "type": "integer", "minimum": 1 }),
        ValueKind::CountOrZero => json!({ "type": "integer", "minimum": 0 }),
        ValueKind::Percent => {
            json!({ "type": "string", "pattern": "^[0-9.]+ *%$", "examples": ["10%"] })
        }
        ValueKind::Date => {
            json!({ "type": "string", "format": "date", "examples": ["2026-12-15"] })
        }
        ValueKind::Rate => json!({ "type": "number", "minimum": 0.001, "maximum": 1_000_000 }),
        ValueKind::Scalar => json!({ "type": ["string", "number", "boolean"] }),
        ValueKind::Json => json!({}),
        ValueKind::Word(words) => json!({ "enum": words }),
        ValueKind::List(item) => {
            json!({ "type": "array", "minItems": 1, "items": kind(item, definitions) })
        }
        ValueKind::OneOrMany(item) => {
            let one = kind(item, definitions);
            json!({ "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
        }
        ValueKind::Map(shape) => reference(shape, definitions),
        ValueKind::Named(item) => {
            json!({ "type": "object", "additionalProperties": kind(item, definitions) })
        }
        ValueKind::Either(kinds) => {
            let kinds: Vec<Value> = kinds.iter().map(|one| kind(one, definitions)).collect();
            json!({ "anyOf": kinds })
        }
    }
}

fn reference(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(shape.name) {
        definitions.insert(shape.name.into(), Value::Null);
        let definition = object(shape, definitions);
        definitions.insert(shape.name.into(), definition);
    }
    json!({ "$ref": format!("#/$defs/{}", shape.name) })
}
