//! What does not hold, typed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    backend::Handoff,
    conversation::TurnNumber,
    source::{Excerpt, Location},
};

/// One thing that does not hold for one answer: an expectation, the accepted text, or a strict rule.
///
/// What is expected and what came is in [`message`](Self::message) in words; in JSON it is typed, by
/// `kind` (`docs/events.md` has the kinds).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mismatch {
    /// The answer that it is about.
    pub turn: TurnNumber,
    /// What does not hold.
    #[serde(flatten)]
    pub(crate) kind: MismatchKind,
    /// What does not hold, in one line that begins with the turn.
    pub message: String,
    /// Where the expectation is written; `None` for a strict rule on a greeting that the
    /// conversation does not mention.
    #[serde(flatten)]
    pub(crate) location: Option<Location>,
}

/// The side of an answer that a mismatch is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// What does not hold. The names in JSON are the keys that an author writes, where there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MismatchKind {
    /// `equals`: the response is another text.
    Equals {
        /// The text expected.
        expected: String,
        /// The response.
        actual: String,
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
        matcher: Matcher,
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
    #[serde(rename = "new")]
    NewText {
        /// What the agent said, as a snapshot has it.
        actual: String,
    },
    /// The pinned text is none of the accepted ones.
    #[serde(rename = "changed")]
    ChangedText {
        /// The accepted texts.
        accepted: Vec<String>,
        /// What the agent said, as a snapshot has it.
        actual: String,
        /// Placeholders in the accepted texts that mean nothing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unknown_placeholders: Vec<String>,
    },
    /// `forbid` of rehearsal.toml: something forbidden was found.
    #[serde(rename = "forbid")]
    Forbidden {
        /// The pattern.
        pattern: String,
        /// What was found.
        found: String,
    },
    /// The handoff is another, or there is none, or one that is not expected.
    Handoff {
        /// What is expected.
        expected: ExpectedHandoff,
        /// What came.
        actual: Option<Handoff>,
    },
    /// The conversation ended, or did not.
    #[serde(rename = "end_conversation")]
    End {
        /// What is expected; the opposite came.
        expected: bool,
    },
    /// The response took too long.
    #[serde(rename = "within")]
    Latency {
        /// The limit.
        #[serde(rename = "limit_ms", with = "crate::text::milliseconds")]
        limit: Duration,
        /// How long it took.
        #[serde(rename = "actual_ms", with = "crate::text::milliseconds")]
        actual: Duration,
    },
    /// The agent said nothing, and nothing expects that.
    #[serde(rename = "empty_answer")]
    Silence,
    /// A `${name}` of the expectation has a blank value, so that it would check nothing.
    #[serde(rename = "blank_expectation")]
    Empty {
        /// The name.
        name: String,
        /// The expectation, as it was written.
        written: String,
    },
    /// A `${name}` of the expectation was never captured.
    #[serde(rename = "not_captured")]
    Unbound {
        /// The name.
        name: String,
    },
}

/// A key that expects something of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matcher {
    /// `equals`
    Equals,
    /// `contains`
    Contains,
    /// `matches`
    Matches,
}

impl Matcher {
    /// The key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::Matches => "matches",
        }
    }
}

/// The handoff that was expected, with every `${name}` filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedHandoff {
    /// No handoff.
    None,
    /// Some handoff, wherever to.
    Any,
    /// A handoff with this destination, and for this reason.
    To {
        /// The destination, where one is asked for.
        destination: Option<ExpectedText>,
        /// The reason, where one is asked for.
        reason: Option<ExpectedText>,
    },
}

/// A text that was expected, or a pattern that should have been found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedText {
    /// Exactly this.
    Text(String),
    /// This is found in it.
    Matches(String),
}

impl Mismatch {
    /// A mismatch with its message.
    #[must_use]
    pub(crate) fn new(turn: TurnNumber, kind: MismatchKind, location: Option<Location>) -> Self {
        let message = format!("{turn}: {kind}");
        Self { turn, kind, message, location }
    }

    /// The key that the author wrote, or could have written, for the expectation: `contains`,
    /// `handoff`, `snapshot`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        self.kind.key()
    }

    /// The whole texts that differ: the expected one (of several accepted texts the nearest), and
    /// what the agent said. `None` where only a part of the text, or something else, was expected.
    #[must_use]
    pub fn whole_texts(&self) -> Option<(&str, &str)> {
        self.kind.whole_texts()
    }

    /// The line of the conversation file, from 1; `None` for a strict rule on a greeting that the
    /// conversation does not mention.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        Some(self.location.as_ref()?.line)
    }

    /// The line of the conversation file itself, where it may be shown.
    #[must_use]
    pub(crate) fn excerpt(&self) -> Option<&Excerpt> {
        self.location.as_ref()?.excerpt.as_ref()
    }
}

impl MismatchKind {
    /// The side of the answer that this is about.
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

    /// The key the author wrote, or could have written, for this expectation.
    #[must_use]
    pub fn key(&self) -> &'static str {
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

    /// What does not hold, in a word or two.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::NewText { .. } => "new text",
            Self::Silence => "empty answer",
            _ => match self.aspect() {
                Aspect::Text => "text",
                Aspect::Forbidden => "forbidden text",
                Aspect::Handoff => "handoff",
                Aspect::End => "end",
                Aspect::Latency => "latency",
            },
        }
    }

    /// Whether `pass` of `plays`, `confirm_failures` or a quarantine may forgive it.
    ///
    /// Only the words of an answer and how long it took vary by chance. Where a caller is sent,
    /// what must never be said, and silence are never a matter of luck. A capture that failed is
    /// as bad as the mismatch that says so, which stands beside it.
    #[must_use]
    pub fn is_forgivable(&self) -> bool {
        match self {
            Self::Equals { .. }
            | Self::Contains { .. }
            | Self::Matches { .. }
            | Self::Any { .. }
            | Self::NewText { .. }
            | Self::ChangedText { .. }
            | Self::Latency { .. }
            | Self::Unbound { .. }
            | Self::Empty { .. } => true,
            Self::Not { .. }
            | Self::Forbidden { .. }
            | Self::Handoff { .. }
            | Self::End { .. }
            | Self::Silence => false,
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
        self.proposed().is_some()
    }

    /// The text that a pending snapshot proposes because of it.
    #[must_use]
    pub fn proposed(&self) -> Option<&str> {
        match self {
            Self::NewText { actual } | Self::ChangedText { actual, .. } => Some(actual),
            _ => None,
        }
    }

    /// The whole texts that differ: what was expected (of several accepted texts the nearest),
    /// and what came. `None` where only a part of the text, or nothing, was expected.
    #[must_use]
    pub fn whole_texts(&self) -> Option<(&str, &str)> {
        match self {
            Self::Equals { expected, actual } => Some((expected, actual)),
            Self::ChangedText { accepted, actual, .. } => {
                Some((crate::text::word_diff::nearest(accepted, actual), actual))
            }
            _ => None,
        }
    }
}
