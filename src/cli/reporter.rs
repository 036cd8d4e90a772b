//! The reports of a run besides the terminal: the flags that ask for them, and their writing.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::context::CliError;
use crate::{
    report::{CaseRecord, Event, Files, JsonLines, RunFacts, RunRecord, Summary},
    text::Scrubber,
};

/// Which reports are wanted.
#[derive(Debug, Args)]
pub(super) struct ReportFlags {
    /// Write a JUnit report, for the test view of a CI system.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a report for people: one page of HTML that needs nothing else.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl ReportFlags {
    /// The files that are asked for.
    pub fn files(&self) -> Files {
        Files { junit: self.junit.clone(), html: self.html.clone() }
    }
}

/// Writes what happens in a run, as it happens and when it is over.
pub(super) struct Reporter {
    json: Option<(JsonLines, PathBuf)>,
    files: Files,
    facts: RunFacts,
    /// Every case, where a report at the end shows it.
    cases: Vec<Arc<CaseRecord>>,
    scrubber: Scrubber,
}

impl Reporter {
    /// Opens what is written to, so that a wrong path is told before anything is played.
    pub fn open(flags: &ReportFlags, json: Option<&Path>) -> Result<Self, CliError> {
        let files = flags.files();
        files.begin()?;
        let json =
            json.map(|path| Ok::<_, CliError>((open(path)?, path.to_owned()))).transpose()?;
        let json = json.map(|(out, path)| (JsonLines::new(out), path));
        let (facts, scrubber) = (RunFacts::default(), Scrubber::default());
        Ok(Self { json, files, facts, cases: Vec::new(), scrubber })
    }

    /// Whether standard output belongs to the JSON lines.
    pub fn takes_stdout(&self) -> bool {
        self.json.as_ref().is_some_and(|(_, path)| is_stdout(path))
    }

    /// Takes the credentials of the run out of everything from here on.
    pub fn scrub_with(&mut self, scrubber: Scrubber) {
        if let Some((json, _)) = &mut self.json {
            json.scrub_with(scrubber.clone());
        }
        self.scrubber = scrubber;
    }

    pub fn tell(&mut self, event: Event<'_>) {
        if let Some((json, _)) = &mut self.json {
            json.write(event);
        }
        match event {
            Event::RunStarted { facts } => self.facts = facts.clone(),
            Event::CaseFinished { record, .. } if !self.files.is_empty() => {
                self.cases.push(Arc::clone(record));
            }
            _ => {}
        }
    }

    /// Writes what is written at the end.
    pub fn finish(self, summary: Summary) -> Result<(), CliError> {
        let run = RunRecord::new(self.facts, self.cases, summary);
        let written = self.files.write(&run, &self.scrubber);
        if let Some((json, path)) = self.json {
            json.finish().map_err(|source| CliError::Write { path, source })?;
        }
        Ok(written?)
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

fn open(path: &Path) -> Result<Box<dyn Write + Send>, CliError> {
    if is_stdout(path) {
        return Ok(Box::new(io::stdout()));
    }
    let created =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path));
    match created {
        Ok(file) => Ok(Box::new(file)),
        Err(source) => Err(CliError::Write { path: path.to_owned(), source }),
    }
}
