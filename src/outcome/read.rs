//! Reading JSON lines back.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use walkdir::WalkDir;

use super::{CaseOutcome, RunInfo, SCHEMA_VERSION};
use crate::{conversation::CaseName, player::OpenConversation, text::layout::brief};

/// What one run left behind.
#[derive(Clone, Debug, Default)]
pub struct RecordedRun {
    /// The file.
    pub path: PathBuf,
    /// What the run was asked to do.
    pub run: RunInfo,
    /// The outcomes of its cases.
    pub cases: Vec<Arc<CaseOutcome>>,
    /// The cases that had begun when it was cut off.
    pub playing: Vec<CaseName>,
    /// What it said in the end; nothing where it was killed.
    pub end: Option<RunEnd>,
}

/// What a run says in the end that its cases do not.
#[derive(Clone, Debug, Deserialize)]
pub struct RunEnd {
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How many requests it sent, with those that closed conversations in the end.
    pub requests: usize,
    /// Why it was aborted, if it was.
    #[serde(default)]
    pub halted: Option<String>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// Conversations that may still be open.
    pub maybe_open: Vec<OpenConversation>,
}

/// Why a file cannot be read as a run's JSON lines.
#[derive(Debug, thiserror::Error)]
pub enum ReadRunError {
    /// The file or folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no such file in a folder.
    #[error("there is no .jsonl file in {}; `rehearsal run --json FILE` and REHEARSAL_JSON write them", path.display())]
    NoFile {
        /// The folder.
        path: PathBuf,
    },
    /// The file holds no event.
    #[error("{} contains no events: the run was killed before it started, or wrote nothing there", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line is not one of these events.
    #[error("{}:{line}: this is not an event of a run: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The lines were written by another version.
    #[error(
        "{}:{line}: this has schema_version {found}, and this version of Rehearsal reads {SCHEMA_VERSION}: \
         play the conversations again, or read it with the version that wrote it", path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The version that it names.
        found: u32,
    },
}

/// A line of the stream, as it is read.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum ReadLine {
    RunStarted(RunInfo),
    CaseStarted {
        case: CaseName,
    },
    CaseFinished(Arc<CaseOutcome>),
    RunFinished(RunEnd),
    /// Later versions may add events.
    #[serde(other)]
    Unknown,
}

/// The part of a line that tells whether the rest can be read.
#[derive(Deserialize)]
struct Version {
    schema_version: u32,
}

/// The runs in files, and in the `.jsonl` files of folders.
///
/// # Errors
/// When a path cannot be read, or holds something else.
pub fn read_paths(paths: &[PathBuf]) -> Result<Vec<RecordedRun>, ReadRunError> {
    let mut runs = Vec::new();
    for path in paths {
        for file in files(path)? {
            let text = fs::read(&file)
                .and_then(text_of)
                .map_err(|source| ReadRunError::Read { path: file.clone(), source })?;
            runs.extend(read(&file, &text)?);
        }
    }
    Ok(runs)
}

/// The text of a file, which may have been cut within its last character.
fn text_of(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).or_else(|error| {
        let wrong = error.utf8_error();
        let whole = error.as_bytes().get(..wrong.valid_up_to()).unwrap_or_default();
        match wrong.error_len() {
            None => Ok(String::from_utf8_lossy(whole).into_owned()),
            Some(_) => Err(io::Error::new(io::ErrorKind::InvalidData, wrong)),
        }
    })
}

fn files(path: &Path) -> Result<Vec<PathBuf>, ReadRunError> {
    path.metadata().map_err(|source| ReadRunError::Read { path: path.to_owned(), source })?;
    let mut files = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry
            .map_err(|error| ReadRunError::Read { path: path.to_owned(), source: error.into() })?;
        let is_named = entry.depth() == 0;
        let is_stream = entry.path().extension().is_some_and(|ending| ending == "jsonl");
        if !entry.file_type().is_dir() && (is_named || is_stream) {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        return Err(ReadRunError::NoFile { path: path.to_owned() });
    }
    Ok(files)
}

/// The runs in the text of a file: usually one. The last line of a run that was killed may be cut
/// off; it is left out.
///
/// # Errors
/// When a line is not an event, or of another version.
pub fn read(path: &Path, text: &str) -> Result<Vec<RecordedRun>, ReadRunError> {
    let mut runs: Vec<RecordedRun> = Vec::new();
    for (line, json) in (1..).zip(text.split_inclusive('\n')) {
        let wrong = |reason: String| ReadRunError::Line { path: path.to_owned(), line, reason };
        match serde_json::from_str::<ReadLine>(json) {
            _ if json.trim().is_empty() => {}
            Ok(ReadLine::RunStarted(run)) => {
                check_version(json, path, line)?;
                runs.push(RecordedRun { path: path.to_owned(), run, ..RecordedRun::default() });
            }
            Ok(event) => match runs.last_mut() {
                Some(recorded) => recorded.take(event),
                None => return Err(wrong("the first one must be run_started".to_owned())),
            },
            Err(_) if !json.ends_with('\n') && !runs.is_empty() => {}
            Err(error) => {
                check_version(json, path, line)?;
                return Err(wrong(brief(&error.to_string(), 200)));
            }
        }
    }
    if runs.is_empty() {
        return Err(ReadRunError::Empty { path: path.to_owned() });
    }
    Ok(runs)
}

fn check_version(json: &str, path: &Path, line: usize) -> Result<(), ReadRunError> {
    match serde_json::from_str::<Version>(json) {
        Ok(Version { schema_version: found }) if found != SCHEMA_VERSION => {
            Err(ReadRunError::Version { path: path.to_owned(), line, found })
        }
        _ => Ok(()),
    }
}

impl RecordedRun {
    fn take(&mut self, event: ReadLine) {
        match event {
            ReadLine::CaseStarted { case } => self.playing.push(case),
            ReadLine::CaseFinished(outcome) => {
                self.playing.retain(|case| *case != outcome.case);
                self.cases.push(outcome);
            }
            ReadLine::RunFinished(end) => self.end = Some(end),
            ReadLine::RunStarted(_) | ReadLine::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_cut_within_a_character_is_read_up_to_it() {
        let mut bytes = "one line\nGrüße".as_bytes().to_vec();
        bytes.truncate("one line\nGr".len() + 1);
        assert_eq!(text_of(bytes).expect("text"), "one line\nGr");
        assert!(text_of(b"not \xff text\n".to_vec()).is_err());
    }
}
