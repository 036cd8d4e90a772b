//! The events of a run as JSON, one object a line.

use serde::Serialize;

use super::{CaseRecord, Event, Summary, record::SCHEMA_VERSION, support::escape_unsafe};
use crate::{plan::CaseName, text::printable::is_unsafe};

/// A line of the stream.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    RunStarted {
        schema_version: u32,
        rehearsal: &'static str,
        cases: usize,
    },
    CaseStarted {
        case: &'a CaseName,
    },
    CaseFinished(Box<CaseRecord>),
    RunFinished {
        #[serde(flatten)]
        summary: &'a Summary,
        exit_status: u8,
    },
}

/// One event as a JSON object on one line, without a line end.
#[must_use]
pub fn line(event: Event<'_>) -> String {
    let line = match event {
        Event::RunStarted { cases } => Line::RunStarted {
            schema_version: SCHEMA_VERSION,
            rehearsal: env!("CARGO_PKG_VERSION"),
            cases,
        },
        Event::CaseStarted { case } => Line::CaseStarted { case },
        Event::CaseFinished { report } => Line::CaseFinished(Box::new(CaseRecord::of(report))),
        Event::RunFinished { summary } => {
            Line::RunFinished { summary, exit_status: summary.exit_status() }
        }
    };
    // Nothing in these types cannot be written as JSON.
    let json = serde_json::to_string(&line).unwrap_or_default();
    if json.chars().any(is_unsafe) { escape_unsafe(&json) } else { json }
}
