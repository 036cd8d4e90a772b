//! The reports of a run that go into files, for the command line and the harness alike.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    Guard, Reporter, Repository,
    document::{DocumentReport, failed, is_special},
    guard::GuardError,
};
use crate::{
    outcome::{Event, JsonLines, RunOutcome},
    text::Scrubber,
};

/// The path that means standard output.
const STDOUT: &str = "-";

/// A report that goes into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The events of a run, one JSON object a line.
    JsonLines,
    /// JUnit XML.
    JUnit,
    /// A page of HTML.
    Html,
    /// GitLab's code quality report.
    CodeQuality,
}

/// Which reports are wanted, and where. JSON lines may go to `-`, which is standard output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The files, each with what is written there.
    pub files: Vec<(Format, PathBuf)>,
    /// Where the repository is that paths are to start from.
    pub repository: Repository,
}

/// Outputs that are open: whatever is wrong with them has been said before anything is played.
pub struct OpenOutputs {
    outputs: Outputs,
    /// The streams of JSON lines, in the order of the files.
    streams: Vec<(PathBuf, Box<dyn Write + Send>)>,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error(transparent)]
    Refused(#[from] GuardError),
    /// A document was to go to standard output.
    #[error("only --json writes to standard output; name a file for this report")]
    NotOnStdout,
    /// What is printed could not be.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    /// This build has no such report.
    #[error(
        "{} cannot be written: this build has no JUnit and HTML reports; add features = [\"reports\"] to the dependency on rehearsal",
        path.display()
    )]
    SwitchedOff {
        /// The file.
        path: PathBuf,
    },
}

/// Everything that is told what happens in a run.
#[derive(Default)]
pub struct Reporters(Vec<Box<dyn Reporter>>);

impl Outputs {
    /// Adds a report, where it is wanted.
    #[must_use]
    pub fn with(mut self, format: Format, path: Option<PathBuf>) -> Self {
        self.files.extend(path.map(|path| (format, path)));
        self
    }

    /// Whether standard output belongs to JSON lines.
    #[must_use]
    pub fn takes_stdout(&self) -> bool {
        self.files.iter().any(|(_, path)| is_stdout(path))
    }

    /// Opens every output, unless one would replace something else. Documents say that the run did
    /// not end, so that nothing green is left of an earlier one should it be killed.
    ///
    /// # Errors
    /// When a file is not to be replaced or cannot be written, or this build has no such report.
    pub fn open(self, mut guard: Guard) -> Result<OpenOutputs, WriteError> {
        for (format, path) in &self.files {
            match (format, is_stdout(path)) {
                (Format::JsonLines, true) => {}
                (_, true) => return Err(WriteError::NotOnStdout),
                (_, false) => guard.claim(path, *format)?,
            }
        }
        self.write_unfinished()?;
        let mut streams: Vec<(PathBuf, Box<dyn Write + Send>)> = Vec::new();
        for (_, path) in self.files.iter().filter(|(format, _)| *format == Format::JsonLines) {
            let out: Box<dyn Write + Send> =
                if is_stdout(path) { Box::new(io::stdout()) } else { Box::new(create(path)?) };
            streams.push((path.clone(), out));
        }
        Ok(OpenOutputs { outputs: self, streams })
    }

    fn documents(&self) -> impl Iterator<Item = &(Format, PathBuf)> {
        self.files.iter().filter(|(format, _)| *format != Format::JsonLines)
    }

    fn write_unfinished(&self) -> Result<(), WriteError> {
        // What a pipe was given once cannot be replaced.
        let files = self.documents().filter(|(_, path)| !is_special(path)).cloned().collect();
        let outputs = Self { files, repository: self.repository.clone() };
        outputs.write_documents(&RunOutcome::begun(), &Scrubber::default())
    }

    /// Writes every document of a run that is over, each whole or not at all.
    ///
    /// # Errors
    /// When a file cannot be written, or this build has no such report.
    pub fn write_documents(
        &self,
        outcome: &RunOutcome,
        scrubber: &Scrubber,
    ) -> Result<(), WriteError> {
        let mut reporters = Reporters::default();
        for (format, path) in self.documents() {
            reporters.push(DocumentReport::new(*format, path, self, scrubber)?);
        }
        reporters.replay(outcome);
        reporters.finish().into_iter().next().map_or(Ok(()), Err)
    }
}

impl OpenOutputs {
    /// Whether standard output belongs to JSON lines.
    #[must_use]
    pub fn takes_stdout(&self) -> bool {
        self.outputs.takes_stdout()
    }

    /// What writes the reports, without the credentials that `scrubber` knows.
    ///
    /// # Errors
    /// When this build has no such report.
    pub fn reporters(self, scrubber: &Scrubber) -> Result<Reporters, WriteError> {
        let mut reporters = Reporters::default();
        for (path, out) in self.streams {
            reporters.push(JsonReport { lines: JsonLines::new(out, scrubber.clone()), path });
        }
        for (format, path) in self.outputs.documents() {
            reporters.push(DocumentReport::new(*format, path, &self.outputs, scrubber)?);
        }
        Ok(reporters)
    }
}

impl std::fmt::Debug for OpenOutputs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenOutputs").field("outputs", &self.outputs).finish_non_exhaustive()
    }
}

impl Reporters {
    /// Adds one.
    pub fn push(&mut self, reporter: impl Reporter + 'static) {
        self.0.push(Box::new(reporter));
    }

    /// Tells all of them.
    pub fn on_event(&mut self, event: Event<'_>) {
        self.0.iter_mut().for_each(|reporter| reporter.on_event(event));
    }

    /// Tells all of them of a run that is over.
    pub fn replay(&mut self, outcome: &RunOutcome) {
        self.on_event(Event::RunStarted { run: &outcome.run });
        for outcome in &outcome.cases {
            self.on_event(Event::CaseFinished { outcome });
        }
        self.on_event(Event::RunFinished { summary: &outcome.summary });
    }

    /// Completes every report; why those that could not be written could not. One of them keeps
    /// no other from being written.
    #[must_use]
    pub fn finish(self) -> Vec<WriteError> {
        self.0.into_iter().filter_map(|reporter| reporter.finish().err()).collect()
    }
}

impl std::fmt::Debug for Reporters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Reporters").field(&self.0.len()).finish()
    }
}

/// JSON lines in a file.
struct JsonReport {
    lines: JsonLines,
    path: PathBuf,
}

impl Reporter for JsonReport {
    fn on_event(&mut self, event: Event<'_>) {
        self.lines.on_event(event);
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.lines.finish().map_err(failed(&self.path))
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new(STDOUT)
}

/// Creates a file and the folders above it.
///
/// # Errors
/// When it cannot be created.
pub(crate) fn create(path: &Path) -> Result<File, WriteError> {
    let created =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path));
    created.map_err(failed(path))
}
