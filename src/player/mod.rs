//! Playing one case: create, respond turn by turn, close; the result is a transcript.
//!
//! Nothing here knows what is expected of a response, or which API answers: a [`Player`] is handed
//! a [`Script`], which holds only what is sent, and a [`Backend`](crate::backend::Backend).

mod cancel;
mod ledger;
mod limiter;
mod play;
pub mod retry;
mod script;
mod transcript;

pub use cancel::Stop;
pub use ledger::{Ledger, OpenConversation, Unclosed, UnknownCreate, close_commands};
pub use limiter::{Budget, Limiter};
pub use play::{Capture, Player};
pub use script::Script;
pub use transcript::{Closing, Ending, Exchange, Transcript};
