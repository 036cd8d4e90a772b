//! A parsed file as a tree in which every value knows its place.

use std::{collections::BTreeMap, ops::Range};

use serde_json::Number;

/// A range of bytes in a file's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`, in bytes.
    ///
    /// Files are limited to far less than 4 GiB (see [`super::file::MAX_BYTES`]), so the
    /// saturation is never reached by a file that was read.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clip = |byte| u32::try_from(byte).unwrap_or(u32::MAX);
        Self { start: clip(start), end: clip(end.max(start)) }
    }

    /// The span as a range for slicing the file's text.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value stands, without surrounding space.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as JSON can hold it; [`Node::scalar_text`] has it as it was written.
    Number(Number),
    /// Unquoted text that YAML readers take for something else, such as `2024-05-01` or `yes`.
    Ambiguous {
        /// The text as written.
        text: String,
        /// What a reader may take it for, such as "a date".
        lookalike: &'static str,
    },
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<MapEntry>),
}

/// One key of a map and its value.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

impl Value {
    /// The kind of value, as a person would name it: "a list", "a number" …
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Ambiguous { lookalike, .. } => lookalike,
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

impl Node {
    /// The value of a key of this map; `None` when the key is absent or this is not a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The entries of a map; nothing for other values.
    #[must_use]
    pub fn entries(&self) -> &[MapEntry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; nothing for other values.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the node itself where one may stand for a list of one.
    #[must_use]
    pub fn one_or_many(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The text, where this is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, also where it stands without the quotes that make it text.
    #[must_use]
    pub fn plain_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Ambiguous { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The boolean, where this is one.
    #[must_use]
    pub fn bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number as a float, where this is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The number as a count, where this is a whole number that is not negative.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match &self.value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// A scalar as the text it was written as: `12.50` stays `12.50`. `source` is the file's text.
    #[must_use]
    pub fn scalar_text(&self, source: &str) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => source.get(self.span.range()).map(str::to_owned),
            _ => None,
        }
    }

    /// The scalars of a map as [`Node::scalar_text`] has them; anything else is left empty.
    #[must_use]
    pub fn texts(&self, source: &str) -> BTreeMap<String, String> {
        let text = |entry: &MapEntry| entry.node.scalar_text(source).unwrap_or_default();
        self.entries().iter().map(|entry| (entry.key.clone(), text(entry))).collect()
    }

    /// The value as JSON, types kept. Ambiguous text, which `conform` refuses, becomes text.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.clone()),
            Value::Ambiguous { text, .. } | Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(_) => Json::Object(self.to_json_map()),
        }
    }

    /// The entries of a map as a JSON object, types kept; empty for other values.
    #[must_use]
    pub fn to_json_map(&self) -> serde_json::Map<String, serde_json::Value> {
        self.entries().iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect()
    }
}
