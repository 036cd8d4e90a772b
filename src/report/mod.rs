//! What a run says, to people and to machines.
//!
//! Everything is told from one stream of [`Event`]s; one renderer ([`failure::render`]) says
//! what failed, for the terminal and for the harness alike.

pub mod case;
mod describe;
pub mod diff;
pub mod failure;
pub mod json;
pub mod marked;
pub mod record;
pub mod summary;
pub mod support;

pub use case::{
    CaseError, CaseReport, ExchangeReport, LearnedTurn, NotReached, SnapshotNote, Surroundings,
    Unanswered, Verdict,
};
pub use describe::handoff as describe_handoff;
pub use record::CaseRecord;
pub use summary::Summary;

use crate::plan::CaseName;
pub use crate::text::layout::Style;

/// What happens in a run, as it happens.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The run begins.
    RunStarted {
        /// How many cases will be played or skipped.
        cases: usize,
    },
    /// A case begins.
    CaseStarted {
        /// Its name.
        case: &'a CaseName,
    },
    /// A case is over.
    CaseFinished {
        /// What came of it.
        report: &'a CaseReport,
    },
    /// The run is over.
    RunFinished {
        /// The sum of it.
        summary: &'a Summary,
    },
}
