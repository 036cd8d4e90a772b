//! The events of a run as JSON, one object a line.

use serde_json::{Map, Value, json};

use super::{CaseError, CaseReport, Event, ExchangeReport, SnapshotNote, describe, failure};
use crate::{
    chat::ChatError,
    check::{Mismatch, MismatchKind},
    text::printable::is_unsafe,
};

/// One event as a JSON object on one line, without a line end.
#[must_use]
pub fn line(event: Event<'_>) -> String {
    let value = match event {
        Event::RunStarted { cases } => json!({ "event": "run_started", "cases": cases }),
        Event::CaseStarted { case } => json!({ "event": "case_started", "case": case }),
        Event::CaseFinished { report } => case_finished(report),
        Event::RunFinished { summary } => {
            let mut value = json!(summary);
            if let Value::Object(fields) = &mut value {
                fields.shift_insert(0, "event".into(), json!("run_finished"));
                fields.insert("exit_status".into(), json!(summary.exit_status()));
            }
            value
        }
    };
    escape(value.to_string())
}

/// Writes what a terminal would act on as `\\uXXXX`; outside of texts JSON holds nothing such.
fn escape(json: String) -> String {
    if !json.chars().any(is_unsafe) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn case_finished(report: &CaseReport) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    put("event", json!("case_finished"));
    put("case", json!(report.case));
    put("verdict", json!(report.verdict));
    put("reason", text(report.skipped.clone().unwrap_or_else(|| failure::reason(report))));
    put("path", json!(report.path.display().to_string()));
    put("project", json!(report.project));
    put("environment", json!(report.environment));
    put("variant", json!(report.variant.as_ref().map(|variant| &variant.name)));
    put("variant_id", json!(report.variant.as_ref().map(|variant| &variant.id)));
    put("tags", json!(report.tags));
    put("conversation_id", json!(report.conversation_id));
    put("started", json!(report.started.to_string()));
    put("duration_ms", milliseconds(report.duration));
    put("attempts", json!(report.attempts()));
    put("requests", json!(report.requests));
    put("repeated_requests", json!(report.repeated));
    put("turns", json!(report.exchanges.iter().map(exchange).collect::<Vec<_>>()));
    put(
        "mismatches",
        json!(
            report
                .mismatches()
                .map(|(turn, mismatch)| self::mismatch(report, turn, mismatch))
                .collect::<Vec<_>>()
        ),
    );
    put("not_reached", json!(report.not_reached.iter().map(|turn| turn.turn).collect::<Vec<_>>()));
    put("error", report.error.as_ref().map_or(Value::Null, error));
    put("earlier_errors", json!(report.earlier.iter().map(chat_error).collect::<Vec<_>>()));
    put(
        "pending_snapshot",
        match &report.snapshot {
            SnapshotNote::Pending(path) | SnapshotNote::Outdated(path) => {
                json!(path.display().to_string())
            }
            _ => Value::Null,
        },
    );
    put("maybe_open", json!(report.maybe_open.is_some()));
    put("maybe_created", json!(report.maybe_created));
    let warnings: Vec<String> = report.warnings.iter().map(|one| one.to_string()).collect();
    put("warnings", json!(warnings));
    Value::Object(fields)
}

fn text(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}

fn milliseconds(duration: std::time::Duration) -> Value {
    json!((duration.as_secs_f64() * 1e6).round() / 1e3)
}

fn exchange(exchange: &ExchangeReport) -> Value {
    json!({
        "turn": exchange.turn,
        "user": exchange.said.user,
        "response": exchange.said.response,
        "end_conversation": exchange.said.end_conversation,
        "handoff": exchange.said.handoff,
        "latency_ms": milliseconds(exchange.said.latency),
        "correlation_id": exchange.said.correlation_id,
        "sent": exchange.said.sent.to_string(),
    })
}

fn mismatch(report: &CaseReport, exchange: &ExchangeReport, mismatch: &Mismatch) -> Value {
    let (expected, actual) = expected_and_actual(&mismatch.kind, exchange);
    json!({
        "turn": exchange.turn,
        "kind": mismatch.kind.aspect(),
        "matcher": mismatch.kind.matcher(),
        "message": describe::one_line(&mismatch.kind, exchange),
        "line": report.line(mismatch),
        "expected": expected,
        "actual": actual,
        "correlation_id": exchange.said.correlation_id,
    })
}

fn expected_and_actual(kind: &MismatchKind, exchange: &ExchangeReport) -> (Value, Value) {
    let response = json!(exchange.said.response);
    match kind {
        MismatchKind::Equals { expected } | MismatchKind::Contains { expected } => {
            (json!(expected), response)
        }
        MismatchKind::Matches { pattern } => (json!(pattern), response),
        MismatchKind::Not { unwanted, .. } => (json!(unwanted), response),
        MismatchKind::Any { .. } | MismatchKind::Unbound { .. } | MismatchKind::Empty { .. } => {
            (Value::Null, response)
        }
        MismatchKind::NewText { actual } => (Value::Null, json!(actual)),
        MismatchKind::ChangedText { accepted, actual, .. } => (json!(accepted), json!(actual)),
        MismatchKind::Forbidden { pattern, found } => (json!(pattern), json!(found)),
        MismatchKind::Handoff { expected, actual } => (json!(expected), json!(actual)),
        MismatchKind::End { expected } => (json!(expected), json!(exchange.said.end_conversation)),
        MismatchKind::Latency { limit, actual } => (milliseconds(*limit), milliseconds(*actual)),
    }
}

fn error(error: &CaseError) -> Value {
    match error {
        CaseError::Chat(error) => chat_error(error),
        other => json!({ "message": failure::error_line(other) }),
    }
}

fn chat_error(error: &ChatError) -> Value {
    let envelope = error.kind.envelope();
    json!({
        "message": error.to_string(),
        "help": error.kind.help(error.operation),
        "operation": error.operation,
        "status": error.kind.status(),
        "error_code": envelope.and_then(|envelope| envelope.error_code.as_deref()),
        "error_message": envelope.and_then(|envelope| envelope.error_message.as_deref()),
        "error_id": envelope.and_then(|envelope| envelope.error_id.as_deref()),
        "correlation_id": error.correlation_id,
    })
}
