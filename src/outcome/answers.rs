//! What the plays of a case answered to one message.

use std::cmp::Reverse;

use super::CaseOutcome;
use crate::{conversation::TurnNumber, text::layout::count};

/// How many answers a sentence counts.
const MOST_COUNTED: usize = 4;

/// What the plays of a case answered to one message whose text is pinned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TurnAnswers {
    /// The answers that are not accepted, the most frequent first, of equally frequent ones the one
    /// that was given first.
    pub new: Vec<CountedAnswer>,
    /// How many plays gave an answer that is accepted.
    pub accepted: usize,
}

/// An answer, and how many plays gave it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountedAnswer {
    /// What the agent said, as a snapshot has it.
    pub text: String,
    /// How many plays gave it.
    pub plays: usize,
}

impl TurnAnswers {
    /// The answers to a message, of the plays that reached it.
    #[must_use]
    pub fn of(outcome: &CaseOutcome, turn: TurnNumber) -> Self {
        let mut answers = Self::default();
        for play in outcome.plays.iter().filter(|play| play.exchange(turn).is_some()) {
            match play.mismatches_of(turn).find_map(|one| one.kind.proposed()) {
                None => answers.accepted += 1,
                Some(text) => answers.add(text),
            }
        }
        answers.new.sort_by_key(|answer| Reverse(answer.plays));
        answers
    }

    fn add(&mut self, text: &str) {
        match self.new.iter_mut().find(|known| known.text == text) {
            Some(known) => known.plays += 1,
            None => self.new.push(CountedAnswer { text: text.to_owned(), plays: 1 }),
        }
    }

    /// Whether the plays gave several answers, so that a person has to say which of them are right.
    #[must_use]
    pub fn disagree(&self) -> bool {
        self.new.len() + usize::from(self.accepted > 0) > 1
    }

    /// How many plays gave an answer.
    #[must_use]
    pub fn plays(&self) -> usize {
        self.accepted + self.new.iter().map(|answer| answer.plays).sum::<usize>()
    }

    /// How often each was given: `3 of 5 plays, 2 of 5 plays`.
    #[must_use]
    pub fn counts(&self) -> String {
        let shown = self.new.iter().take(MOST_COUNTED);
        let mut counts: Vec<String> = shown.map(|answer| self.share(answer.plays)).collect();
        let more = self.new.len().saturating_sub(MOST_COUNTED);
        if more > 0 {
            counts.push(format!("{more} more"));
        }
        if self.accepted > 0 {
            counts.push(format!("an accepted one in {}", self.share(self.accepted)));
        }
        counts.join(", ")
    }

    /// `3 of 5 plays`
    #[must_use]
    pub fn share(&self, plays: usize) -> String {
        format!("{plays} of {}", count(self.plays(), "play"))
    }
}
