//! Playing one case: create, respond turn by turn, close; the outcome is a transcript.
//!
//! Nothing here knows what is expected of a response.

mod fill;
mod ledger;
mod play;
pub mod retry;
mod stop;
mod traffic;
mod transcript;

pub use ledger::{Ledger, MayBeOpen, MaybeCreated, OpenConversation, Place, close_commands};
pub use play::{Player, Remember};
pub use stop::Stop;
pub use traffic::{Budget, Traffic};
pub use transcript::{Closing, Ending, Exchange, Transcript};
