//! The outcomes of cases that passed when they were last played, to be judged again without being
//! played.
//!
//! A run leaves one file for all of them, complete or not at all: a file a case would cost a run of
//! thousands of cases more than everything else it writes. Now and then the files are merged, of
//! each case in each environment the newest.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs,
    io::{self, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::Deserialize;
use tempfile::SpooledTempFile;

use crate::{outcome::CaseOutcome, snapshot::disk::replace_with, text::Scrubber};

/// How much of a run's outcomes stays in memory; more of it goes into a file without a name, which
/// costs no more than memory that is not used again.
const IN_MEMORY: usize = 512 << 10;

/// How much of that file is copied in one go.
const COPIED: usize = 64 << 10;

/// How many outcomes are written in one go: one after the other costs half of one by one.
const BATCH: usize = 64;

/// With more files than this they are merged.
const MOST_FILES: usize = 32;

/// The outcomes of cases that passed, on disk.
#[derive(Debug)]
pub(super) struct PassedCases {
    folder: PathBuf,
    run: Mutex<RunBuffer>,
}

/// The outcomes of this run, until it is over.
#[derive(Debug, Default)]
struct RunBuffer {
    /// Outcomes that are not written yet.
    waiting: Vec<Arc<CaseOutcome>>,
    spool: Option<SpooledTempFile>,
}

/// What tells a case from every other, and when it was played.
#[derive(Deserialize)]
struct CaseKey {
    project: String,
    environment: String,
    case: String,
    plays: Vec<StartedLine>,
}

#[derive(Deserialize)]
struct StartedLine {
    started: Timestamp,
}

impl PassedCases {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, run: Mutex::default() }
    }

    /// Whether no case passed in this run.
    pub fn is_empty(&self) -> bool {
        let run = self.lock();
        run.waiting.is_empty() && run.spool.is_none()
    }

    /// Adds an outcome to those of this run.
    pub fn add(&self, outcome: &Arc<CaseOutcome>, scrubber: &Scrubber) -> io::Result<()> {
        let mut run = self.lock();
        run.waiting.push(Arc::clone(outcome));
        if run.waiting.len() == BATCH { run.spool(scrubber) } else { Ok(()) }
    }

    fn lock(&self) -> MutexGuard<'_, RunBuffer> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the outcomes of this run in a file of their own.
    pub fn write(&self, scrubber: &Scrubber) -> io::Result<()> {
        let mut run = std::mem::take(&mut *self.lock());
        run.spool(scrubber)?;
        let Some(mut spool) = run.spool else { return Ok(()) };
        spool.seek(SeekFrom::Start(0))?;
        let mut spool = BufReader::with_capacity(COPIED, spool);
        replace_with(&self.new_file(), |out| io::copy(&mut spool, out).map(drop))?;
        let files = self.files()?;
        if files.len() > MOST_FILES { self.merge(&files) } else { Ok(()) }
    }

    /// A name that no other process takes, and that sorts by time.
    fn new_file(&self) -> PathBuf {
        let now = Timestamp::now().as_microsecond();
        self.folder.join(format!("{now:020}-{}.jsonl", std::process::id()))
    }

    /// The files there are, the oldest first.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                files.push(path);
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    /// Makes one file of several. A process that merges at the same time leaves another with the
    /// same outcomes, of which the next merge keeps the newest.
    fn merge(&self, files: &[PathBuf]) -> io::Result<()> {
        let newest = newest(files)?;
        let lines = newest.into_values().map(|(_, line)| line);
        replace_with(&self.new_file(), |out| {
            lines.into_iter().try_for_each(|line| out.write_all(line.as_bytes()))
        })?;
        for file in files {
            match fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl RunBuffer {
    /// Writes what waits.
    fn spool(&mut self, scrubber: &Scrubber) -> io::Result<()> {
        // One buffer and one write for all of them.
        let mut text = Vec::new();
        for outcome in self.waiting.drain(..) {
            let start = text.len();
            serde_json::to_writer(&mut text, &*outcome)?;
            let json = std::str::from_utf8(&text[start..]).unwrap_or_default();
            if let Cow::Owned(scrubbed) = scrubber.scrub_json(json) {
                text.truncate(start);
                text.extend_from_slice(scrubbed.as_bytes());
            }
            text.push(b'\n');
        }
        let spool = self.spool.get_or_insert_with(|| SpooledTempFile::new(IN_MEMORY));
        spool.write_all(&text)
    }
}

type Newest = BTreeMap<(String, String, String), (Timestamp, String)>;

/// The newest line of each case in each environment, by when it was played.
fn newest(files: &[PathBuf]) -> io::Result<Newest> {
    let mut newest = Newest::new();
    for file in files {
        for line in lines(file)?.split_inclusive('\n') {
            // A line of another version says nothing to this one.
            let Ok(CaseKey { project, environment, case, plays }) = serde_json::from_str(line)
            else {
                continue;
            };
            let started = plays.first().map_or(Timestamp::UNIX_EPOCH, |play| play.started);
            let known = newest.entry((project, environment, case)).or_default();
            if known.0 <= started {
                *known = (started, line.to_owned());
            }
        }
    }
    Ok(newest)
}

/// The text of a file; nothing where another process has merged it.
fn lines(file: &Path) -> io::Result<String> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(case: &str, second: usize, said: &str) -> Arc<CaseOutcome> {
        let json = serde_json::json!({
            "case": case, "verdict": "passed", "project": "demo", "environment": "sandbox",
            "tags": [said], "path": "a.yaml", "turns": 0,
            "plays": [{
                "play": 1, "verdict": "passed", "started": format!("2026-11-24T10:00:{second:02}Z"),
                "duration_ms": 1, "attempts": 1, "requests": 2, "repeated_requests": 0,
                "turns": [], "mismatches": [], "not_reached": [],
            }],
        });
        Arc::new(serde_json::from_value(json).expect("an outcome"))
    }

    #[test]
    fn of_many_runs_the_newest_outcome_of_each_case_is_kept_in_one_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let passed = PassedCases::new(folder.path().join("passed"));
        fs::create_dir(folder.path().join("passed")).expect("a folder");
        let nothing = Scrubber::default();
        let add = |outcome| passed.add(&outcome, &nothing).expect("room");
        for run in 0..=MOST_FILES {
            // The runs of several machines may end in another order than they began.
            add(outcome("hours", (run * 7) % 60, &format!("run {run}")));
            if run == 3 {
                add(outcome("parking", 1, "only once"));
            }
            passed.write(&nothing).expect("it is written");
        }
        let files = passed.files().expect("they can be listed");
        assert_eq!(files.len(), 1, "{files:?}");
        let kept = newest(&files).expect("it can be read");
        let said = |case: &str| kept[&("demo".into(), "sandbox".into(), case.into())].1.clone();
        assert!(said("hours").contains("\"run 17\""), "{}", said("hours"));
        assert!(said("parking").contains("only once"));
        assert_eq!(kept.len(), 2);
    }
}
