//! What happened in one conversation.

use std::time::Duration;

use hyper::body::Bytes;
use jiff::Timestamp;

use crate::{
    chat::{ChatError, Handoff},
    text::Bindings,
};

/// One conversation as it was played.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The platform's id; `None` when the conversation could not be created.
    pub conversation_id: Option<String>,
    /// The answer to `create`.
    pub greeting: Option<Exchange>,
    /// The answered turns, in order.
    pub turns: Vec<Exchange>,
    /// The message that was sent last and got no answer as documented.
    pub unanswered: Option<String>,
    /// How many conversations may have been started whose ids are not known.
    pub maybe_created: usize,
    /// Why it went no further.
    pub ending: Ending,
    /// What became of `close`.
    pub closing: Closing,
    /// How many requests were sent.
    pub requests: usize,
    /// Why requests were sent again.
    pub repeated: Vec<ChatError>,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub duration: Duration,
}

/// A message and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was sent as `message`; `None` for the greeting.
    pub user: Option<String>,
    /// What the agent said.
    pub response: String,
    /// Whether it ended the conversation.
    pub end_conversation: bool,
    /// The handoff, if there was one.
    pub handoff: Option<Handoff>,
    /// From sending to the last byte of the answer.
    pub latency: Duration,
    /// The id of the request.
    pub correlation_id: String,
    /// The body of the request, in JSON.
    pub request: Bytes,
    /// When it was sent.
    pub sent: Timestamp,
    /// Departures from the documented answer that were put up with.
    pub notes: Vec<&'static str>,
    /// What the response's named groups captured.
    pub captured: Bindings,
}

/// Why a conversation went no further.
#[derive(Clone, Debug)]
pub enum Ending {
    /// Every turn was played.
    Played,
    /// The agent ended the conversation with turns left.
    AgentEnded,
    /// A turn could not be sent, for a `${name}` in it was never captured.
    Unbound {
        /// The name.
        name: String,
    },
    /// A request was not answered as documented.
    Failed(ChatError),
    /// The run was stopped.
    Interrupted,
    /// The case's own time was over.
    OutOfTime {
        /// The limit (`case_timeout`).
        limit: Duration,
    },
    /// The run may send no more requests.
    BudgetSpent {
        /// Why the request was to be sent again, where it was.
        after: Option<ChatError>,
    },
}

/// What became of the conversation on the platform.
#[derive(Clone, Debug)]
pub enum Closing {
    /// There was none, or the agent ended it.
    NotNeeded,
    /// It was closed.
    Closed,
    /// It may still be open.
    MayBeOpen(Box<ChatError>),
}

impl Transcript {
    /// Whether every turn was played.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.ending, Ending::Played)
    }

    /// The greeting and the turns, in order.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.greeting.iter().chain(&self.turns)
    }
}
