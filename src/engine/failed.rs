//! What is remembered of the cases that did not pass when they were last played, or were not begun.
//!
//! One file a case, so that processes side by side do not disturb one another: for
//! `--rerun-failed`, and for a review, which shows beside a pending text what no snapshot can
//! accept.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use walkdir::WalkDir;

use crate::{
    config::Config,
    plan::CaseName,
    replay::Place,
    report::{CaseRecord, Verdict},
    snapshot::disk::replace,
    spec::discover::ENDINGS,
    text::Scrubber,
};

/// The folder beside `rehearsal.toml`, which git is told to ignore.
const FOLDER: &str = ".rehearsal";

/// The folder in a folder of pending snapshots, which travels with them.
const FOLDER_OF_PENDING: &str = "failed-cases";

/// The records of cases that did not pass, on disk.
#[derive(Clone, Debug)]
pub struct FailedCases {
    /// The folder of the records.
    folder: PathBuf,
    /// The folder that git is to ignore, where it is ours.
    ignored: Option<PathBuf>,
    /// Whether anything is written.
    keeps: bool,
    scrubber: Scrubber,
    /// Where cases are still played; everywhere, where no configuration was given.
    suite: Option<Suite>,
}

/// What a record must still belong to, to say something of the suite as it is now.
#[derive(Clone, Debug)]
struct Suite {
    conversations: PathBuf,
    /// Projects with their environments.
    places: Arc<[Place]>,
}

impl Suite {
    fn of(config: &Config) -> Self {
        let places = config.projects.iter().flat_map(|project| {
            project.environments.iter().map(|environment| Place {
                project: project.name.clone(),
                environment: environment.name.clone(),
            })
        });
        Self { conversations: config.conversations.clone(), places: places.collect() }
    }

    fn has(&self, record: &CaseRecord) -> bool {
        let file = |ending: &&str| {
            let name = format!("{}.{ending}", record.case.conversation());
            self.conversations.join(name).is_file()
        };
        self.places.iter().any(|place| record.is_in(place)) && ENDINGS.iter().any(file)
    }
}

impl FailedCases {
    /// Beside the configuration in `root`, or in the folder of pending snapshots where there is
    /// one; `keeps` says whether anything may be written.
    #[must_use]
    pub fn new(root: &Path, pending_dir: Option<&Path>, keeps: bool) -> Self {
        let (folder, ignored) = match pending_dir {
            Some(pending) => (pending.join(FOLDER_OF_PENDING), None),
            None => (root.join(FOLDER).join("failed"), Some(root.join(FOLDER))),
        };
        Self { folder, ignored, keeps, scrubber: Scrubber::default(), suite: None }
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
        Self { suite: Some(Suite::of(config)), ..self }
    }

    /// Whether anything is written.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.keeps
    }

    /// Takes note of a case that was played: one that passed is no longer remembered.
    ///
    /// # Errors
    /// When its file cannot be written or removed.
    pub fn note(
        &self,
        environment: &str,
        case: &CaseName,
        record: Option<&CaseRecord>,
    ) -> io::Result<()> {
        if !self.keeps {
            return Ok(());
        }
        let path = self.path(environment, case);
        let Some(record) = record else { return forget(&path) };
        self.ignore()?;
        let json = serde_json::to_string(record)?;
        replace(&path, &(self.scrubber.scrub_json(&json).into_owned() + "\n"))
    }

    /// Takes note of a case that a run was to play and did not begin. What is known of the time it
    /// was last played stays: nothing newer is.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn note_not_begun(
        &self,
        environment: &str,
        case: &CaseName,
        record: &CaseRecord,
    ) -> io::Result<()> {
        if self.path(environment, case).exists() {
            return Ok(());
        }
        self.note(environment, case, Some(record))
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
    pub fn all(&self) -> Vec<CaseRecord> {
        let mut latest: BTreeMap<CaseName, CaseRecord> = BTreeMap::new();
        for entry in WalkDir::new(&self.folder).into_iter().filter_map(Result::ok) {
            let is_record = entry.path().extension().is_some_and(|ending| ending == "json");
            let Some(record) = is_record.then(|| read(entry.path())).flatten() else { continue };
            let is_later =
                latest.get(&record.case).is_none_or(|known| known.started < record.started);
            if record.verdict == Verdict::Failed && self.is_current(&record) && is_later {
                latest.insert(record.case.clone(), record);
            }
        }
        latest.into_values().collect()
    }

    /// What came of a case when it last failed, in whichever environment that was last.
    #[must_use]
    pub fn latest(&self, case: &CaseName) -> Option<CaseRecord> {
        let environments = fs::read_dir(&self.folder).ok()?.filter_map(Result::ok);
        let records = environments.filter_map(|environment| {
            read(&environment.path().join(format!("{case}.json")))
                .filter(|record| record.verdict == Verdict::Failed && record.case == *case)
                .filter(|record| self.is_current(record))
        });
        records.max_by_key(|record| record.started)
    }

    fn is_current(&self, record: &CaseRecord) -> bool {
        self.suite.as_ref().is_none_or(|suite| suite.has(record))
    }

    fn of(&self, environment: &str) -> PathBuf {
        self.folder.join(utf8_percent_encode(environment, NON_ALPHANUMERIC).to_string())
    }

    /// The file of a case.
    pub(super) fn path(&self, environment: &str, case: &CaseName) -> PathBuf {
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
fn read(path: &Path) -> Option<CaseRecord> {
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
