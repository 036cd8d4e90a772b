//! What happens in a run, as it happens.

use std::sync::Arc;

use super::{CaseOutcome, RunInfo, Summary};
use crate::conversation::CaseName;

/// What happens in a run, as it happens: [`Suite::on_event`](crate::Suite::on_event) is called with it.
///
/// Cases overlap, so a case may begin before another is over.
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
    /// Nothing has happened for a moment: time to write out what is buffered.
    Idle,
    /// The run is over.
    RunFinished {
        /// The sum of it.
        summary: &'a Summary,
    },
}
