//! Why nothing was played.

use std::error::Error as StdError;

use crate::{
    config::OpenError,
    engine::StartError,
    source::{Diagnostic, ReadError, Severity},
    suite::PlanError,
    text::layout::{Style, count},
    vars::EmptyVar,
};

/// Why nothing was played.
///
/// A case that failed or could not be played is no error but a [`CaseOutcome`](crate::CaseOutcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration cannot be read.
    #[error(transparent)]
    Read(Box<dyn StdError + Send + Sync>),
    /// Files hold mistakes: each with its place, an excerpt and help, as `rehearsal check` prints it.
    #[error("{}\n\n{}; nothing was played", .0.join("\n\n"), count(.0.len(), "mistake"))]
    Mistakes(Vec<String>),
    /// The selection names what does not exist, or leaves nothing to play.
    #[error(transparent)]
    Selection(Box<dyn StdError + Send + Sync>),
    /// The run could not start: credentials are missing, or it would send more requests than it may.
    #[error(transparent)]
    Start(Box<dyn StdError + Send + Sync>),
    /// [`Suite::run`](crate::Suite::run) was not polled by a tokio runtime, or the runtime was shut
    /// down meanwhile.
    #[error("a run needs a tokio runtime, with I/O and time enabled, until it is over")]
    NoRuntime,
}

impl Error {
    fn of_mistakes(mistakes: &[Diagnostic]) -> Self {
        let errors = mistakes.iter().filter(|one| one.severity == Severity::Error);
        Self::Mistakes(errors.map(|one| one.render(Style::Plain)).collect())
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        Self::Read(Box::new(error))
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Mistakes(mistakes) => Self::of_mistakes(&mistakes),
            OpenError::Read(error) => error.into(),
            OpenError::Missing => Self::Read(Box::new(error)),
        }
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Mistakes(mistakes) => Self::of_mistakes(&mistakes),
            PlanError::Config(error) => error.into(),
            other => Self::Selection(Box::new(other)),
        }
    }
}

impl From<EmptyVar> for Error {
    fn from(error: EmptyVar) -> Self {
        Self::Selection(Box::new(error))
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Agent(mistakes) => Self::of_mistakes(&mistakes),
            other => Self::Start(Box::new(other)),
        }
    }
}
