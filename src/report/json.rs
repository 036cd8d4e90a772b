//! The events of a run as JSON, one object a line.

use std::io::{self, Write};

use serde::Serialize;

use super::{CaseRecord, Event, RunFacts, Summary, record::SCHEMA_VERSION, support::escape_unsafe};
use crate::{
    plan::CaseName,
    text::{Scrubber, printable::is_unsafe},
};

/// A line of the stream.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    RunStarted {
        schema_version: u32,
        rehearsal: &'static str,
        #[serde(flatten)]
        facts: &'a RunFacts,
    },
    CaseStarted {
        case: &'a CaseName,
    },
    CaseFinished(&'a CaseRecord),
    RunFinished {
        #[serde(flatten)]
        summary: &'a Summary,
        exit_status: u8,
    },
}

/// One event as a JSON object on one line, without a line end; waiting has none.
#[must_use]
pub fn line(event: Event<'_>) -> Option<String> {
    let line = match event {
        Event::Waiting => return None,
        Event::RunStarted { facts } => Line::RunStarted {
            schema_version: SCHEMA_VERSION,
            rehearsal: env!("CARGO_PKG_VERSION"),
            facts,
        },
        Event::CaseStarted { case } => Line::CaseStarted { case },
        Event::CaseFinished { record, .. } => Line::CaseFinished(record),
        Event::RunFinished { summary } => {
            Line::RunFinished { summary, exit_status: summary.exit_status() }
        }
    };
    // Nothing in these types cannot be written as JSON.
    let json = serde_json::to_string(&line).unwrap_or_default();
    // Most lines are plain ASCII, in which serde leaves nothing unsafe but DEL.
    let is_plain = json.is_ascii() && !json.contains('\u{7f}');
    let is_safe = is_plain || !json.chars().any(is_unsafe);
    Some(if is_safe { json } else { escape_unsafe(&json) })
}

/// Writes every event as it happens, so that a run that is killed keeps what it paid for. A line
/// that cannot be written ends the stream, and is told in the end.
pub struct JsonLines {
    out: Box<dyn Write + Send>,
    /// Lines that are written together, before anybody waits.
    ready: String,
    scrubber: Scrubber,
    failed: Option<io::Error>,
}

impl JsonLines {
    /// Writes to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, ready: String::new(), scrubber: Scrubber::default(), failed: None }
    }

    /// Takes the credentials that `scrubber` knows out of every line from here on.
    pub fn scrub_with(&mut self, scrubber: Scrubber) {
        self.scrubber = scrubber;
    }

    /// Writes an event at once.
    pub fn write(&mut self, event: Event<'_>) {
        self.tell(event);
        self.flush();
    }

    /// Takes an event of a run. What happens at the same time is written together, as soon as the
    /// run waits.
    pub fn tell(&mut self, event: Event<'_>) {
        if let Some(line) = line(event) {
            self.ready += &self.scrubber.scrub(&line);
            self.ready.push('\n');
        }
        if matches!(event, Event::Waiting | Event::RunFinished { .. }) {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none() && !self.ready.is_empty() {
            let written = self.out.write_all(self.ready.as_bytes());
            self.failed = written.and_then(|()| self.out.flush()).err();
        }
        self.ready.clear();
    }

    /// Whether everything was written.
    ///
    /// # Errors
    /// Why the first line that could not be written could not.
    pub fn finish(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

impl std::fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonLines").field("failed", &self.failed).finish_non_exhaustive()
    }
}
