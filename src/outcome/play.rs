//! One play of a case: a fresh conversation with the case's script.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PlayError, PlayErrorKind, PlayVerdict};
use crate::{
    backend::BackendError, check::Mismatch, conversation::TurnNumber, player::Exchange,
    text::milliseconds,
};

/// One play of a case: a conversation of its own, from the greeting to its end.
///
/// A case has several where its file asks for that (`plays`), or where a failure is confirmed. An attempt that broke off because of the
/// network or the platform is no play: it is begun afresh, and [`earlier_errors`](Self::earlier_errors)
/// says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Play {
    /// Which play of the case it is, from 1.
    pub play: usize,
    /// The verdict.
    pub verdict: PlayVerdict,
    /// The platform's id of the conversation, of the last attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The page of the conversation in Agent Studio, where PolyAI hosts the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_url: Option<String>,
    /// When it began.
    pub(crate) started: Timestamp,
    /// How long it took, without earlier attempts.
    #[serde(rename = "duration_ms", with = "milliseconds")]
    pub duration: Duration,
    /// How many attempts there were, this one included.
    pub attempts: usize,
    /// How many requests were sent, all attempts together.
    pub requests: usize,
    /// How many of them were sent again.
    pub(crate) repeated_requests: usize,
    /// The greeting and the turns that were answered, in order.
    pub turns: Vec<Exchange>,
    /// Everything that does not hold, in the order of the turns.
    pub mismatches: Vec<Mismatch>,
    /// The turns that were not reached.
    pub(crate) not_reached: Vec<UnplayedTurn>,
    /// The `${name}` without a value because of which the next turn could not be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) not_captured: Option<String>,
    /// The message that got no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unanswered: Option<UnplayedTurn>,
    /// Why it could not be played to its end, where that is so; what was played before counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PlayError>,
    /// Why earlier attempts could not be played.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_errors: Vec<PlayError>,
    /// Why the conversation may still be open on the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maybe_open: Option<Box<BackendError>>,
    /// How many conversations may have been started whose ids are not known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub maybe_created: usize,
}

/// A turn that was not played, or got no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnplayedTurn {
    /// The turn.
    pub turn: TurnNumber,
    /// The user's line.
    pub user: String,
    /// The line of the conversation file, from 1.
    pub line: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Play {
    /// A play that was not begun, or of which nothing is known but why.
    #[must_use]
    pub(crate) fn not_played(error: PlayError) -> Self {
        Self {
            play: 1,
            verdict: PlayVerdict::Errored,
            conversation_id: None,
            conversation_url: None,
            started: Timestamp::now(),
            duration: Duration::ZERO,
            attempts: 1,
            requests: 0,
            repeated_requests: 0,
            turns: Vec::new(),
            mismatches: Vec::new(),
            not_reached: Vec::new(),
            not_captured: None,
            unanswered: None,
            error: Some(error),
            earlier_errors: Vec::new(),
            maybe_open: None,
            maybe_created: 0,
        }
    }

    /// What does not hold in an answer.
    pub fn mismatches_of(&self, turn: TurnNumber) -> impl Iterator<Item = &Mismatch> {
        self.mismatches.iter().filter(move |mismatch| mismatch.turn == turn)
    }

    /// An answer.
    #[must_use]
    pub fn exchange(&self, turn: TurnNumber) -> Option<&Exchange> {
        self.turns.iter().find(|exchange| exchange.turn == turn)
    }

    /// How many turns were answered; the greeting is none.
    #[must_use]
    pub fn answered_turns(&self) -> usize {
        self.turns.iter().filter(|exchange| !exchange.turn.is_greeting()).count()
    }

    /// Whether something does not hold that accepting new answers would not settle.
    #[must_use]
    pub(crate) fn shows_more_than_new_text(&self) -> bool {
        self.mismatches.iter().any(|mismatch| !mismatch.kind.is_acceptable())
            || !self.not_reached.is_empty()
    }

    /// Whether the run ended or was stopped before this play was begun.
    #[must_use]
    pub fn never_begun(&self) -> bool {
        match self.error.as_ref().map(|error| error.kind) {
            Some(PlayErrorKind::NotBegun) => true,
            Some(PlayErrorKind::Interrupted) => self.requests == 0,
            _ => false,
        }
    }

    /// Why it failed or could not be played, in one line; empty where it passed.
    #[must_use]
    pub fn reason(&self) -> String {
        let more = self.mismatches.len().saturating_sub(1);
        match (self.mismatches.first(), &self.error) {
            (Some(first), _) if more > 0 => format!("{}; and {more} more", first.message),
            (Some(first), _) => first.message.clone(),
            (None, Some(error)) => error.message.clone(),
            (None, None) if !self.not_reached.is_empty() => {
                let turns = crate::text::layout::count(self.not_reached.len(), "turn");
                format!("{turns} not reached")
            }
            (None, None) => String::new(),
        }
    }
}
