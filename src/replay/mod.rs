//! Playing one case: create, respond turn by turn, close; the outcome is a transcript.
//!
//! Nothing here knows what is expected of a response.

mod ledger;
mod pace;
mod play;
mod transcript;

pub use ledger::Ledger;
pub use pace::Pace;
pub use play::{Player, Stop};
pub use transcript::{Closing, Ending, Exchange, Transcript};
