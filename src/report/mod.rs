//! What a run says, to people and to machines.
//!
//! Everything is told from one stream of [`Event`]s; one renderer ([`failure::render`]) says
//! what failed, for the terminal and for the harness alike.

pub mod case;
pub mod compare;
mod describe;
pub mod diff;
pub mod failure;
pub mod files;
mod filled;
pub mod github;
pub mod gitlab;
pub mod guard;
mod headline;
#[cfg(feature = "reports")]
pub mod html;
pub mod join;
pub mod json;
#[cfg(feature = "reports")]
pub mod junit;
mod last_lines;
pub mod latency;
pub mod marked;
pub mod place;
pub mod record;
mod recording;
pub mod rendering;
mod shards;
#[cfg(feature = "reports")]
mod spool;
pub mod stream;
pub mod summary;
pub mod support;
mod transcript;
#[cfg(feature = "reports")]
mod xml;

pub use case::{
    CaseError, CaseReport, ExchangeReport, LearnedTurn, NotReached, ShownPlay, SnapshotNote,
    Surroundings, Unanswered, Unwritten, Verdict,
};
pub use describe::handoff as describe_handoff;
pub use files::{Files, WriteError};
pub use guard::Guard;
pub use json::JsonLines;
pub use last_lines::LastLines;
pub use latency::Latencies;
pub use place::Repository;
pub use record::{CaseRecord, RunFacts, RunRecord};
pub use rendering::Rendering;
pub use summary::Summary;
pub use transcript::render as transcript;

use std::sync::Arc;

use crate::plan::CaseName;
pub use crate::text::layout::Style;

/// What happens in a run, as it happens.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The run begins.
    RunStarted {
        /// What will be played, and how.
        facts: &'a RunFacts,
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
        /// The same as it is written down.
        record: &'a Arc<CaseRecord>,
    },
    /// Nothing has happened for a moment.
    Quiet,
    /// The run is over.
    RunFinished {
        /// The sum of it.
        summary: &'a Summary,
    },
}
