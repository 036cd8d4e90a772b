//! Why a play could not be played to its end.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{backend::BackendError, text::layout};

/// Why a play could not be played to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlayError {
    /// What kind of fault it was.
    pub(crate) kind: PlayErrorKind,
    /// What happened, in one line.
    pub message: String,
    /// The request that failed, where one did.
    #[serde(flatten)]
    pub(crate) backend: Option<Box<BackendError>>,
}

/// What kind of fault kept a play from being played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayErrorKind {
    /// A request was not answered as documented.
    Request,
    /// The run was stopped.
    Interrupted,
    /// The run was aborted before this case was begun.
    NotBegun,
    /// The case's own time was over (`case_timeout`).
    CaseTimeout,
    /// The run may send no more requests (`--max-requests`).
    Budget,
    /// A file could not be read or written.
    File,
    /// A fault of Rehearsal itself.
    Internal,
}

impl PlayErrorKind {
    /// Whether another play of the case may come further.
    #[must_use]
    pub fn may_pass_in_another_play(self) -> bool {
        match self {
            Self::Request | Self::CaseTimeout => true,
            Self::Interrupted | Self::NotBegun | Self::Budget | Self::File | Self::Internal => {
                false
            }
        }
    }
}

impl PlayError {
    fn new(kind: PlayErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), backend: None }
    }

    /// A request was not answered as documented.
    #[must_use]
    pub(crate) fn request(error: Box<BackendError>) -> Self {
        let message = error.to_string();
        Self { backend: Some(error), ..Self::new(PlayErrorKind::Request, message) }
    }

    /// The run was stopped.
    #[must_use]
    pub(crate) fn interrupted() -> Self {
        Self::new(PlayErrorKind::Interrupted, "the run was stopped")
    }

    /// The run was aborted before this case was begun.
    #[must_use]
    pub(crate) fn not_begun(reason: &str) -> Self {
        Self::new(PlayErrorKind::NotBegun, format!("not played: {reason}"))
    }

    /// The case's own time was over.
    #[must_use]
    pub(crate) fn case_timeout(limit: Duration) -> Self {
        let limit = layout::duration(limit);
        let message = format!("it took longer than {limit} (`case_timeout`)");
        Self::new(PlayErrorKind::CaseTimeout, message)
    }

    /// The run may send no more requests; `after` says why the last one was to be sent again.
    #[must_use]
    pub(crate) fn budget(after: Option<&BackendError>) -> Self {
        let after = after.map(|error| format!("; before that, {error}")).unwrap_or_default();
        let message = format!("the limit of --max-requests is reached{after}");
        Self::new(PlayErrorKind::Budget, message)
    }

    /// A file could not be read or written.
    #[must_use]
    pub(crate) fn file(message: impl fmt::Display) -> Self {
        Self::new(PlayErrorKind::File, message.to_string())
    }

    /// A fault of Rehearsal itself.
    #[must_use]
    pub(crate) fn internal(message: &str) -> Self {
        Self::new(PlayErrorKind::Internal, format!("a fault of Rehearsal itself: {message}"))
    }

    /// What happened without the request, which is shown apart.
    #[must_use]
    pub(crate) fn what(&self) -> &str {
        self.backend.as_ref().map_or(&self.message, |error| &error.what)
    }

    /// What kind of fault it was, in a word or two.
    #[must_use]
    pub(crate) fn noun(&self) -> &str {
        match (self.kind, &self.backend) {
            (_, Some(error)) if error.cause == "timeout" => "turn timeout",
            (_, Some(error)) => &error.cause,
            (PlayErrorKind::Request, None) => "request",
            (PlayErrorKind::Interrupted, None) => "stopped",
            (PlayErrorKind::NotBegun, None) => "not played",
            (PlayErrorKind::CaseTimeout, None) => "case timeout",
            (PlayErrorKind::Budget, None) => "--max-requests reached",
            (PlayErrorKind::File, None) => "file",
            (PlayErrorKind::Internal, None) => "a fault of Rehearsal itself",
        }
    }

    /// What the platform calls it.
    #[must_use]
    #[doc(hidden)]
    pub fn code(&self) -> Option<&str> {
        self.backend.as_ref()?.error_code.as_deref()
    }
}

impl fmt::Display for PlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
