//! What happens in a run, as it happens.

use std::sync::Arc;

use super::{CaseOutcome, RunInfo, Summary};
use crate::conversation::CaseName;

/// What happens in a run, as it happens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The run begins.
    RunStarted {
        /// What will be played, and how.
        run: &'a RunInfo,
    },
    /// A case begins.
    CaseStarted {
        /// Its name.
        case: &'a CaseName,
    },
    /// A case is over.
    CaseFinished {
        /// Its outcome.
        outcome: &'a Arc<CaseOutcome>,
    },
    /// Nothing has happened for a moment.
    Idle,
    /// The run is over.
    RunFinished {
        /// The sum of it.
        summary: &'a Summary,
    },
}
