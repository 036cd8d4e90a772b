//! One change that waits for a decision.

use crate::{
    conversation::{CaseName, TurnNumber},
    outcome::{CaseOutcome, TurnAnswers, memory::Memory},
    snapshot::{
        Store,
        decision::{Decision, TurnChange},
    },
};

/// One change that waits for a decision.
#[derive(Clone, Debug)]
pub struct Item {
    /// The case.
    pub case: CaseName,
    /// What is different.
    pub what: What,
    /// What the plays answered, where it is known that they did; nothing where a run learned from
    /// them what to propose.
    pub answers: TurnAnswers,
    /// The result of it.
    pub state: ItemState,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The text of a turn.
    Text(TurnChange),
    /// Turns were added, moved or removed, and no text is new.
    Order,
}

impl What {
    /// Whether there is an accepted answer, beside which the new one could be kept and with which it
    /// could be made a pattern.
    #[must_use]
    pub fn has_accepted(&self) -> bool {
        matches!(self, Self::Text(change) if !change.accepted.is_empty())
    }
}

/// The result of a change in this review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// It waits for a decision.
    Open,
    /// It was decided.
    Decided(Decision),
    /// It is no longer pending as it was shown: another program was faster.
    Gone,
}

/// The changes of a case, with what the plays that left them pending answered.
pub(super) fn items_of(case: &CaseName, changes: Vec<TurnChange>, failed: &Memory) -> Vec<Item> {
    let item = |what, answers| Item { case: case.clone(), what, answers, state: ItemState::Open };
    if changes.is_empty() {
        return vec![item(What::Order, TurnAnswers::default())];
    }
    let outcome = failed.latest(case);
    let text = |change| {
        let answers = outcome.as_ref().and_then(|outcome| answers(outcome, &change));
        item(What::Text(change), answers.unwrap_or_default())
    };
    changes.into_iter().map(text).collect()
}

/// The changes of a case whose plays gave several answers, also where the accepted snapshot cannot
/// be read.
#[must_use]
pub fn disagreeing(store: &Store, failed: &Memory, case: &CaseName) -> Vec<Item> {
    let Ok(Some(pending)) = store.readable_changes(case) else { return Vec::new() };
    let mut items = items_of(case, pending.changes(), failed);
    items.retain(|item| item.answers.disagree());
    items
}

/// What the plays of an outcome answered, where the change is one of their answers.
fn answers(outcome: &CaseOutcome, change: &TurnChange) -> Option<TurnAnswers> {
    let turn = TurnNumber::new(change.turn);
    if outcome.learned.iter().any(|learned| learned.turn == turn) {
        return None;
    }
    let answers = TurnAnswers::of(outcome, turn);
    answers.new.iter().any(|answer| answer.text == change.new).then_some(answers)
}

impl Item {
    /// What the user said before it; `None` for the greeting and for turns that only moved.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.what {
            What::Text(change) => change.user.as_deref(),
            What::Order => None,
        }
    }

    /// The turn it is about; 0 for the greeting and for turns that only moved.
    #[must_use]
    pub fn turn(&self) -> usize {
        match &self.what {
            What::Text(change) => change.turn,
            What::Order => 0,
        }
    }

    /// Whether it is the same change as another, of the same plays.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.case == other.case && self.what == other.what && self.answers == other.answers
    }

    /// The answers that are chosen before anybody has marked any: the only one there is.
    #[must_use]
    pub fn first_marks(&self) -> Vec<usize> {
        if self.answers.new.len() == 1 { vec![0] } else { Vec::new() }
    }

    /// What would be new if it were accepted, when some of its answers are marked: what is pending,
    /// where the plays did not disagree.
    #[must_use]
    pub fn proposed(&self, marked: &[usize]) -> Vec<String> {
        match &self.what {
            What::Order => Vec::new(),
            What::Text(_) if self.answers.disagree() => self.texts(marked),
            What::Text(change) => vec![change.new.clone()],
        }
    }

    /// The texts of some of its answers.
    #[must_use]
    pub fn texts(&self, answers: &[usize]) -> Vec<String> {
        let chosen = answers.iter().filter_map(|index| self.answers.new.get(*index));
        chosen.map(|answer| answer.text.clone()).collect()
    }
}
