//! The events of a run as JSON, one object a line.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{CaseOutcome, Event, RunInfo, SCHEMA_VERSION, Summary};
use crate::{
    conversation::CaseName,
    text::{Scrubber, json::escape_unsafe, printable::is_unsafe},
};

/// How long lines wait for others, to be written together.
const TOGETHER: Duration = Duration::from_millis(10);

/// A line of the stream.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum WrittenLine<'a> {
    RunStarted {
        schema_version: u32,
        rehearsal: &'static str,
        #[serde(flatten)]
        run: &'a RunInfo,
    },
    CaseStarted {
        case: &'a CaseName,
    },
    CaseFinished(&'a CaseOutcome),
    RunFinished {
        #[serde(flatten)]
        summary: &'a Summary,
        exit_status: u8,
    },
}

/// Writes what happens soon after it happened, so that a run that is killed keeps what it paid
/// for. A line that cannot be written ends the stream, and is told in the end.
pub struct JsonLines {
    out: Box<dyn Write + Send>,
    /// What happened and is not written yet.
    waiting: Vec<CaseUpdate>,
    /// The lines that are written together; what they took of memory serves the next.
    text: Vec<u8>,
    /// When lines were written last.
    written: Instant,
    scrubber: Scrubber,
    failed: Option<io::Error>,
}

/// What happened to a case.
enum CaseUpdate {
    Started(CaseName),
    Finished(Arc<CaseOutcome>),
}

impl JsonLines {
    /// Writes to `out`, without the credentials that `scrubber` knows.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, scrubber: Scrubber) -> Self {
        let (waiting, text) = (Vec::new(), Vec::new());
        Self { out, waiting, text, written: Instant::now(), scrubber, failed: None }
    }

    /// Writes an event at once.
    pub fn write(&mut self, event: Event<'_>) {
        self.on_event(event);
        self.flush(None);
    }

    /// Takes an event of a run. What happens to cases within a few milliseconds is written
    /// together.
    pub fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::CaseStarted { case } => self.waiting.push(CaseUpdate::Started(case.clone())),
            Event::CaseFinished { outcome } => {
                self.waiting.push(CaseUpdate::Finished(Arc::clone(outcome)));
            }
            Event::Idle => return self.flush(None),
            Event::RunStarted { run } => {
                let rehearsal = env!("CARGO_PKG_VERSION");
                let schema_version = SCHEMA_VERSION;
                return self.flush(Some(WrittenLine::RunStarted {
                    schema_version,
                    rehearsal,
                    run,
                }));
            }
            Event::RunFinished { summary } => {
                let exit_status = summary.exit_status();
                return self.flush(Some(WrittenLine::RunFinished { summary, exit_status }));
            }
        }
        if self.written.elapsed() >= TOGETHER {
            self.flush(None);
        }
    }

    /// Writes what waits, and a line after it.
    fn flush(&mut self, last: Option<WrittenLine<'_>>) {
        self.text.clear();
        let cases = self.waiting.iter().map(|happened| match happened {
            CaseUpdate::Started(case) => WrittenLine::CaseStarted { case },
            CaseUpdate::Finished(outcome) => WrittenLine::CaseFinished(outcome),
        });
        for line in cases.chain(last) {
            add(&mut self.text, &line, &self.scrubber);
        }
        self.waiting.clear();
        if self.failed.is_none() && !self.text.is_empty() {
            let written = self.out.write_all(&self.text);
            self.failed = written.and_then(|()| self.out.flush()).err();
        }
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

/// Adds a line to a text.
fn add(text: &mut Vec<u8>, line: &WrittenLine<'_>, scrubber: &Scrubber) {
    let start = text.len();
    // Nothing in these types cannot be written as JSON, nor can memory refuse it.
    let _ = serde_json::to_writer(&mut *text, line);
    let json = std::str::from_utf8(&text[start..]).unwrap_or_default();
    if let Cow::Owned(fit) = fit(json, scrubber) {
        text.truncate(start);
        text.extend_from_slice(fit.as_bytes());
    }
    text.push(b'\n');
}

/// A line without credentials and without anything that a terminal would act on.
fn fit<'a>(json: &'a str, scrubber: &Scrubber) -> Cow<'a, str> {
    // Most lines are plain ASCII, in which serde leaves nothing unsafe but DEL.
    let is_plain = json.is_ascii() && !json.contains('\u{7f}');
    if is_plain || !json.chars().any(is_unsafe) {
        return scrubber.scrub_json(json);
    }
    Cow::Owned(escape_unsafe(&scrubber.scrub_json(json)))
}
