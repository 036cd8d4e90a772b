//! What a program that uses the library meets: a suite, its errors, and failures in words.
//!
//! It is a third front beside the command line and the harness, but one that neither prints nor
//! exits. The types it hands out are those of [`outcome`](crate::outcome), so that whoever reads
//! them reads the same as a report.

mod error;
mod explanation;
mod play;
mod suite;

pub use error::Error;
pub use suite::Suite;
