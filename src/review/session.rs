//! A review under way: what is pending, and what was decided.

use super::{Conversation, Group, group};
use crate::{
    engine::FailedCases,
    plan::CaseName,
    snapshot::{
        Redactor, Store, StoreError,
        decision::{Change, Decision, How, Undecided, decided_texts},
        pending::{DecisionError, Written},
    },
};

/// What is pending, and the decisions about it, each written when it is made.
#[derive(Debug)]
pub struct Session {
    store: Store,
    failed: FailedCases,
    redactor: Redactor,
    items: Vec<Item>,
    groups: Vec<Group>,
    unreadable: Vec<(CaseName, StoreError)>,
    history: Vec<Step>,
}

/// One change that waits for a decision.
#[derive(Clone, Debug)]
pub struct Item {
    /// The case.
    pub case: CaseName,
    /// What is different.
    pub what: What,
    /// What came of it.
    pub state: State,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The text of a turn.
    Text(Change),
    /// Turns were added, moved or removed, and no text is new.
    Order,
}

/// What came of a change in this review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for a decision.
    Open,
    /// It was decided.
    Decided(Decision),
    /// It is no longer pending as it was shown: another program was faster.
    Gone,
}

/// What came of one decision about several changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The items that were decided.
    pub done: Vec<usize>,
    /// The items that were not, each with the reason.
    pub refused: Vec<(usize, String)>,
}

/// A decision that can be taken back.
#[derive(Debug)]
struct Step {
    items: Vec<usize>,
    written: Vec<Written>,
}

impl Session {
    /// Opens what is pending of some cases.
    #[must_use]
    pub fn open(store: Store, failed: FailedCases, redactor: Redactor, cases: &[CaseName]) -> Self {
        let mut items = Vec::new();
        let mut unreadable = Vec::new();
        for case in cases {
            match store.pending_changes(case) {
                Ok(pending) => items.extend(items_of(case, pending.changes())),
                Err(error) => unreadable.push((case.clone(), error)),
            }
        }
        let groups = group(&items);
        Self { store, failed, redactor, items, groups, unreadable, history: Vec::new() }
    }

    /// The changes, in the order of their cases and turns.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The changes, the same ones together.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The cases whose snapshots cannot be read, each with the reason.
    #[must_use]
    pub fn unreadable(&self) -> &[(CaseName, StoreError)] {
        &self.unreadable
    }

    /// Takes out why the snapshot of one of some cases cannot be read.
    pub fn take_unreadable(&mut self, cases: &[CaseName]) -> Option<(CaseName, StoreError)> {
        let at = self.unreadable.iter().position(|(case, _)| cases.contains(case))?;
        Some(self.unreadable.remove(at))
    }

    /// How many changes wait for a decision.
    #[must_use]
    pub fn open_items(&self) -> usize {
        self.items.iter().filter(|item| item.state == State::Open).count()
    }

    /// Whether nothing of a group waits for a decision.
    #[must_use]
    pub fn is_decided(&self, group: &Group) -> bool {
        self.open_of(&group.items).is_empty()
    }

    /// Those of some items that wait for a decision.
    #[must_use]
    pub fn open_of(&self, items: &[usize]) -> Vec<usize> {
        let open =
            |index: &&usize| self.items.get(**index).is_some_and(|item| item.state == State::Open);
        items.iter().filter(open).copied().collect()
    }

    /// The conversation around an item.
    #[must_use]
    pub fn conversation(&self, case: &CaseName) -> Conversation {
        match self.store.pending_changes(case) {
            Ok(pending) => Conversation::of(case, &pending, &self.failed),
            Err(_) => Conversation::default(),
        }
    }

    /// What would be accepted of an item: the text that is new in the snapshot.
    ///
    /// # Errors
    /// When it cannot be accepted like that.
    pub fn proposal(&self, change: &Change, how: How) -> Result<String, Undecided> {
        let new = [change.new.clone()];
        let texts = decided_texts(change.turn, &change.accepted, &new, how, &self.redactor)?;
        let proposed = texts.into_iter().find(|text| !change.accepted.contains(text));
        Ok(proposed.unwrap_or_else(|| change.new.clone()))
    }

    /// Decides about some items, and writes the decision. Items that are not open are left out.
    pub fn decide(&mut self, items: &[usize], decision: Decision) -> Decided {
        let mut decided = Decided::default();
        let mut step = Step { items: Vec::new(), written: Vec::new() };
        // In this order, the items of a case stand side by side.
        let mut open = self.open_of(items);
        open.sort_unstable();
        let case = |index: &usize| self.items.get(*index).map(|item| item.case.clone());
        let by_case = open.chunk_by(|a, b| case(a) == case(b));
        let by_case: Vec<_> = by_case.map(|items| (items.first().and_then(case), items)).collect();
        for (case, items) in by_case {
            if let Some(case) = case {
                self.decide_case(&case, items, decision, &mut decided, &mut step);
            }
        }
        step.items.clone_from(&decided.done);
        if !step.written.is_empty() {
            self.history.push(step);
        }
        decided
    }

    /// Decides about items of one case.
    fn decide_case(
        &mut self,
        case: &CaseName,
        items: &[usize],
        decision: Decision,
        decided: &mut Decided,
        step: &mut Step,
    ) {
        let mut done = Vec::new();
        let mut refused = Vec::new();
        let outcome = self.store.decide(case, |pending| {
            for index in items {
                let outcome = match self.items.get(*index).map(|item| &item.what) {
                    Some(What::Text(change)) => pending.decide(change, decision, &self.redactor),
                    Some(What::Order) => pending.decide_order(decision),
                    None => continue,
                };
                match outcome {
                    Ok(()) => done.push(*index),
                    Err(reason) => refused.push((*index, reason)),
                }
            }
            match refused.first() {
                Some((_, reason)) if done.is_empty() => Err(reason.clone().into()),
                _ => Ok(()),
            }
        });
        match outcome {
            Ok(((), written)) => step.written.push(written),
            Err(DecisionError::Undecided(_)) => {}
            Err(DecisionError::Store(error)) => {
                self.settle(items, &State::Gone);
                decided.refused.extend(items.iter().map(|index| (*index, error.to_string())));
                return;
            }
        }
        self.settle(&done, &State::Decided(decision));
        decided.done.extend(done);
        for (index, reason) in refused {
            if matches!(reason, Undecided::Stale(_)) {
                self.settle(&[index], &State::Gone);
            }
            decided.refused.push((index, reason.to_string()));
        }
    }

    /// Takes the last decision back; the items that are open again. `None` when there is none.
    ///
    /// # Errors
    /// When a snapshot has changed since; what could be taken back is open again all the same.
    pub fn take_back(&mut self) -> Option<Result<Vec<usize>, StoreError>> {
        let step = self.history.pop()?;
        let mut failed = None;
        for written in step.written.iter().rev() {
            let of_case = |index: &&usize| {
                self.items.get(**index).is_some_and(|item| item.case == *written.case())
            };
            let items: Vec<usize> = step.items.iter().filter(of_case).copied().collect();
            match self.store.take_back(written) {
                Ok(()) => self.settle(&items, &State::Open),
                Err(error) => failed = Some(error),
            }
        }
        Some(failed.map_or(Ok(step.items), Err))
    }

    fn settle(&mut self, items: &[usize], state: &State) {
        for index in items {
            if let Some(item) = self.items.get_mut(*index) {
                item.state = state.clone();
            }
        }
    }
}

fn items_of(case: &CaseName, changes: Vec<Change>) -> Vec<Item> {
    let item = |what| Item { case: case.clone(), what, state: State::Open };
    if changes.is_empty() {
        return vec![item(What::Order)];
    }
    changes.into_iter().map(|change| item(What::Text(change))).collect()
}

impl Item {
    /// The turn it is about; 0 for the greeting and for turns that only moved.
    #[must_use]
    pub fn turn(&self) -> usize {
        match &self.what {
            What::Text(change) => change.turn,
            What::Order => 0,
        }
    }
}
