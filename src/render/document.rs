//! A report that is one document: rendered case by case, and written as a whole.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Document, Format, Outputs, Reporter, Repository, WriteError, gitlab::CodeQuality};
#[cfg(feature = "reports")]
use super::{html::HtmlReport, junit::JUnit};
use crate::{
    outcome::{CaseOutcome, Event, RunInfo, Summary},
    snapshot::{disk::replace_with, temporary::remove_abandoned},
    text::Scrubber,
};

/// How many cases are rendered in one go: one after the other costs half of one by one.
const BATCH: usize = 64;

/// A document, of which each case is rendered soon after it is over, while others wait for the
/// agent.
pub(super) struct DocumentReport {
    format: Format,
    path: PathBuf,
    repository: Repository,
    scrubber: Scrubber,
    expected: usize,
    added: usize,
    document: io::Result<Box<dyn Document>>,
    waiting: Vec<Arc<CaseOutcome>>,
    summary: Summary,
}

impl DocumentReport {
    pub fn new(
        format: Format,
        path: &Path,
        outputs: &Outputs,
        scrubber: &Scrubber,
    ) -> Result<Self, WriteError> {
        let mut report = Self {
            format,
            path: path.to_owned(),
            repository: outputs.repository.clone(),
            scrubber: scrubber.clone(),
            expected: 0,
            added: 0,
            document: Err(io::ErrorKind::NotFound.into()),
            waiting: Vec::new(),
            summary: Summary { interrupted: true, ..Summary::default() },
        };
        report.document = Ok(report.document(&RunInfo::default())?);
        Ok(report)
    }

    /// The one place that knows every format.
    #[cfg(feature = "reports")]
    fn document(&self, run: &RunInfo) -> Result<Box<dyn Document>, WriteError> {
        let (folder, scrubber) = (folder_of(&self.path), self.scrubber.clone());
        Ok(match self.format {
            Format::JUnit => Box::new(JUnit::new(folder, run, &self.repository, scrubber)),
            Format::Html => Box::new(HtmlReport::new(folder, run, scrubber)),
            Format::CodeQuality => Box::new(CodeQuality::new(&self.repository, scrubber)),
            Format::JsonLines => return Err(WriteError::SwitchedOff { path: self.path.clone() }),
        })
    }

    #[cfg(not(feature = "reports"))]
    fn document(&self, _: &RunInfo) -> Result<Box<dyn Document>, WriteError> {
        match self.format {
            Format::JUnit | Format::Html | Format::JsonLines => {
                Err(WriteError::SwitchedOff { path: self.path.clone() })
            }
            Format::CodeQuality => {
                Ok(Box::new(CodeQuality::new(&self.repository, self.scrubber.clone())))
            }
        }
    }

    /// Adds the cases that wait, until one cannot be added.
    fn add(&mut self) {
        let cases = std::mem::take(&mut self.waiting);
        self.added += cases.len();
        let Ok(document) = &mut self.document else { return };
        if let Err(error) = cases.iter().try_for_each(|case| document.add(case)) {
            self.document = Err(error);
        }
    }
}

impl Reporter for DocumentReport {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { run } => {
                self.expected = run.cases;
                if let Ok(document) = self.document(run) {
                    self.document = Ok(document);
                }
            }
            Event::CaseFinished { outcome } => {
                self.waiting.push(Arc::clone(outcome));
                if self.waiting.len() == BATCH {
                    self.add();
                }
            }
            Event::RunFinished { summary } => self.summary = summary.clone(),
            Event::CaseStarted { .. } | Event::Idle => {}
        }
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.add();
        // A run of which a case is missing did not end.
        self.summary.interrupted |= self.added < self.expected;
        let Self { document, path, summary, .. } = *self;
        let document = document.map_err(failed(&path))?;
        put(&path, |out| document.write(&summary, out))
    }
}

/// Where parts of a report can be kept: beside it, unless that is no place for files.
#[cfg(feature = "reports")]
fn folder_of(path: &Path) -> Option<&Path> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Some(folder.unwrap_or(Path::new("."))).filter(|_| !is_written_through(path))
}

/// Whether something is there that is no file, such as a pipe.
pub(super) fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

/// Whether a path is a pipe or a link, which must be written to and never replaced.
fn is_written_through(path: &Path) -> bool {
    is_special(path) || path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
}

pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    move |source| WriteError::File { path: path.to_owned(), source }
}

/// Replaces a file as a whole; a pipe or a link is written to instead.
fn put(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let buffered = |out: &mut dyn Write| {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        write(&mut out)?;
        out.flush()
    };
    let written = if is_written_through(path) {
        File::create(path).and_then(|mut out| buffered(&mut out))
    } else {
        remove_abandoned(path.parent().unwrap_or(Path::new(".")));
        replace_with(path, buffered)
    };
    written.map_err(failed(path))
}
