//! Which keys a file may hold and what each takes: the one description of the formats.

use super::node::Value;

/// What a map may hold.
#[derive(Debug)]
pub struct Shape {
    /// The name of its definition in the JSON Schema.
    pub name: &'static str,
    /// What such a map is, as a person would say it: "a turn".
    pub what: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// One key of a map.
#[derive(Debug)]
pub struct Key {
    /// The key as written.
    pub name: &'static str,
    /// What it means, for editors.
    pub doc: &'static str,
    /// What it takes.
    pub kind: ValueKind,
    /// Whether it must be there.
    pub required: bool,
}

impl Key {
    /// A key that may be left out.
    #[must_use]
    pub const fn optional(name: &'static str, kind: ValueKind, doc: &'static str) -> Self {
        Self { name, doc, kind, required: false }
    }

    /// A key that must be there.
    #[must_use]
    pub const fn required(name: &'static str, kind: ValueKind, doc: &'static str) -> Self {
        Self { name, doc, kind, required: true }
    }
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum ValueKind {
    /// Text, which may be empty.
    Text,
    /// Text that is not empty.
    SomeText,
    /// A regular expression of the `regex` crate.
    Regex,
    /// A length of time such as `5s`, `500ms` or `1m 30s`.
    Duration,
    /// `true` or `false`.
    Bool,
    /// A whole number from 1.
    Count,
    /// A whole number from 0.
    CountOrZero,
    /// A number from 0.001.
    Rate,
    /// A share such as `10%`.
    Percent,
    /// A day such as `2026-12-15`, quoted or not.
    Date,
    /// Text, a number or a boolean.
    Scalar,
    /// Anything that JSON can hold.
    Json,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of at least one.
    List(&'static ValueKind),
    /// One, or a list of at least one.
    OneOrMany(&'static ValueKind),
    /// A map with these keys.
    Map(&'static Shape),
    /// A map with names of the author's own as keys.
    Named(&'static ValueKind),
    /// One of several, told apart by text, list, map …
    Either(&'static [ValueKind]),
}

impl ValueKind {
    /// What is expected, as a person would say it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Text | Self::SomeText => "text".to_owned(),
            Self::Regex => "a regular expression".to_owned(),
            Self::Duration => "a duration such as `5s` or `500ms`".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Count => "a whole number from 1".to_owned(),
            Self::CountOrZero => "a whole number from 0".to_owned(),
            Self::Rate => "a number from 0.001".to_owned(),
            Self::Percent => "a percentage such as `10%`".to_owned(),
            Self::Date => "a date such as `2026-12-15`".to_owned(),
            Self::Scalar => "text, a number, `true` or `false`".to_owned(),
            Self::Json => "a JSON value".to_owned(),
            Self::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                words.join(" or ")
            }
            Self::List(_) => "a list".to_owned(),
            Self::OneOrMany(kind) => format!("{}, or a list of such", kind.describe()),
            Self::Map(shape) if shape.what.contains("map") => shape.what.to_owned(),
            Self::Map(shape) => format!("{} (a map)", shape.what),
            Self::Named(_) => "a map of names".to_owned(),
            Self::Either(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(Self::describe).collect();
                kinds.join("; or ")
            }
        }
    }

    pub(super) fn takes(&self, value: &Value) -> bool {
        match self {
            Self::Text | Self::SomeText | Self::Regex | Self::Duration | Self::Percent => {
                matches!(value, Value::Text(_))
            }
            Self::Word(words) => {
                matches!(value, Value::Text(text) if words.contains(&text.as_str()))
            }
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Date => {
                matches!(value, Value::Text(_) | Value::Ambiguous { lookalike: "a date", .. })
            }
            Self::Count | Self::CountOrZero | Self::Rate => matches!(value, Value::Number(_)),
            Self::Scalar => {
                matches!(value, Value::Text(_) | Value::Number(_) | Value::Bool(_))
            }
            Self::Json => !matches!(value, Value::Ambiguous { .. }),
            Self::List(_) => matches!(value, Value::List(_)),
            Self::OneOrMany(kind) => matches!(value, Value::List(_)) || kind.takes(value),
            Self::Map(_) | Self::Named(_) => matches!(value, Value::Map(_)),
            Self::Either(kinds) => kinds.iter().any(|kind| kind.takes(value)),
        }
    }
}
