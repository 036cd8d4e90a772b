//! What happened in one conversation.

use std::{borrow::Cow, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    backend::{Answer, BackendError, Handoff, Request},
    conversation::TurnNumber,
    text::{Bindings, milliseconds},
};

/// One conversation as it was played.
#[derive(Clone, Debug)]
pub struct Transcript {
    /// The platform's id; `None` when the conversation could not be created.
    pub conversation_id: Option<String>,
    /// The greeting and the answered turns, in order.
    pub exchanges: Vec<Exchange>,
    /// The message that was sent last and got no answer as documented.
    pub unanswered: Option<String>,
    /// How many conversations may have been started whose ids are not known.
    pub maybe_created: usize,
    /// How it ended.
    pub ending: Ending,
    /// Whether the conversation was closed.
    pub closing: Closing,
    /// How many requests were sent.
    pub requests: usize,
    /// How many of them were sent again.
    pub repeated: usize,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub duration: Duration,
}

/// A message of the user and the agent's answer; the greeting is an answer without a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// Which answer it is.
    pub turn: TurnNumber,
    /// What was sent as `message`; `None` for the greeting.
    pub user: Option<String>,
    /// What the agent said.
    pub response: String,
    /// Whether the answer ended the conversation.
    pub end_conversation: bool,
    /// The handoff, if there was one.
    pub handoff: Option<Handoff>,
    /// From sending to the last byte of the answer.
    #[serde(rename = "latency_ms", with = "milliseconds")]
    pub latency: Duration,
    /// The id that the request carried; PolyAI's support asks for it.
    pub correlation_id: String,
    /// When it was sent.
    pub(crate) sent: Timestamp,
    /// What was sent.
    #[doc(hidden)]
    pub request: Request,
    /// Departures from the documented answer that were tolerated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<Cow<'static, str>>,
    /// What the response's named groups captured.
    #[serde(skip)]
    pub(crate) captured: Bindings,
}

/// How a conversation ended.
#[derive(Clone, Debug)]
pub enum Ending {
    /// Every turn was played.
    Played,
    /// The agent ended the conversation with turns left.
    AgentEnded,
    /// A turn could not be sent, for a `${name}` in it was never captured.
    NotCaptured {
        /// The name.
        name: String,
    },
    /// A request was not answered as documented.
    Failed(Box<BackendError>),
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
        after: Option<Box<BackendError>>,
    },
}

/// Whether the conversation is closed.
#[derive(Clone, Debug)]
pub enum Closing {
    /// There was none, or the agent ended it.
    NotNeeded,
    /// It was closed.
    Closed,
    /// It may still be open.
    MayBeOpen(Box<BackendError>),
}

impl Exchange {
    /// An answer to a message, before anything is captured from it.
    #[must_use]
    pub(crate) fn new(
        turn: TurnNumber,
        user: Option<String>,
        answer: Answer,
        sent: Timestamp,
    ) -> Self {
        Self {
            turn,
            user,
            response: answer.response,
            end_conversation: answer.end_conversation,
            handoff: answer.handoff,
            latency: milliseconds::measured(answer.latency),
            correlation_id: answer.correlation_id,
            sent,
            request: answer.request,
            notes: answer.notes,
            captured: Bindings::new(),
        }
    }
}

impl Transcript {
    /// A conversation of which nothing has happened yet.
    #[must_use]
    pub fn begin(turns: usize) -> Self {
        Self {
            conversation_id: None,
            exchanges: Vec::with_capacity(turns + 1),
            unanswered: None,
            maybe_created: 0,
            ending: Ending::Played,
            closing: Closing::NotNeeded,
            requests: 0,
            repeated: 0,
            started: Timestamp::now(),
            duration: Duration::ZERO,
        }
    }

    /// Whether every turn was played.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.ending, Ending::Played)
    }

    /// An answer, where it came.
    #[must_use]
    pub fn exchange(&self, turn: TurnNumber) -> Option<&Exchange> {
        self.exchanges.get(turn.get())
    }

    /// The number of the answer that comes next.
    #[must_use]
    pub fn next(&self) -> TurnNumber {
        TurnNumber::new(self.exchanges.len())
    }

    /// Whether the agent handed off at any time.
    #[must_use]
    pub fn handed_off(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.handoff.is_some())
    }

    /// Whether the agent ended the conversation.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.end_conversation)
    }
}
