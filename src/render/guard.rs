//! What a report may be written to: never a file that the team writes or that is read, and of
//! what is there already only an earlier report of the same kind.
//!
//! A wrong word after a flag would otherwise cost a conversation or the configuration.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{Format, document::is_special};
use crate::{
    config::{AgentKind, Config},
    conversation::discover,
};

/// How files end that a team writes, wherever they are.
const OWN_ENDINGS: &[&str] = &["yaml", "yml", "toml", "snap"];

/// How much of a file is looked at.
const HEAD: u64 = 1 << 16;

/// How many links are followed to a file that is not there.
const MOST_LINKS: usize = 16;

/// Files that reports must not be written to.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// The configuration and the agents.
    own: Vec<PathBuf>,
    conversations: Option<PathBuf>,
    snapshots: Option<PathBuf>,
    /// Files and folders that are read, and reports that are written already.
    taken: Vec<PathBuf>,
}

/// Why a report is not written to a file.
#[derive(Debug, thiserror::Error)]
#[error("a report in {} {reason}", path.display())]
pub struct GuardError {
    path: PathBuf,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("would replace a file of the suite; name another file")]
    Suite,
    #[error("would replace what this command reads, or another report of it; name another file")]
    Taken,
    #[error(
        "would replace a file that is not an earlier report ({0}); remove it, or name another file"
    )]
    Foreign(&'static str),
    #[error("cannot be written: it is a folder; name a file")]
    Folder,
    #[error("would replace a file that cannot be read ({0}); name another file")]
    Unreadable(io::Error),
}

impl Guard {
    /// Protects the files of a suite; where its configuration cannot be read, whatever ends like
    /// one of them.
    #[must_use]
    pub fn of(config: Option<&Config>) -> Self {
        let Some(config) = config else { return Self::default() };
        let environments = config.projects.iter().flat_map(|project| &project.environments);
        let agents = environments.filter_map(|environment| match &environment.agent {
            AgentKind::Embedded { script, .. } => Some(script.as_path()),
            AgentKind::Remote { .. } | AgentKind::Unknown => None,
        });
        Self {
            own: agents.chain([config.path.as_path()]).map(resolved).collect(),
            conversations: Some(resolved(&config.conversations)),
            snapshots: Some(resolved(&config.snapshots)),
            taken: Vec::new(),
        }
    }

    /// Protects files that are read, and the `.jsonl` files of folders that are.
    #[must_use]
    pub fn reading<'a>(mut self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        self.taken.extend(paths.into_iter().map(resolved));
        self
    }

    /// Takes a file for a report. Nothing is written.
    ///
    /// # Errors
    /// When the report would replace something else.
    pub fn claim(&mut self, path: &Path, format: Format) -> Result<(), GuardError> {
        self.check(path, format)?;
        if !is_special(path) {
            self.taken.push(resolved(path));
        }
        Ok(())
    }

    /// Whether a report of this format may be written to a file.
    ///
    /// # Errors
    /// When it would replace something else.
    pub fn check(&self, path: &Path, format: Format) -> Result<(), GuardError> {
        self.check_suite(path)?;
        self.why_not(path, format).map_or(Ok(()), |reason| Err(refused(path, reason)))
    }

    /// Whether a file is none of the suite.
    ///
    /// # Errors
    /// When it is one.
    pub fn check_suite(&self, path: &Path) -> Result<(), GuardError> {
        let is_own = self.is_of_suite(&resolved(path));
        if is_own { Err(refused(path, Reason::Suite)) } else { Ok(()) }
    }

    fn why_not(&self, path: &Path, format: Format) -> Option<Reason> {
        if path.is_dir() {
            return Some(Reason::Folder);
        }
        // Nothing is lost by writing to a pipe or a device.
        if is_special(path) {
            return None;
        }
        let real = resolved(path);
        if self.taken.iter().any(|taken| is_read(taken, &real)) {
            return Some(Reason::Taken);
        }
        match head(&real) {
            Ok(head) if head.is_empty() || format.wrote(&head) => None,
            Ok(_) => Some(Reason::Foreign(format.name())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // The writing says what is wrong with the way to it.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => None,
            Err(error) => Some(Reason::Unreadable(error)),
        }
    }

    fn is_of_suite(&self, real: &Path) -> bool {
        let below = |folder: &Option<PathBuf>| {
            folder.as_ref().is_some_and(|folder| real.starts_with(folder))
        };
        ends_like(real, OWN_ENDINGS)
            || real.to_string_lossy().ends_with(".snap.new")
            || self.own.iter().any(|own| own == real)
            || below(&self.conversations) && ends_like(real, discover::EXTENSIONS)
            || below(&self.snapshots) && ends_like(real, &["new"])
    }
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "JSON lines of a run",
            Self::JUnit => "JUnit report of Rehearsal",
            Self::Html => "HTML report of Rehearsal",
            Self::CodeQuality => "code quality report of Rehearsal",
        }
    }

    /// Whether a file that begins so was written as such a report.
    fn wrote(self, head: &str) -> bool {
        match self {
            Self::JsonLines => head.starts_with("{\"event\":\"run_started\","),
            Self::JUnit => {
                head.starts_with("<?xml") && head.contains("<testsuites name=\"rehearsal\"")
            }
            Self::Html => head.contains("<meta name=\"generator\" content=\"rehearsal\">"),
            Self::CodeQuality => {
                head.trim_end() == "[]"
                    || head.starts_with('[') && head.contains("\"check_name\": \"rehearsal/")
            }
        }
    }
}

fn refused(path: &Path, reason: Reason) -> GuardError {
    GuardError { path: path.to_owned(), reason }
}

/// Whether a report would lie in what is read or written already.
fn is_read(taken: &Path, real: &Path) -> bool {
    let is_in_folder = || real.starts_with(taken) && ends_like(real, &["jsonl"]);
    real == taken || is_in_folder()
}

fn ends_like(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    endings.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

fn head(path: &Path) -> io::Result<String> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Where a path leads, through links, also where nothing is there yet.
fn resolved(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        let Ok(target) = path.read_link() else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => resolved(folder).join(name),
        (None, Some(name)) => Path::new(".").canonicalize().unwrap_or_default().join(name),
        _ => path,
    }
}
