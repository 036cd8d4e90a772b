//! `rehearsal.toml`: projects, environments, variants, and where credentials are found.

pub mod attributes;
mod place;
mod quarantine;
mod read;
pub mod region;
mod rule;
pub mod shape;
pub mod studio;
mod swallow;

pub use place::Place;
pub use quarantine::QuarantineLimits;
pub use rule::{FlakyCounts, PlayCount, VerdictRule};

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    source::{Diagnostic, Problems, ReadError, SourceFile, Span},
    text::{Bindings, Pattern},
};

/// The name of the file that is looked for.
pub const FILE_NAME: &str = "rehearsal.toml";

/// Everything that `rehearsal.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that the file lies in, as it was reached.
    pub root: PathBuf,
    /// The file itself.
    pub path: PathBuf,
    /// Whether somebody named the file, rather than that it was found.
    pub named: bool,
    /// The folder of the conversations.
    pub conversations: PathBuf,
    /// The folder of the snapshots.
    pub snapshots: PathBuf,
    /// The project of conversations that name none.
    pub default_project: Option<String>,
    /// The environment that is played where none is chosen.
    pub default_environment: Option<String>,
    /// The projects, in the order of the file.
    pub projects: Vec<Project>,
    /// Settings of every run.
    pub run: RunSettings,
    /// How much may be quarantined, and for how long.
    pub quarantine: QuarantineLimits,
    /// The day in UTC on which this is read, by which quarantines hold or have ended.
    pub today: Date,
    /// What no response of any conversation may contain.
    pub forbid: Vec<Pattern>,
    /// What varies from run to run and is replaced in snapshots.
    pub redactions: Vec<Redaction>,
}

/// One PolyAI project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name in this file.
    pub name: String,
    /// Its variants.
    pub variants: Vec<ProjectVariant>,
    /// The variant of conversations that name none.
    pub default_variant: Option<String>,
    /// Its environments.
    pub environments: Vec<Environment>,
}

/// One variant of a project.
#[derive(Clone, Debug)]
pub struct ProjectVariant {
    /// Its name in conversations.
    pub name: String,
    /// The id that is sent.
    pub id: String,
    /// Its attributes as they are written, blank ones too.
    pub attributes: Bindings,
}

/// One environment of a project.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name: `local`, `sandbox`, `pre-release`, `live` …
    pub name: String,
    /// The account that the project belongs to, as it stands in the path of a request.
    pub account_id: String,
    /// The project, as it stands in the path of a request.
    pub project_id: String,
    /// What answers.
    pub agent: AgentKind,
    /// Settings of runs in this environment, where they differ.
    pub run: RunSettings,
}

/// A place in `rehearsal.toml`.
#[derive(Clone, Debug)]
pub struct Named {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The value.
    pub span: Span,
}

/// What answers in an environment.
#[derive(Clone, Debug)]
pub enum AgentKind {
    /// It cannot be told, for the file holds a mistake there.
    Unknown,
    /// The embedded agent, scripted in a file.
    Embedded {
        /// The agent file.
        script: PathBuf,
        /// Where it is named.
        named: Named,
    },
    /// A PolyAI project behind the Chat API.
    Remote {
        /// The host, such as `https://api.uk-1.platform.polyai.app`.
        base_url: String,
        /// The environment variable that holds the API key (`X-API-KEY`).
        api_key_env: String,
        /// The environment variable that holds the connector token (`X-TOKEN`).
        token_env: String,
    },
}

/// How a run behaves; what is `None` is decided elsewhere or left at its default.
#[derive(Clone, Debug, Default)]
pub struct RunSettings {
    /// How many conversations are in flight at once.
    pub concurrency: Option<usize>,
    /// How many requests are sent per second; no pacing without it.
    pub requests_per_second: Option<f64>,
    /// How long one answer may take.
    pub turn_timeout: Option<Duration>,
    /// How long a connection may take.
    pub connect_timeout: Option<Duration>,
    /// How long one case may take, all attempts together.
    pub case_timeout: Option<Duration>,
    /// How many times a conversation that could not be played is begun afresh, the first included.
    pub attempts: Option<u32>,
    /// How often a case is played, and how many of its plays have to pass.
    pub plays: Option<PlayCount>,
    /// How often a case of one play that failed is played again.
    pub confirm_failures: Option<u32>,
    /// What it counts where one of those plays passes.
    pub flaky: Option<FlakyCounts>,
}

impl RunSettings {
    /// These settings, with what they leave open taken from `other`.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            concurrency: self.concurrency.or(other.concurrency),
            requests_per_second: self.requests_per_second.or(other.requests_per_second),
            turn_timeout: self.turn_timeout.or(other.turn_timeout),
            connect_timeout: self.connect_timeout.or(other.connect_timeout),
            case_timeout: self.case_timeout.or(other.case_timeout),
            attempts: self.attempts.or(other.attempts),
            plays: self.plays.or(other.plays),
            confirm_failures: self.confirm_failures.or(other.confirm_failures),
            flaky: self.flaky.or(other.flaky),
        }
    }
}

/// Text that varies from run to run, by the name it has in snapshots.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// The name, without braces.
    pub name: String,
    /// What is replaced.
    pub pattern: Pattern,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// None was named, and there is none in the folder or above it.
    #[error("there is no {FILE_NAME} in this folder or above it")]
    Missing,
    /// The file cannot be read at all.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file holds mistakes that leave nothing to work with.
    #[error("mistakes in the configuration")]
    Mistakes(Vec<Diagnostic>),
}

impl Config {
    /// Reads the configuration that is named, or the nearest one in a folder or above it, and gives
    /// back the mistakes in it as well.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(named: Option<PathBuf>, folder: &Path) -> Result<(Self, Problems), OpenError> {
        let is_named = named.is_some();
        let path = named.or_else(|| Self::nearest(folder)).ok_or(OpenError::Missing)?;
        let mut problems = Problems::default();
        match Self::read(&path, &mut problems)? {
            Some(config) => Ok((Self { named: is_named, ..config }, problems)),
            None => Err(OpenError::Mistakes(problems.into_sorted())),
        }
    }

    /// Reads a configuration file; every mistake in it goes to `problems`.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn read(path: &Path, problems: &mut Problems) -> Result<Option<Self>, ReadError> {
        let file = SourceFile::read(path)?;
        Ok(Self::from_file(&file, problems))
    }

    /// The same, judged at another time than when it was read.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { today: TimeZone::UTC.to_datetime(now).date(), ..self }
    }

    /// From a file that has been read; every mistake in it goes to `problems`.
    pub fn from_file(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Self> {
        read::read(file, problems)
    }

    /// The nearest [`FILE_NAME`] in `folder` or above it.
    #[must_use]
    pub fn find(folder: &Path) -> Option<PathBuf> {
        folder.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
    }

    /// The path of that file, relative to `folder`, so that messages are short.
    #[must_use]
    pub fn nearest(folder: &Path) -> Option<PathBuf> {
        let found = Self::find(folder)?;
        let above = folder.ancestors().position(|folder| found.parent() == Some(folder))?;
        Some(std::iter::repeat_n("..", above).collect::<PathBuf>().join(FILE_NAME))
    }

    /// A project by its name.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.name == name)
    }

    /// The project of a conversation, by the name that it gives.
    #[must_use]
    pub fn project_of(&self, named: Option<&str>) -> Option<&Project> {
        named.map_or_else(|| self.the_project(), |name| self.project(name))
    }

    /// The project of a conversation that names none.
    #[must_use]
    pub fn the_project(&self) -> Option<&Project> {
        match (&self.default_project, self.projects.as_slice()) {
            (Some(name), _) => self.project(name),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Project {
    /// An environment by its name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }

    /// A variant by its name.
    #[must_use]
    pub fn variant(&self, name: &str) -> Option<&ProjectVariant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}
