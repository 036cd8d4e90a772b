//! What does not hold, typed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{chat::Handoff, source::Span};

/// One thing that does not hold for one response.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// Where the expectation stands in the conversation file; `None` for one that stands in no
    /// place of it (a strict rule on a greeting that is not mentioned).
    pub span: Option<Span>,
    /// What does not hold.
    pub kind: MismatchKind,
}

/// The side of a response that a mismatch is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// What the agent said.
    Text,
    /// Something in it that is forbidden everywhere.
    Forbidden,
    /// The handoff.
    Handoff,
    /// The end of the conversation.
    End,
    /// How long it took.
    Latency,
}

/// What does not hold.
#[derive(Clone, Debug, PartialEq)]
pub enum MismatchKind {
    /// `equals`: the response is another text.
    Equals {
        /// The text expected.
        expected: String,
    },
    /// `contains`: the response does not contain this.
    Contains {
        /// The text expected.
        expected: String,
    },
    /// `matches`: this is not found in the response.
    Matches {
        /// The pattern.
        pattern: String,
    },
    /// `not`: something that must not hold does.
    Not {
        /// The key below `not`.
        matcher: &'static str,
        /// The text or pattern.
        unwanted: String,
        /// What was found in the response.
        found: String,
    },
    /// `any`: no alternative holds in full.
    Any {
        /// For each alternative, what does not hold.
        alternatives: Vec<Vec<MismatchKind>>,
    },
    /// The pinned text has not been accepted yet.
    NewText {
        /// What the agent said, as a snapshot has it.
        actual: String,
    },
    /// The pinned text is none of the accepted ones.
    ChangedText {
        /// The accepted texts.
        accepted: Vec<String>,
        /// What the agent said, as a snapshot has it.
        actual: String,
        /// Placeholders in the accepted texts that mean nothing.
        unknown_placeholders: Vec<String>,
    },
    /// `forbid` of rehearsal.toml: something forbidden was found.
    Forbidden {
        /// The pattern.
        pattern: String,
        /// What was found.
        found: String,
    },
    /// The handoff is another, or there is none, or one that is not expected.
    Handoff {
        /// What is expected, for people.
        expected: String,
        /// What came.
        actual: Option<Handoff>,
    },
    /// The conversation ended, or did not.
    End {
        /// What is expected.
        expected: bool,
    },
    /// The response took too long.
    Latency {
        /// The limit.
        limit: Duration,
        /// How long it took.
        actual: Duration,
    },
    /// The agent said nothing, and nothing expects that.
    Silence,
    /// A `${name}` of the expectation has an empty value, so that it would check nothing.
    Empty {
        /// The name.
        name: String,
        /// The expectation, as it was written.
        written: String,
    },
    /// A `${name}` of the expectation was never captured.
    Unbound {
        /// The name.
        name: String,
    },
}

impl MismatchKind {
    /// The side of the response that this is about.
    #[must_use]
    pub fn aspect(&self) -> Aspect {
        match self {
            Self::Forbidden { .. } => Aspect::Forbidden,
            Self::Handoff { .. } => Aspect::Handoff,
            Self::End { .. } => Aspect::End,
            Self::Latency { .. } => Aspect::Latency,
            _ => Aspect::Text,
        }
    }

    /// The word the author wrote (or could have written) for this expectation.
    #[must_use]
    pub fn matcher(&self) -> &'static str {
        match self {
            Self::Equals { .. } => "equals",
            Self::Contains { .. } => "contains",
            Self::Matches { .. } => "matches",
            Self::Not { .. } => "not",
            Self::Any { .. } => "any",
            Self::NewText { .. } | Self::ChangedText { .. } => "snapshot",
            Self::Forbidden { .. } => "forbid",
            Self::Handoff { .. } => "handoff",
            Self::End { .. } => "end_conversation",
            Self::Latency { .. } => "within",
            Self::Silence => "silence",
            Self::Unbound { .. } | Self::Empty { .. } => "capture",
        }
    }

    /// Whether it says of an empty response that another text is expected.
    #[must_use]
    pub fn expects_other_text(&self) -> bool {
        matches!(
            self,
            Self::Equals { .. }
                | Self::Contains { .. }
                | Self::Matches { .. }
                | Self::Any { .. }
                | Self::NewText { .. }
                | Self::ChangedText { .. }
        )
    }

    /// Whether accepting the pending snapshot would settle it.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        matches!(self, Self::NewText { .. } | Self::ChangedText { .. })
    }
}
