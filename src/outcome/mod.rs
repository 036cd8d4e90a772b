//! The result of a run: one model that the engine makes, `--json` writes, every report renders,
//! and a review reads.
//!
//! A [`CaseOutcome`] holds its [`Play`]s; a play holds its transcript and its typed mismatches.
//! The [`Verdict`] on a case is a function of its plays and its rule alone. Whatever a run can show can be
//! shown again from its JSON lines, on another machine and joined with other runs.

mod answers;
mod case;
pub mod compare;
mod error;
mod event;
mod invocation;
pub mod join;
pub mod json_lines;
mod latency;
pub mod memory;
mod play;
pub mod read;
mod run;
mod shards;
mod standing;
mod summary;
mod tally;
mod verdict;

pub use answers::{CountedAnswer, TurnAnswers};
pub use case::{CaseOutcome, LearnedTurn, SnapshotWritten};
pub use error::{PlayError, PlayErrorKind};
pub use event::Event;
pub use invocation::{Invocation, ReadOnlyReason};
pub use json_lines::JsonLines;
pub use latency::Latencies;
pub use play::{Play, UnplayedTurn};
pub use run::{RunInfo, RunOutcome};
pub use standing::Standing;
pub use summary::Summary;
pub use verdict::{Judgement, PlayVerdict, Verdict};

/// The version of the JSON lines; another one is not read.
pub const SCHEMA_VERSION: u32 = 2;
