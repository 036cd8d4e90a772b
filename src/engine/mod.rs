//! Carrying out a plan: the one place where playing, checking and files come together.
//!
//! The command line and the `cargo test` harness are two thin fronts of [`Engine`].

mod case;
mod credentials;
mod descriptors;
mod error;
pub mod failed;
mod halt;
mod keep;
mod learn;
mod leftovers;
mod limits;
mod run;
mod signal;
mod start;
mod waiting;

pub use case::Finished;
pub use error::StartError;
pub use failed::FailedCases;
pub use run::run;
pub use signal::{Signals, ending_signal, stop_on_signal};
pub use start::{Engine, RunOptions, Setup, failed_cases, remote_client, store};
