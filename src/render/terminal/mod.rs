//! What is printed for a person at a terminal, or in the log of a CI job.

mod case_line;
mod conversation;
pub mod diff;
mod failure;
mod last_lines;
mod mismatch;
mod other_plays;
mod run;

pub use conversation::transcript;
pub use failure::render as failure;
pub use last_lines::LastLines;
pub use run::{Commands, Terminal, Verbosity};
