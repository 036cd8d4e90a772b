//! The seam between a conversation and whatever answers it.
//!
//! A [`Backend`] opens a conversation, says something in it and closes it. What plays
//! conversations knows nothing of HTTP: a backend translates every way in which a request can
//! fail into an [`ErrorClass`], which says only what a caller may do next.

mod answer;
pub mod chat;
mod error;
mod request;
pub mod scripted;
pub mod wire;

use std::{fmt::Debug, future::Future, pin::Pin};

pub use answer::{Answer, Closed, Handoff, Opened};
pub use error::{BackendError, ErrorClass, Operation};
pub use request::{Auth, JsonText, LanguageCodes, Message, Open, Request};

use crate::text::Scrubber;

/// A request under way.
pub type BackendFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, Box<BackendError>>> + Send + 'a>>;

/// One project in one environment, as something that can be talked to.
///
/// A request carries the correlation id that its caller chose, so that the caller can name it
/// whatever becomes of the answer. A backend sends each request once. Whether it is sent again is the caller's decision, by the
/// error's class.
pub trait Backend: Debug + Send + Sync {
    /// Starts a conversation.
    ///
    /// An error may carry the id of a conversation that was started all the same
    /// ([`BackendError::conversation_id`]), which must then be closed.
    fn open<'a>(&'a self, request: &'a Open, correlation_id: String) -> BackendFuture<'a, Opened>;

    /// Sends one message and waits for the answer.
    fn say<'a>(
        &'a self,
        conversation_id: &'a str,
        message: &'a Message,
        correlation_id: String,
    ) -> BackendFuture<'a, Answer>;

    /// Ends a conversation. One that is over already, or unknown, is no error.
    fn close<'a>(&'a self, conversation_id: &'a str) -> BackendFuture<'a, Closed>;

    /// What identifies the account whose limits all requests count against: backends with the
    /// same key share one pace.
    fn limit_key(&self) -> String;

    /// The headers that sign a request, for commands that repeat it; empty where a request
    /// cannot be repeated by hand.
    fn auth(&self) -> &[Auth] {
        &[]
    }

    /// Takes the backend's credentials out of texts.
    fn scrubber(&self) -> Scrubber {
        Scrubber::default()
    }
}

/// A new id for a request, by which PolyAI's support finds it (`X-PolyAI-Correlation-Id`).
#[must_use]
pub fn correlation_id() -> String {
    format!("rehearsal-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..))
}
