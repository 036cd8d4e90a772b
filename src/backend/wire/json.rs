//! Reading what came as JSON, whatever it is.

use serde_json::{Map, Value};

use super::ErrorKind;

/// The fields of an answer.
///
/// # Errors
/// When the body is not a JSON object.
pub(in crate::backend) fn object(body: &[u8]) -> Result<Map<String, Value>, ErrorKind> {
    match parse_json(body)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(ErrorKind::NotAnObject { excerpt: excerpt(body) }),
    }
}

/// Whether an object has fields of an error body: the platform's, or a gateway's `message`.
pub(in crate::backend) fn is_error(fields: &Map<String, Value>) -> bool {
    const FIELDS: [&str; 5] = ["error_code", "error_message", "error_id", "error", "message"];
    let is_set = |field| fields.get(field).is_some_and(|value| !value.is_null());
    fields.get("success") == Some(&Value::Bool(false)) || FIELDS.into_iter().any(is_set)
}

/// Reads JSON. Half of a surrogate pair, which no text can hold, becomes U+FFFD.
fn parse_json(body: &[u8]) -> Result<Value, ErrorKind> {
    if body.is_empty() {
        return Err(ErrorKind::Empty);
    }
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    serde_json::from_slice(&without_lone_surrogates(body)).map_err(|error| {
        if error.is_eof() {
            ErrorKind::CutOff { excerpt: excerpt(body) }
        } else {
            ErrorKind::NotJson { excerpt: excerpt(body) }
        }
    })
}

fn without_lone_surrogates(body: &[u8]) -> Vec<u8> {
    let mut mended = body.to_vec();
    let mut at = 0;
    while at + 1 < mended.len() {
        if mended[at] != b'\\' {
            at += 1;
            continue;
        }
        match surrogate(&mended, at) {
            Some(0xd800..=0xdbff)
                if matches!(surrogate(&mended, at + 6), Some(0xdc00..=0xdfff)) =>
            {
                at += 12
            }
            Some(0xd800..=0xdfff) => {
                mended[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            _ => at += 2,
        }
    }
    mended
}

/// The code unit of a `\uXXXX` that starts at `at`.
fn surrogate(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A field that is text; `null` means absent.
///
/// # Errors
/// When it is something else.
pub(in crate::backend) fn text<'a>(
    fields: &'a Map<String, Value>,
    field: &'static str,
) -> Result<Option<&'a str>, ErrorKind> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(ErrorKind::WrongType { field, expected: "text", found: kind_of(other) }),
    }
}

/// A field that is true or false; `null` means absent.
///
/// # Errors
/// When it is something else.
pub(in crate::backend) fn boolean(
    fields: &Map<String, Value>,
    field: &'static str,
) -> Result<Option<bool>, ErrorKind> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(other) => {
            Err(ErrorKind::WrongType { field, expected: "true or false", found: kind_of(other) })
        }
    }
}

/// What kind of value came, in words.
pub(in crate::backend) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The first lines of a foreign body, for messages.
pub(in crate::backend) fn excerpt(body: &[u8]) -> String {
    const MOST: usize = 240;
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * MOST)]);
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect();
    let joined = lines.join(" ");
    let mut short: String = joined.chars().take(MOST).collect();
    if short.len() < joined.len() || text.len() < body.len() {
        short.push('…');
    }
    short
}
