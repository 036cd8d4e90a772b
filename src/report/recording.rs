//! Making the record of a case of what came of it.

use serde_json::{Value, json};

use super::{
    CaseError, CaseRecord, CaseReport, ExchangeReport, SnapshotNote, Style, Verdict, describe,
    failure,
    record::{ErrorRecord, MismatchRecord, TurnRecord, UnplayedRecord},
    support::curl,
};
use crate::{
    chat::{ChatError, Operation},
    check::{Mismatch, MismatchKind},
};

impl CaseRecord {
    /// The record of a report.
    #[must_use]
    pub fn of(report: &CaseReport) -> Self {
        let reason = report.skipped.clone().unwrap_or_else(|| failure::reason(report));
        let bad = matches!(report.verdict, Verdict::Failed | Verdict::Errored);
        let mismatches = report.mismatches().map(|(turn, one)| mismatch(report, turn, one));
        Self {
            case: report.case.clone(),
            verdict: report.verdict,
            reason: (!reason.is_empty()).then_some(reason),
            path: report.path.display().to_string(),
            project: report.project.clone(),
            environment: report.environment.clone(),
            variant: report.variant.as_ref().map(|variant| variant.name.clone()),
            variant_id: report.variant.as_ref().map(|variant| variant.id.clone()),
            tags: report.tags.clone(),
            conversation_id: report.conversation_id.clone(),
            conversation_url: report.conversation_url(),
            started: report.started,
            duration_ms: milliseconds(report.duration),
            attempts: report.attempts(),
            requests: report.requests,
            repeated_requests: report.repeated,
            never_begun: report.never_begun(),
            turns: report.exchanges.iter().map(|exchange| turn(report, exchange)).collect(),
            mismatches: mismatches.collect(),
            not_reached: not_reached(report),
            unanswered: unanswered(report),
            error: report.error.as_ref().map(|error| case_error(report, error)),
            earlier_errors: report.earlier.iter().map(|one| chat_error(report, one)).collect(),
            pending_snapshot: match &report.snapshot {
                SnapshotNote::Pending(path) | SnapshotNote::Outdated(path) => {
                    Some(path.display().to_string())
                }
                SnapshotNote::Nothing | SnapshotNote::Accepted(_) => None,
            },
            accepted_snapshot: match &report.snapshot {
                SnapshotNote::Accepted(path) => Some(path.display().to_string()),
                _ => None,
            },
            maybe_open: report.maybe_open.is_some(),
            maybe_created: report.maybe_created,
            warnings: report.warnings.iter().map(ToString::to_string).collect(),
            failure: bad.then(|| failure::render(report, Style::Plain)),
        }
    }
}

fn milliseconds(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

fn turn(report: &CaseReport, exchange: &ExchangeReport) -> TurnRecord {
    let said = &exchange.said;
    let operation = if exchange.turn == 0 { Operation::Create } else { Operation::Respond };
    let endpoint = report.endpoint.as_ref().filter(|_| !exchange.mismatches.is_empty());
    TurnRecord {
        turn: exchange.turn,
        user: said.user.clone(),
        response: said.response.clone(),
        end_conversation: said.end_conversation,
        handoff: said.handoff.clone(),
        latency_ms: milliseconds(said.latency),
        correlation_id: said.correlation_id.clone(),
        sent: said.sent,
        notes: said.notes.iter().map(|note| (*note).to_owned()).collect(),
        curl: endpoint.map(|endpoint| curl(endpoint, operation, &said.request).join(" ")),
    }
}

fn mismatch(report: &CaseReport, exchange: &ExchangeReport, mismatch: &Mismatch) -> MismatchRecord {
    let (expected, actual) = expected_and_actual(&mismatch.kind, exchange);
    MismatchRecord {
        turn: exchange.turn,
        kind: mismatch.kind.aspect(),
        matcher: mismatch.kind.matcher().to_owned(),
        message: describe::one_line(&mismatch.kind, exchange),
        line: report.line(mismatch),
        expected,
        actual,
        correlation_id: exchange.said.correlation_id.clone(),
    }
}

fn expected_and_actual(kind: &MismatchKind, exchange: &ExchangeReport) -> (Value, Value) {
    let response = json!(exchange.said.response);
    match kind {
        MismatchKind::Equals { expected } | MismatchKind::Contains { expected } => {
            (json!(expected), response)
        }
        MismatchKind::Matches { pattern } => (json!(pattern), response),
        MismatchKind::Not { unwanted, .. } => (json!(unwanted), response),
        MismatchKind::Any { .. }
        | MismatchKind::Unbound { .. }
        | MismatchKind::Empty { .. }
        | MismatchKind::Silence => (Value::Null, response),
        MismatchKind::NewText { actual } => (Value::Null, json!(actual)),
        MismatchKind::ChangedText { accepted, actual, .. } => (json!(accepted), json!(actual)),
        MismatchKind::Forbidden { pattern, found } => (json!(pattern), json!(found)),
        MismatchKind::Handoff { expected, actual } => (json!(expected), json!(actual)),
        MismatchKind::End { expected } => (json!(expected), json!(exchange.said.end_conversation)),
        MismatchKind::Latency { limit, actual } => {
            (json!(milliseconds(*limit)), json!(milliseconds(*actual)))
        }
    }
}

fn not_reached(report: &CaseReport) -> Vec<UnplayedRecord> {
    let turns = report.not_reached.iter().map(|one| UnplayedRecord {
        turn: one.turn,
        user: one.user.clone(),
        line: report.line_of(one.span),
    });
    turns.collect()
}

fn unanswered(report: &CaseReport) -> Option<UnplayedRecord> {
    report.unanswered.as_ref().map(|one| UnplayedRecord {
        turn: one.turn,
        user: one.user.clone(),
        line: report.line_of(one.span),
    })
}

fn case_error(report: &CaseReport, error: &CaseError) -> ErrorRecord {
    match error {
        CaseError::Chat(error) => chat_error(report, error),
        other => ErrorRecord { message: failure::error_line(other), ..ErrorRecord::default() },
    }
}

fn chat_error(report: &CaseReport, error: &ChatError) -> ErrorRecord {
    let envelope = error.kind.envelope().cloned().unwrap_or_default();
    let endpoint = report.endpoint.as_ref();
    ErrorRecord {
        message: error.to_string(),
        help: error.kind.help(error.operation).map(str::to_owned),
        operation: Some(error.operation),
        status: error.kind.status(),
        error_code: envelope.error_code,
        error_message: envelope.error_message,
        error_id: envelope.error_id,
        correlation_id: Some(error.correlation_id.clone()),
        curl: endpoint.map(|endpoint| curl(endpoint, error.operation, &error.request).join(" ")),
    }
}
