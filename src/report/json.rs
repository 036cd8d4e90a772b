//! The events of a run as JSON, one object a line.

use std::{
    borrow::Cow,
    io::{self, Write},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{CaseRecord, Event, RunFacts, Summary, record::SCHEMA_VERSION, support::escape_unsafe};
use crate::{
    plan::CaseName,
    text::{Scrubber, printable::is_unsafe},
};

/// How long lines wait for others, to be written together.
const TOGETHER: Duration = Duration::from_millis(10);

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

impl<'a> Line<'a> {
    /// The line of an event; a quiet moment has none.
    fn of(event: Event<'a>) -> Option<Self> {
        Some(match event {
            Event::Quiet => return None,
            Event::RunStarted { facts } => Self::RunStarted {
                schema_version: SCHEMA_VERSION,
                rehearsal: env!("CARGO_PKG_VERSION"),
                facts,
            },
            Event::CaseStarted { case } => Self::CaseStarted { case },
            Event::CaseFinished { record, .. } => Self::CaseFinished(record),
            Event::RunFinished { summary } => {
                Self::RunFinished { summary, exit_status: summary.exit_status() }
            }
        })
    }
}

/// Writes what happens soon after it happened, so that a run that is killed keeps what it paid
/// for. A line that cannot be written ends the stream, and is told in the end.
pub struct JsonLines {
    out: Box<dyn Write + Send>,
    /// Lines that are written together.
    ready: Vec<u8>,
    /// When lines were written last.
    written: Instant,
    scrubber: Scrubber,
    failed: Option<io::Error>,
}

impl JsonLines {
    /// Writes to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let (ready, scrubber) = (Vec::new(), Scrubber::default());
        Self { out, ready, written: Instant::now(), scrubber, failed: None }
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

    /// Takes an event of a run. What happens within a few milliseconds is written together.
    pub fn tell(&mut self, event: Event<'_>) {
        if let Some(line) = Line::of(event) {
            self.add(&line);
        }
        let at_once = matches!(event, Event::Quiet | Event::RunFinished { .. });
        if at_once || self.written.elapsed() >= TOGETHER {
            self.flush();
        }
    }

    fn add(&mut self, line: &Line<'_>) {
        let start = self.ready.len();
        // Nothing in these types cannot be written as JSON, nor can memory refuse it.
        let _ = serde_json::to_writer(&mut self.ready, line);
        let json = std::str::from_utf8(&self.ready[start..]).unwrap_or_default();
        if let Cow::Owned(fit) = fit(json, &self.scrubber) {
            self.ready.truncate(start);
            self.ready.extend_from_slice(fit.as_bytes());
        }
        self.ready.push(b'\n');
    }

    fn flush(&mut self) {
        if self.failed.is_none() && !self.ready.is_empty() {
            let written = self.out.write_all(&self.ready);
            self.failed = written.and_then(|()| self.out.flush()).err();
        }
        self.ready.clear();
        self.written = Instant::now();
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

/// A line without credentials and without anything that a terminal would act on.
fn fit<'a>(json: &'a str, scrubber: &Scrubber) -> Cow<'a, str> {
    // Most lines are plain ASCII, in which serde leaves nothing unsafe but DEL.
    let is_plain = json.is_ascii() && !json.contains('\u{7f}');
    if is_plain || !json.chars().any(is_unsafe) {
        return scrubber.scrub(json);
    }
    Cow::Owned(scrubber.scrub(&escape_unsafe(json)).into_owned())
}
