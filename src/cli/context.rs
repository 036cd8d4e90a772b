//! What every command starts from, and how it says that it cannot go on.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use super::output::{note, tell};
use crate::{
    config::{Config, FILE_NAME, OpenError},
    engine::StartError,
    outcome::read::ReadRunError,
    render::{Style, WriteError},
    snapshot::{StoreError, decision::TurnDecisionError},
    source::{Diagnostic, Problems, ReadError, Severity},
    suite::PlanError,
    vars::{EmptyVar, InvalidNow, Vars},
};

/// The surroundings of the process, taken once.
pub(super) struct Context {
    pub vars: Vars,
    pub folder: PathBuf,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Var(#[from] EmptyVar),
    #[error(transparent)]
    Now(#[from] InvalidNow),
    #[error("there is no {FILE_NAME} in this folder or above it; `rehearsal init` writes one")]
    NoConfig,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("mistakes in files")]
    Mistakes(Vec<Diagnostic>),
    #[error("mistakes in the agent")]
    Agent(Vec<Diagnostic>),
    #[error(transparent)]
    Plan(PlanError),
    #[error(transparent)]
    Start(StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot remove {}: {source}", path.display())]
    Remove { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Report(#[from] WriteError),
    #[error(transparent)]
    Recorded(#[from] ReadRunError),
    #[error("cannot start threads: {0}")]
    Threads(io::Error),
    #[error("cannot catch signals: {0}")]
    Signals(io::Error),
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen { port: u16, source: io::Error },
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
    #[error("{0}")]
    Says(String),
    /// A turn is not pending; the exit status is 1, for what was asked for stays as it is.
    #[error(transparent)]
    Left(TurnDecisionError),
}

impl From<PlanError> for CliError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Mistakes(mistakes) => Self::Mistakes(mistakes),
            other => Self::Plan(other),
        }
    }
}

impl From<StartError> for CliError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Agent(mistakes) => Self::Mistakes(mistakes),
            other => Self::Start(other),
        }
    }
}

impl Context {
    pub fn of_process() -> Self {
        Self { vars: Vars::of_process(), folder: std::env::current_dir().unwrap_or_default() }
    }

    /// The variables, with the folder that a flag names in the place of `INSTA_PENDING_DIR`.
    pub fn vars_with_pending_dir(&self, folder: Option<&Path>) -> Result<Vars, CliError> {
        let Some(folder) = folder else { return Ok(self.vars.clone()) };
        let path = self.folder.join(folder);
        let utf8 = path.to_str().ok_or_else(|| {
            CliError::Says(format!("--pending-dir {} is not UTF-8", folder.display()))
        })?;
        Ok(self.vars.clone().with("INSTA_PENDING_DIR", utf8))
    }

    /// What a flag says, or the variable that stands in for it.
    pub fn flag_or_var(
        &self,
        flag: Option<&String>,
        name: &'static str,
    ) -> Result<Option<String>, EmptyVar> {
        match flag {
            Some(flag) => Ok(Some(flag.clone())),
            None => Ok(self.vars.flag(name)?.map(str::to_owned)),
        }
    }

    /// The configuration, which must hold no mistake.
    pub fn config(&self, named: Option<&Path>) -> Result<Config, CliError> {
        match self.read_config(named)? {
            (config, problems) if !problems.has_errors() => Ok(config),
            (_, problems) => Err(CliError::Mistakes(problems.into_sorted())),
        }
    }

    /// The configuration and the mistakes in it: the file named, or the nearest one in this
    /// folder or above it.
    pub fn read_config(&self, named: Option<&Path>) -> Result<(Config, Problems), CliError> {
        let named = match named {
            Some(named) => Some(named.to_owned()),
            None => self.vars.flag("REHEARSAL_CONFIG")?.map(PathBuf::from),
        };
        let now = self.vars.now()?;
        let opened = Config::open(named, &self.folder);
        opened.map(|(config, problems)| (config.at(now), problems)).map_err(|error| match error {
            OpenError::Missing => CliError::NoConfig,
            OpenError::Read(error) => CliError::Read(error),
            OpenError::Mistakes(mistakes) => CliError::Mistakes(mistakes),
        })
    }
}

/// Colour on standard output.
pub(super) fn stdout_style() -> Style {
    style(io::stdout().is_terminal(), anstream::AutoStream::choice(&io::stdout()))
}

/// Colour on standard error.
pub(super) fn stderr_style() -> Style {
    style(io::stderr().is_terminal(), anstream::AutoStream::choice(&io::stderr()))
}

fn style(terminal: bool, choice: anstream::ColorChoice) -> Style {
    match choice {
        anstream::ColorChoice::Never => Style::Plain,
        anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi => Style::Coloured,
        anstream::ColorChoice::Auto if terminal => Style::Coloured,
        anstream::ColorChoice::Auto => Style::Plain,
    }
}

impl CliError {
    /// The exit status of a program that ends so.
    pub fn exit_status(&self) -> u8 {
        if matches!(self, Self::Left(_)) { 1 } else { 2 }
    }

    pub fn print(&self) {
        let style = stderr_style();
        match self {
            Self::Mistakes(mistakes) => {
                print_mistakes(mistakes, style);
                note(format!(
                    "{}: {}; nothing was played",
                    style.headline("error"),
                    count_mistakes(mistakes)
                ));
            }
            Self::Agent(mistakes) => {
                print_mistakes(mistakes, style);
                note(format!("{}: {}", style.headline("error"), count_mistakes(mistakes)));
            }
            other => tell("error:", |word| style.headline(word), &other.to_string()),
        }
    }
}

/// Prints diagnostics with their excerpts on standard error.
pub(super) fn print_mistakes(mistakes: &[Diagnostic], style: Style) {
    for mistake in mistakes {
        note(mistake.render(style) + "\n");
    }
}

/// `3 mistakes in 2 files`
pub(super) fn count_mistakes(mistakes: &[Diagnostic]) -> String {
    let errors = || mistakes.iter().filter(|one| one.severity == Severity::Error);
    let mut files: Vec<&Path> = errors().map(|one| one.file.path.as_path()).collect();
    files.sort_unstable();
    files.dedup();
    let count = crate::text::layout::count;
    format!("{} in {}", count(errors().count(), "mistake"), count(files.len(), "file"))
}
