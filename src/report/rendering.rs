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
use crate::{snapshot::disk::replace_with, text::Scrubber};

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
    junit: Option<JUnit>,
    #[cfg(feature = "reports")]
    html: Option<Page>,
    /// Cases that are over and not rendered yet.
    waiting: Vec<Arc<CaseRecord>>,
    /// The cases, where a report wants all of them at once.
    cases: Vec<Arc<CaseRecord>>,
    failed: Option<WriteError>,
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
                .map(|path| JUnit::new(folder_of(path), facts, scrubber.clone())),
            #[cfg(feature = "reports")]
            html: files
                .html
                .as_deref()
                .map(|path| Page::new(folder_of(path), facts, scrubber.clone())),
            facts: facts.clone(),
            scrubber: scrubber.clone(),
            files,
            waiting: Vec::new(),
            cases: Vec::new(),
            failed: None,
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
        if let Err(error) = self.render_all(&cases) {
            self.failed.get_or_insert(error);
        }
        if self.files.code_quality.is_some() {
            self.cases.extend(cases);
        }
    }

    /// Writes every report, each whole or not at all.
    ///
    /// # Errors
    /// When a file cannot be written, or this build has no such report.
    pub fn write(mut self, summary: &Summary) -> Result<(), WriteError> {
        self.render();
        let rendered = match self.failed.take() {
            Some(error) => Err(error),
            None => self.write_rendered(summary),
        };
        if let Some(path) = &self.files.code_quality {
            let run = RunRecord::new(self.facts, self.cases, summary.clone());
            let text = gitlab::code_quality(&run, &self.files.repository);
            let text = self.scrubber.scrub(&text);
            put(path, |out| out.write_all(text.as_bytes()))?;
        }
        rendered
    }
}

#[cfg(feature = "reports")]
impl Rendering {
    fn render_all(&mut self, cases: &[Arc<CaseRecord>]) -> Result<(), WriteError> {
        if let Some((path, junit)) = self.files.junit.as_deref().zip(self.junit.as_mut()) {
            cases.iter().try_for_each(|case| junit.add(case)).map_err(failed(path))?;
        }
        if let Some((path, html)) = self.files.html.as_deref().zip(self.html.as_mut()) {
            cases.iter().try_for_each(|case| html.add(case)).map_err(failed(path))?;
        }
        Ok(())
    }

    fn write_rendered(&mut self, summary: &Summary) -> Result<(), WriteError> {
        if let Some((path, junit)) = self.files.junit.as_deref().zip(self.junit.take()) {
            put(path, |out| junit.write(summary, out))?;
        }
        if let Some((path, html)) = self.files.html.as_deref().zip(self.html.take()) {
            put(path, |out| html.write(summary, out))?;
        }
        Ok(())
    }
}

#[cfg(not(feature = "reports"))]
impl Rendering {
    fn render_all(&mut self, _: &[Arc<CaseRecord>]) -> Result<(), WriteError> {
        Ok(())
    }

    fn write_rendered(&mut self, _: &Summary) -> Result<(), WriteError> {
        match self.files.junit.take().or_else(|| self.files.html.take()) {
            Some(path) => Err(WriteError::SwitchedOff { path }),
            None => Ok(()),
        }
    }
}

/// Where parts of a report can be kept: beside it, unless that is no place for files.
#[cfg(feature = "reports")]
fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.filter(|_| !is_special(path)).unwrap_or(Path::new("."))
}

/// Whether something is there that is no file, such as a pipe.
fn is_special(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    move |source| WriteError::File { path: path.to_owned(), source }
}

/// Replaces a file as a whole; something that is no file, such as a pipe, is written to.
fn put(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    let buffered = |out: &mut dyn Write| {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        write(&mut out)?;
        out.flush()
    };
    let written = if is_special(path) {
        File::create(path).and_then(|mut out| buffered(&mut out))
    } else {
        replace_with(path, buffered)
    };
    written.map_err(failed(path))
}
