//! What is remembered of the cases that were played last.
//!
//! Those that did not pass, or were not begun, have a file each, so that processes side by side do
//! not disturb one another: for `--rerun-failed`, and for a review, which shows beside a pending
//! text what no snapshot can accept. Those that passed are kept together.

mod passed;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use walkdir::WalkDir;

use self::passed::PassedCases;
use super::{CaseOutcome, Verdict};
use crate::{
    config::{Config, Place},
    conversation::{CaseName, discover::EXTENSIONS},
    snapshot::disk::replace,
    text::Scrubber,
};

/// The folder beside `rehearsal.toml`, which git is told to ignore.
const FOLDER: &str = ".rehearsal";

/// The folders in a folder of pending snapshots, which travel with them.
const FAILED_CASES: &str = "failed-cases";
const PASSED_CASES: &str = "passed-cases";

/// The outcomes of cases as they were played last, on disk. Cloning shares those of this run.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The folder of the records.
    folder: PathBuf,
    /// The folder that git is to ignore, where it is ours.
    ignored: Option<PathBuf>,
    /// Whether anything is written.
    keeps: bool,
    scrubber: Scrubber,
    passed: Arc<PassedCases>,
    /// Where cases are still played; everywhere, where no configuration was given.
    suite: Option<SuiteScope>,
}

/// What a record must still belong to, to say something of the suite as it is now.
#[derive(Clone, Debug)]
struct SuiteScope {
    conversations: PathBuf,
    /// Projects with their environments.
    places: Arc<[Place]>,
}

impl SuiteScope {
    fn of(config: &Config) -> Self {
        let places = config.projects.iter().flat_map(|project| {
            project.environments.iter().map(|environment| Place {
                project: project.name.clone(),
                environment: environment.name.clone(),
            })
        });
        Self { conversations: config.conversations.clone(), places: places.collect() }
    }

    fn has(&self, outcome: &CaseOutcome) -> bool {
        let file = |ending: &&str| {
            let name = format!("{}.{ending}", outcome.case.conversation());
            self.conversations.join(name).is_file()
        };
        self.places.iter().any(|place| outcome.is_in(place)) && EXTENSIONS.iter().any(file)
    }
}

impl Memory {
    /// Beside the configuration in `root`, or in the folder of pending snapshots where there is
    /// one; `keeps` says whether anything may be written.
    #[must_use]
    pub fn new(root: &Path, pending_dir: Option<&Path>, keeps: bool) -> Self {
        let (folder, passed, ignored) = match pending_dir {
            Some(pending) => (pending.join(FAILED_CASES), pending.join(PASSED_CASES), None),
            None => {
                let own = root.join(FOLDER);
                (own.join("failed"), own.join("passed"), Some(own))
            }
        };
        let (scrubber, passed) = (Scrubber::default(), Arc::new(PassedCases::new(passed)));
        Self { folder, ignored, keeps, scrubber, passed, suite: None }
    }

    /// The same, with credentials taken out of whatever is written.
    #[must_use]
    pub fn scrubbing(self, scrubber: Scrubber) -> Self {
        Self { scrubber, ..self }
    }

    /// The same, without records of environments and conversations that a configuration no longer
    /// has.
    #[must_use]
    pub fn in_suite(self, config: &Config) -> Self {
        Self { suite: Some(SuiteScope::of(config)), ..self }
    }

    /// Whether anything is written.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.keeps
    }

    /// Remembers a case that was played: one that did not pass at once, one that passed when the
    /// run is over. A case that a run did not begin does not replace what is known of the time it
    /// was last played.
    ///
    /// # Errors
    /// When its file cannot be written or removed.
    pub fn remember(&self, outcome: &Arc<CaseOutcome>) -> io::Result<()> {
        if !self.keeps || outcome.verdict == Verdict::Skipped {
            return Ok(());
        }
        let path = self.path(&outcome.environment, &outcome.case);
        if outcome.verdict == Verdict::Passed {
            self.passed.add(outcome, &self.scrubber)?;
            return forget(&path);
        }
        if outcome.never_begun() && path.exists() {
            return Ok(());
        }
        self.ignore()?;
        let json = serde_json::to_string(&**outcome)?;
        replace(&path, &(self.scrubber.scrub_json(&json).into_owned() + "\n"))
    }

    /// Writes what is remembered of the cases that passed in this run.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&self) -> io::Result<()> {
        if self.passed.is_empty() {
            return Ok(());
        }
        self.ignore()?;
        self.passed.write(&self.scrubber)
    }

    /// The names of the cases of an environment that did not pass when they were last played, or
    /// were not begun.
    #[must_use]
    pub fn names(&self, environment: &str) -> Vec<CaseName> {
        let folder = self.of(environment);
        let files = WalkDir::new(&folder).sort_by_file_name().into_iter().filter_map(Result::ok);
        let names = files.filter_map(|entry| {
            let below = entry.path().strip_prefix(&folder).ok()?;
            let parts: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            Some(CaseName::new(parts.join("/").strip_suffix(".json")?))
        });
        names.collect()
    }

    /// The cases that failed when they were last played, each as in the environment that was last,
    /// in the order of their names.
    #[must_use]
    pub fn all(&self) -> Vec<CaseOutcome> {
        let mut latest: BTreeMap<CaseName, CaseOutcome> = BTreeMap::new();
        for entry in WalkDir::new(&self.folder).into_iter().filter_map(Result::ok) {
            let is_record = entry.path().extension().is_some_and(|ending| ending == "json");
            let Some(outcome) = is_record.then(|| read(entry.path())).flatten() else { continue };
            let is_later =
                latest.get(&outcome.case).is_none_or(|known| known.started() < outcome.started());
            if outcome.shows_mismatches() && self.is_current(&outcome) && is_later {
                latest.insert(outcome.case.clone(), outcome);
            }
        }
        latest.into_values().collect()
    }

    /// The result of a case when it last showed something that does not hold, in whichever
    /// environment that was last.
    #[must_use]
    pub fn latest(&self, case: &CaseName) -> Option<CaseOutcome> {
        let environments = fs::read_dir(&self.folder).ok()?.filter_map(Result::ok);
        let records = environments.filter_map(|environment| {
            read(&environment.path().join(format!("{case}.json")))
                .filter(|outcome| outcome.mismatches().next().is_some() && outcome.case == *case)
                .filter(|outcome| self.is_current(outcome))
        });
        records.max_by_key(CaseOutcome::started)
    }

    fn is_current(&self, outcome: &CaseOutcome) -> bool {
        self.suite.as_ref().is_none_or(|suite| suite.has(outcome))
    }

    fn of(&self, environment: &str) -> PathBuf {
        self.folder.join(utf8_percent_encode(environment, NON_ALPHANUMERIC).to_string())
    }

    /// The file of a case.
    pub(crate) fn path(&self, environment: &str, case: &CaseName) -> PathBuf {
        self.of(environment).join(format!("{case}.json"))
    }

    /// Makes the folder one that git ignores.
    fn ignore(&self) -> io::Result<()> {
        let Some(folder) = &self.ignored else { return Ok(()) };
        let file = folder.join(".gitignore");
        if file.exists() {
            return Ok(());
        }
        replace(&file, "*\n")
    }
}

/// A record that was written by this version; another one is as good as none.
fn read(path: &Path) -> Option<CaseOutcome> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
