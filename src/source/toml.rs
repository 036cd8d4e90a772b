//! TOML as a [`Node`] tree.

use std::sync::Arc;

use serde_json::Number;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    diagnostic::{Diagnostic, Problems},
    file::SourceFile,
    node::{MapEntry, Node, Span, Value},
};

/// Reads a TOML file; every syntax error is reported, and then nothing is returned.
pub fn parse(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    let failed = !errors.is_empty();
    for error in errors {
        let span =
            error.span().map_or_else(Span::default, |range| Span::new(range.start, range.end));
        problems.push(
            Diagnostic::error(file, span, "this is not valid TOML").label(error.message().trim()),
        );
    }
    let span = Span::new(0, file.text.len());
    (!failed).then(|| Node { span, value: map(table.get_ref()) })
}

fn map(table: &DeTable<'_>) -> Value {
    let entries = table.iter().map(|(key, value)| MapEntry {
        key: key.get_ref().to_string(),
        key_span: Span::new(key.span().start, key.span().end),
        node: node(value),
    });
    Value::Map(entries.collect())
}

/// A number that JSON cannot hold, such as `inf`.
fn number_like(number: &impl ToString) -> Value {
    Value::Ambiguous { text: number.to_string(), lookalike: "a number that is too large" }
}

fn node(value: &Spanned<DeValue<'_>>) -> Node {
    let span = Span::new(value.span().start, value.span().end);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or_else(|_| number_like(integer), |number| Value::Number(number.into())),
        DeValue::Float(float) => float
            .as_str()
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or_else(|| number_like(float), Value::Number),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(date) => Value::Ambiguous { text: date.to_string(), lookalike: "a date" },
        DeValue::Array(items) => Value::List(items.iter().map(node).collect()),
        DeValue::Table(table) => map(table),
    };
    Node { span, value }
}
