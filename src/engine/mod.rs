//! Carrying out a plan: the one place where playing, checking and files come together.
//!
//! The command line and the `cargo test` harness are two thin fronts of [`Engine`].

mod case;
mod confirmations;
mod connect;
mod credentials;
mod descriptors;
mod error;
mod files;
mod halt;
mod keep;
mod learn;
mod leftovers;
mod limits;
mod play;
mod run;
mod signal;
mod start;
mod waiting;

pub use case::{AfterPlay, CaseSoFar};
pub use connect::remote;
pub use error::StartError;
pub use files::{memory, store};
pub use run::run;
pub use signal::{SIGNALLED, Signals, ending_signal, stop_on_signal};
pub use start::{Engine, RunOptions, Setup};
