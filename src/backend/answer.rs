//! What an agent answers.

use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

use super::Request;

/// A conversation that was started, and its greeting.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The id under which it is known from here on.
    pub conversation_id: String,
    /// The greeting.
    pub greeting: Answer,
}

/// One answer of the agent.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What the agent said.
    pub response: String,
    /// Whether the agent ended the conversation.
    pub end_conversation: bool,
    /// The handoff, where there was one.
    pub handoff: Option<Handoff>,
    /// From sending to the last byte of the answer.
    pub latency: Duration,
    /// The id that the request carried, for the platform's support.
    pub correlation_id: String,
    /// What was sent.
    pub request: Request,
    /// Departures from the documented answer that were tolerated.
    pub notes: Vec<Cow<'static, str>>,
}

/// A handoff. The platform may leave either field out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Handoff {
    /// Where to.
    pub destination: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// The result of closing a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is closed.
    Now,
    /// It was over already, or is unknown to this project.
    OverOrUnknown,
}
