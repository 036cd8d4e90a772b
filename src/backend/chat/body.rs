//! What is received.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    backend::{
        Handoff, Operation,
        wire::{
            self, ErrorKind,
            json::{boolean, is_error, kind_of, object, text},
        },
    },
    text::Scrubber,
};

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
        let fields = object(body)?;
        let response = text(&fields, "response")?;
        if response.is_none() && is_error(&fields) {
            let envelope = wire::envelope(body);
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
    /// The same without any credential in what the agent said.
    pub(super) fn scrubbed(mut self, scrubber: &Scrubber) -> Self {
        self.response = wire::scrub::text(scrubber, self.response);
        self.handoff = self.handoff.map(|handoff| Handoff {
            destination: wire::scrub::field(scrubber, handoff.destination),
            reason: wire::scrub::field(scrubber, handoff.reason),
        });
        self
    }

    /// The id in an answer that is not as documented otherwise.
    pub(super) fn conversation_id(body: &[u8]) -> Option<String> {
        let fields = object(body).ok()?;
        let id = fields.get("conversation_id")?.as_str()?;
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// Whether the answer to `close` says that it did not succeed.
    pub(super) fn denies_success(body: &[u8]) -> bool {
        serde_json::from_slice::<Value>(body)
            .is_ok_and(|body| body["success"] == Value::Bool(false))
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
