//! The outcome of a whole run.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CaseOutcome, Summary};
use crate::player::close_commands;

/// What a run was asked to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunInfo {
    /// When it began.
    pub(crate) started: Timestamp,
    /// How many cases it has, with those that are skipped.
    pub cases: usize,
    /// The environments they are played in.
    pub environments: Vec<String>,
    /// How many conversations are in flight at most.
    pub concurrency: usize,
    /// How often a play that could not be played is begun at most.
    pub attempts: u32,
    /// The part of the cases that was selected, such as `2/5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<String>,
    /// With a shard: how many cases all of them have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) selected: Option<usize>,
    /// The digest of the names of all selected cases, before a shard was taken of them: parts of
    /// one run have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) selection: Option<String>,
}

/// A run that is over: what [`Suite::run`](crate::Suite::run) returns, and what reports are made of.
///
/// [`passed`](Self::passed) is its verdict, [`failing`](Self::failing) are the cases to look at.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RunOutcome {
    /// What it was asked to do.
    pub run: RunInfo,
    /// The outcomes of its cases, by project, environment and name.
    pub cases: Vec<Arc<CaseOutcome>>,
    /// Counts over all cases, and what is known of the run as a whole.
    pub summary: Summary,
}

impl RunOutcome {
    /// Whether at least one case passed and none counts against the run, as with the exit status 0 of
    /// `rehearsal run`. Cases that are skipped or quarantined do not count.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.summary.exit_status() == 0 && self.missing_cases() == 0
    }

    /// The cases that count against the run: they failed, are flaky where that is no pass, could not
    /// be played or were not begun.
    pub fn failing(&self) -> impl Iterator<Item = &CaseOutcome> {
        self.cases.iter().map(Arc::as_ref).filter(|case| case.is_failing())
    }

    /// The commands that close the conversations which may still be open on the platform; none
    /// where all are closed.
    #[must_use]
    pub fn close_commands(&self) -> Vec<String> {
        close_commands(&self.summary.maybe_open)
    }

    /// The cases in the order of the reports.
    #[must_use]
    pub(crate) fn new(run: RunInfo, mut cases: Vec<Arc<CaseOutcome>>, summary: Summary) -> Self {
        cases.sort_by(|a, b| a.key().cmp(&b.key()));
        Self { run, cases, summary }
    }

    /// How many cases it was to have of which nothing is known.
    #[must_use]
    pub(crate) fn missing_cases(&self) -> usize {
        self.run.cases.saturating_sub(self.cases.len())
    }

    /// A run that has begun and of which nothing else is known.
    #[must_use]
    pub(crate) fn begun() -> Self {
        let run = RunInfo { started: Timestamp::now(), ..RunInfo::default() };
        let summary = Summary { interrupted: true, ..Summary::default() };
        Self { run, cases: Vec::new(), summary }
    }
}
