//! The reports of a run, made while it is played.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::Arc,
};

use super::{CaseRecord, Files, RunFacts, RunRecord, Summary, WriteError, gitlab};
#[cfg(feature = "reports")]
use super::{html::Page, junit::JUnit};
use crate::{
    snapshot::{disk::replace_with, temporary::remove_abandoned},
    text::Scrubber,
};

/// How many cases are rendered in one go: one after the other costs half of one by one.
const TOGETHER: usize = 64;

/// The reports of a run. Each case is rendered soon after it is over, while others wait for the
/// agent; in the end the parts are put together.
#[derive(Debug)]
pub struct Rendering {
    files: Files,
    facts: RunFacts,
    scrubber: Scrubber,
    #[cfg(feature = "reports")]
    junit: Option<io::Result<JUnit>>,
    #[cfg(feature = "reports")]
    html: Option<io::Result<Page>>,
    /// How many cases are over.
    known: usize,
    /// Cases that are over and not rendered yet.
    waiting: Vec<Arc<CaseRecord>>,
    /// The cases, where a report wants all of them at once.
    cases: Vec<Arc<CaseRecord>>,
}

impl Rendering {
    /// The reports of a run that begins, without the credentials that `scrubber` knows.
    #[must_use]
    pub fn new(files: Files, facts: &RunFacts, scrubber: &Scrubber) -> Self {
        Self {
            #[cfg(feature = "reports")]
            junit: files
                .junit
                .as_deref()
                .map(|path| JUnit::new(folder_of(path), facts, scrubber.clone()))
                .map(|junit| Ok(junit.in_repository(files.repository.clone()))),
            #[cfg(feature = "reports")]
            html: files
                .html
                .as_deref()
                .map(|path| Ok(Page::new(folder_of(path), facts, scrubber.clone()))),
            facts: facts.clone(),
            scrubber: scrubber.clone(),
            files,
            known: 0,
            waiting: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Takes a case that is over.
    pub fn add(&mut self, case: &Arc<CaseRecord>) {
        self.waiting.push(Arc::clone(case));
        if self.waiting.len() == TOGETHER {
            self.render();
        }
    }

    /// Renders what waits. What cannot be kept is told in the end.
    fn render(&mut self) {
        let cases = std::mem::take(&mut self.waiting);
        self.known += cases.len();
        self.render_all(&cases);
        if self.files.code_quality.is_some() {
            self.cases.extend(cases);
        }
    }

    /// Writes every report, each whole or not at all, whatever becomes of the others. A run of
    /// which a case is missing did not end.
    ///
    /// # Errors
    /// When a file cannot be written, or this build has no such report.
    pub fn write(mut self, summary: &Summary) -> Result<(), WriteError> {
        self.render();
        let mut summary = summary.clone();
        summary.interrupted |= self.known < self.facts.cases;
        let rendered = self.write_rendered(&summary);
        rendered.and(self.write_code_quality(summary))
    }

    fn write_code_quality(self, summary: Summary) -> Result<(), WriteError> {
        let Some(path) = &self.files.code_quality else { return Ok(()) };
        let run = RunRecord::new(self.facts, self.cases, summary);
        let text = gitlab::code_quality(&run, &self.files.repository);
        let text = self.scrubber.scrub_json(&text);
        put(path, |out| out.write_all(text.as_bytes()))
    }
}

#[cfg(feature = "reports")]
impl Rendering {
    fn render_all(&mut self, cases: &[Arc<CaseRecord>]) {
        render(&mut self.junit, cases, JUnit::add);
        render(&mut self.html, cases, Page::add);
    }

    fn write_rendered(&mut self, summary: &Summary) -> Result<(), WriteError> {
        let (junit, html) = (self.junit.take(), self.html.take());
        let junit =
            finish(self.files.junit.as_deref(), junit, |junit, out| junit.write(summary, out));
        let html = finish(self.files.html.as_deref(), html, |html, out| html.write(summary, out));
        junit.and(html)
    }
}

/// Adds cases to a report, until one cannot be added.
#[cfg(feature = "reports")]
fn render<T>(
    report: &mut Option<io::Result<T>>,
    cases: &[Arc<CaseRecord>],
    add: impl Fn(&mut T, &CaseRecord) -> io::Result<()>,
) {
    let Some(Ok(made)) = report else { return };
    if let Err(error) = cases.iter().try_for_each(|case| add(made, case)) {
        *report = Some(Err(error));
    }
}

#[cfg(feature = "reports")]
fn finish<T>(
    path: Option<&Path>,
    report: Option<io::Result<T>>,
    write: impl FnOnce(T, &mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    match path.zip(report) {
        None => Ok(()),
        Some((path, Err(error))) => Err(failed(path)(error)),
        Some((path, Ok(report))) => put(path, |out| write(report, out)),
    }
}

#[cfg(not(feature = "reports"))]
impl Rendering {
    fn render_all(&mut self, _: &[Arc<CaseRecord>]) {}

    fn write_rendered(&mut self, _: &Summary) -> Result<(), WriteError> {
        match self.files.junit.take().or_else(|| self.files.html.take()) {
            Some(path) => Err(WriteError::SwitchedOff { path }),
            None => Ok(()),
        }
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

/// Whether a path is no file of its own, so that it must not be replaced: a pipe, or a link.
fn is_written_through(path: &Path) -> bool {
    is_special(path) || path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    move |source| WriteError::File { path: path.to_owned(), source }
}

/// Replaces a file as a whole; what is no file of its own is written to.
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
