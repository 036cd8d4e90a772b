//! What is received.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::ErrorKind;
use crate::backend::{Handoff, Operation};

/// The answer to `create` or `respond`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The conversation.
    pub conversation_id: String,
    /// What the agent says; on `create`, its greeting.
    pub response: String,
    /// Whether the agent ended the conversation.
    pub end_conversation: bool,
    /// The handoff, if there is one.
    pub handoff: Option<Handoff>,
    /// Departures from the documented answer that were tolerated.
    pub notes: Vec<Cow<'static, str>>,
}

impl Reply {
    /// Reads an answer. Unknown fields are ignored; `null`, and `""` within a handoff, mean absent.
    ///
    /// # Errors
    /// When the body is not a JSON object, a field has another type, `create` gives no id, or what
    /// is documented is not there: neither `response` nor `end_conversation`, or an error's fields
    /// in the place of `response`.
    pub fn parse(operation: Operation, body: &[u8]) -> Result<Self, ErrorKind> {
        let Value::Object(fields) = parse_json(body)? else {
            return Err(ErrorKind::NotAnObject { excerpt: excerpt(body) });
        };
        let response = text(&fields, "response")?;
        if response.is_none() && is_error(&fields) {
            let envelope = super::failure::envelope(body);
            return Err(ErrorKind::Status { status: 200, envelope, retry_after: None });
        }
        let end_conversation = boolean(&fields, "end_conversation")?;
        let mut notes = Vec::new();
        let conversation_id = text(&fields, "conversation_id")?.unwrap_or_default().to_owned();
        if conversation_id.is_empty() {
            if operation == Operation::Create {
                return Err(ErrorKind::MissingField { field: "conversation_id" });
            }
            notes.push("the answer held no conversation_id".into());
        }
        if response.is_none() && end_conversation.is_none() {
            return Err(ErrorKind::MissingField { field: "response" });
        }
        if response.is_none() {
            notes.push("the answer held no response; read as empty".into());
        }
        if end_conversation.is_none() && operation == Operation::Respond {
            notes.push("the answer held no end_conversation; read as false".into());
        }
        Ok(Self {
            conversation_id,
            response: response.unwrap_or_default().to_owned(),
            end_conversation: end_conversation.unwrap_or(false),
            handoff: handoff(&fields)?,
            notes,
        })
    }
}

impl Reply {
    /// The id in an answer that is not as documented otherwise.
    pub(super) fn conversation_id(body: &[u8]) -> Option<String> {
        let value = parse_json(body).ok()?;
        let id = value.get("conversation_id")?.as_str()?;
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// Whether the answer to `close` says that it did not succeed.
    pub(super) fn denies_success(body: &[u8]) -> bool {
        serde_json::from_slice::<Value>(body)
            .is_ok_and(|body| body["success"] == Value::Bool(false))
    }
}

/// Whether an object has fields of an error body: the platform's, or a gateway's `message`.
fn is_error(fields: &Map<String, Value>) -> bool {
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

fn text<'a>(
    fields: &'a Map<String, Value>,
    field: &'static str,
) -> Result<Option<&'a str>, ErrorKind> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(ErrorKind::WrongType { field, expected: "text", found: kind_of(other) }),
    }
}

fn boolean(fields: &Map<String, Value>, field: &'static str) -> Result<Option<bool>, ErrorKind> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(other) => {
            Err(ErrorKind::WrongType { field, expected: "true or false", found: kind_of(other) })
        }
    }
}

fn handoff(fields: &Map<String, Value>) -> Result<Option<Handoff>, ErrorKind> {
    let fields = match fields.get("handoff") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(fields)) => fields,
        Some(other) => {
            return Err(ErrorKind::WrongType {
                field: "handoff",
                expected: "an object",
                found: kind_of(other),
            });
        }
    };
    let field = |name| Ok(text(fields, name)?.filter(|text| !text.is_empty()).map(str::to_owned));
    Ok(Some(Handoff { destination: field("destination")?, reason: field("reason")? }))
}

fn kind_of(value: &Value) -> &'static str {
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
pub(super) fn excerpt(body: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(body: &str) -> Result<Reply, ErrorKind> {
        Reply::parse(Operation::Respond, body.as_bytes())
    }

    #[test]
    fn null_and_empty_fields_of_a_handoff_are_absent() {
        let reply = respond(r#"{"response":"x","handoff":{"destination":"","reason":null}}"#);
        assert_eq!(reply.expect("a reply").handoff, Some(Handoff::default()));
        let reply = respond(r#"{"response":"x","handoff":null}"#);
        assert_eq!(reply.expect("a reply").handoff, None);
    }

    #[test]
    fn a_missing_response_is_empty_and_noted() {
        let reply = respond(
            r#"{"conversation_id":"c","response":null,"end_conversation":false,"extra":1}"#,
        );
        let reply = reply.expect("a reply");
        assert_eq!((reply.response.as_str(), reply.notes.len()), ("", 1));
    }

    #[test]
    fn a_body_without_the_documented_fields_is_no_answer() {
        for body in ["{}", r#"{"conversation_id":"c"}"#, r#"{"response":null}"#] {
            let missing = ErrorKind::MissingField { field: "response" };
            assert_eq!(respond(body).unwrap_err().to_string(), missing.to_string(), "{body}");
        }
        for body in [
            r#"{"message":"no Route matched with those values"}"#,
            r#"{"error_code":"CHAT_TIMEOUT","end_conversation":false}"#,
            r#"{"success":false,"response":null,"end_conversation":true}"#,
        ] {
            for operation in [Operation::Create, Operation::Respond] {
                let error = Reply::parse(operation, body.as_bytes()).unwrap_err();
                assert_eq!(error.status(), Some(200), "{body}");
            }
        }
        let reply = respond(r#"{"response":"x","error_code":null,"message":"kept"}"#);
        assert_eq!(reply.expect("a reply").response, "x");
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_a_whole_one_kept() {
        let reply = respond(r#"{"response":"a \ud83d b \ud83d\ude00 \\ud83d"}"#).expect("a reply");
        assert_eq!(reply.response, "a \u{fffd} b 😀 \\ud83d");
    }

    #[test]
    fn bodies_that_are_no_answer_are_told_apart() {
        assert!(matches!(respond("<html>"), Err(ErrorKind::NotJson { .. })));
        assert!(matches!(respond("{\"response\": \"cut"), Err(ErrorKind::CutOff { .. })));
        assert!(matches!(respond("[]"), Err(ErrorKind::NotAnObject { .. })));
        assert!(matches!(
            respond(r#"{"response": 5}"#),
            Err(ErrorKind::WrongType { field: "response", .. })
        ));
        let create = Reply::parse(Operation::Create, b"{\"response\": \"hi\"}");
        assert!(matches!(create, Err(ErrorKind::MissingField { field: "conversation_id" })));
    }
}
