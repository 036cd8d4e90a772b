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

/// The reports of a run. Each case is rendered as soon as it is over, while others wait for the
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
}

impl Rendering {
    /// The reports of a run that begins, without the credentials that `scrubber` knows.
    #[must_use]
    pub fn new(files: Files, facts: &RunFacts, scrubber: &Scrubber) -> Self {
        Self {
            #[cfg(feature = "reports")]
            junit: files.junit.is_some().then(|| JUnit::new(facts, scrubber.clone())),
            #[cfg(feature = "reports")]
            html: files.html.is_some().then(|| Page::new(facts, scrubber.clone())),
            facts: facts.clone(),
            scrubber: scrubber.clone(),
            files,
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

    fn render(&mut self) {
        let cases = std::mem::take(&mut self.waiting);
        #[cfg(feature = "reports")]
        {
            let junit = self.junit.iter_mut();
            junit.for_each(|junit| cases.iter().for_each(|case| junit.add(case)));
            let html = self.html.iter_mut();
            html.for_each(|html| cases.iter().for_each(|case| html.add(case)));
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
        let rendered = self.write_rendered(summary);
        if let Some(path) = &self.files.code_quality {
            let run = RunRecord::new(self.facts, self.cases, summary.clone());
            let text = gitlab::code_quality(&run, &self.files.repository);
            let text = self.scrubber.scrub(&text);
            put(path, |out| out.write_all(text.as_bytes()))?;
        }
        rendered
    }

    #[cfg(feature = "reports")]
    fn write_rendered(&mut self, summary: &Summary) -> Result<(), WriteError> {
        if let Some((path, junit)) = self.files.junit.as_ref().zip(self.junit.take()) {
            put(path, |out| junit.write(summary, out))?;
        }
        if let Some((path, html)) = self.files.html.as_ref().zip(self.html.take()) {
            put(path, |out| html.write(summary, out))?;
        }
        Ok(())
    }

    #[cfg(not(feature = "reports"))]
    fn write_rendered(&mut self, _: &Summary) -> Result<(), WriteError> {
        match self.files.junit.take().or_else(|| self.files.html.take()) {
            Some(path) => Err(WriteError::SwitchedOff { path }),
            None => Ok(()),
        }
    }
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
    let written = if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        File::create(path).and_then(|mut out| buffered(&mut out))
    } else {
        replace_with(path, buffered)
    };
    written.map_err(|source| WriteError::File { path: path.to_owned(), source })
}
