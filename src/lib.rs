//! Regression tests for conversations with PolyAI agents.
//!
//! A team keeps the conversations that must go on working as YAML files. Rehearsal plays every
//! turn of them against a chosen project, environment and variant through PolyAI's Chat API
//! (create, respond, close) and says, turn by turn, what is different: the words, the handoff,
//! the end of the conversation.
//!
//! A conversation is `conversations/hours.yaml`:
//!
//! ```yaml
//! turns:
//!   - user: When do you open?
//!     expect: { contains: noon }
//! ```
//!
//! and `rehearsal.toml` says where the agent is. `rehearsal init` writes both. The README has the
//! formats and the command line; this is the library.
//!
//! # A test
//!
//! Every conversation becomes a test of `cargo test` with a `tests/conversations.rs` and
//! `harness = false` for it in `Cargo.toml`:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     rehearsal::harness()
//! }
//! ```
//!
//! [`Harness`] is the same with settings. Leave out what only the command line needs with
//! `default-features = false`; `features = ["reports"]` adds JUnit and HTML.
//!
//! # A run in a program
//!
//! [`Suite::load`] reads a configuration, [`Suite::select`] says which cases are wanted, and
//! [`Suite::run`] plays them:
//!
//! ```
//! use rehearsal::{Selection, Suite};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), rehearsal::Error> {
//!     let smoke = Selection::new().environment("local").tag("smoke");
//!     let run = Suite::load("rehearsal.toml")?.select(smoke).run().await?;
//!     for case in run.failing() {
//!         println!("{}: {}", case.case, case.reason.as_deref().unwrap_or_default());
//!     }
//!     assert!(run.passed());
//!     Ok(())
//! }
//! ```
//!
//! It ends with a [`RunOutcome`]: a [`CaseOutcome`] for each case, in it a [`Play`] for each time
//! that the case was played, and in that every answer (an [`Exchange`]) and every [`Mismatch`];
//! [`CaseOutcome::explanation`] is what the command line prints of a failure.
//! [`Suite::on_event`] tells of it while it happens. These are the types that `--json` writes and
//! that every report is made of; `serde_json` reads a [`CaseOutcome`] back from such a line.
//!
//! # What it does not do
//!
//! It simulates no callers, asks no language model for a verdict, and hears no voice: every
//! turn is written by a person, and every verdict can be explained by pointing at a line.
//!
//! # What is stable
//!
//! The items below. Modules that this page does not list serve the program, its benchmarks and its
//! tests, and may change in any version.

#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

// Hidden: the program's own tests, benchmarks and fuzz targets reach into them, users need not.
#[doc(hidden)]
pub mod agent;
#[cfg(feature = "cli")]
mod audit;
#[doc(hidden)]
pub mod backend;
#[doc(hidden)]
pub mod check;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod conversation;
#[doc(hidden)]
pub mod engine;
mod facade;
mod harness;
#[doc(hidden)]
pub mod outcome;
#[doc(hidden)]
pub mod player;
#[doc(hidden)]
pub mod render;
#[doc(hidden)]
pub mod review;
#[doc(hidden)]
pub mod snapshot;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod suite;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod vars;

pub use backend::Handoff;
pub use check::Mismatch;
pub use conversation::{CaseName, TurnNumber};
pub use facade::{Error, Suite};
pub use harness::{Harness, harness};
pub use outcome::{
    CaseOutcome, Event, Play, PlayError, PlayVerdict, RunInfo, RunOutcome, Summary, Verdict,
};
pub use player::Exchange;
pub use suite::Selection;
