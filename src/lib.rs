//! Regression tests for conversations with PolyAI agents.
//!
//! A team keeps the conversations that must go on working as YAML files. Rehearsal plays every
//! turn of them against a chosen project, environment and variant through PolyAI's Chat API
//! (create, respond, close) and says, turn by turn, what is different: the words, the handoff,
//! the end of the conversation.
//!
//! # As a test of a package
//!
//! `tests/conversations.rs`, with `harness = false` for it in `Cargo.toml`:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     rehearsal::harness()
//! }
//! ```
//!
//! # How it is made
//!
//! One straight line, along which data flows down only:
//!
//! 1. [`source`] reads files with positions, [`config`] and [`conversation`] say what they mean;
//! 2. [`suite`] makes cases of conversations, variants and an environment;
//! 3. [`player`] plays a case over a [`backend`] and returns a transcript;
//! 4. [`check`] compares the transcript with what is expected and with its [`snapshot`];
//! 5. [`outcome`] is the result of it, and [`render`] makes reports of that.
//!
//! [`engine`] carries it out; the command line and [`harness()`] are thin fronts of it.
//! [`agent`] is the other end of the wire for work without a key: a scripted agent on loopback.
//!
//! # What it does not do
//!
//! It simulates no callers, asks no language model for a verdict, and hears no voice: every
//! turn is written by a person, and every verdict can be explained by pointing at a line.

#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

pub mod agent;
pub mod audit;
pub mod backend;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod conversation;
pub mod engine;
mod harness;
pub mod outcome;
pub mod player;
pub mod render;
pub mod review;
pub mod snapshot;
pub mod source;
pub mod suite;
pub mod text;
pub mod vars;

pub use harness::harness;
