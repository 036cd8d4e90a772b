//! A review under way: what is pending, and what was decided.

use super::{
    Group, ReviewConversation, group,
    item::{Item, ItemState, What, items_of},
};
use crate::{
    conversation::CaseName,
    outcome::memory::Memory,
    snapshot::{
        Redactor, Store, StoreError,
        decision::{
            AcceptAs, Decision, PendingSnapshot, TurnChange, TurnDecisionError, decided_texts,
        },
        pending::{DecisionError, Written},
    },
};

/// What is pending, and the decisions about it, each written when it is made.
#[derive(Debug)]
pub struct Session {
    pub(super) store: Store,
    pub(super) failed: Memory,
    redactor: Redactor,
    pub(super) items: Vec<Item>,
    pub(super) groups: Vec<Group>,
    pub(super) unreadable: Vec<(CaseName, StoreError)>,
    history: Vec<Step>,
}

/// The result of one decision about several changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionSummary {
    /// The items that were decided.
    pub done: Vec<usize>,
    /// The items that were not, each with the reason.
    pub refused: Vec<(usize, String)>,
}

/// The result of a decision about items of one case.
struct CaseDecisions {
    done: Vec<usize>,
    refused: Vec<FailedDecision>,
    written: Option<Written>,
}

/// Why an item was not decided, and whether it is in vain to try once more.
struct FailedDecision {
    item: usize,
    reason: String,
    is_gone: bool,
}

/// A decision that can be taken back: what was written, with the items that it decided.
type Step = Vec<(Vec<usize>, Written)>;

impl Session {
    /// Opens what is pending of some cases.
    #[must_use]
    pub fn open(store: Store, failed: Memory, redactor: Redactor, cases: &[CaseName]) -> Self {
        let mut items = Vec::new();
        let mut unreadable = Vec::new();
        for case in cases {
            match store.pending_changes(case) {
                Ok(pending) => items.extend(items_of(case, pending.changes(), &failed)),
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
        self.items.iter().filter(|item| item.state == ItemState::Open).count()
    }

    /// Whether nothing of a group waits for a decision.
    #[must_use]
    pub fn is_decided(&self, group: &Group) -> bool {
        self.open_of(&group.items).is_empty()
    }

    /// Those of some items that wait for a decision.
    #[must_use]
    pub fn open_of(&self, items: &[usize]) -> Vec<usize> {
        let open = |index: &&usize| {
            self.items.get(**index).is_some_and(|item| item.state == ItemState::Open)
        };
        items.iter().filter(open).copied().collect()
    }

    /// The conversation around an item.
    #[must_use]
    pub fn conversation(&self, case: &CaseName) -> ReviewConversation {
        match self.store.pending_changes(case) {
            Ok(pending) => ReviewConversation::of(case, &pending, &self.failed),
            Err(_) => ReviewConversation::default(),
        }
    }

    /// What would be accepted if these were the new texts of a change: the text that is new in the
    /// snapshot, of several the first.
    ///
    /// # Errors
    /// When they cannot be accepted like that.
    pub fn proposal(
        &self,
        change: &TurnChange,
        new: &[String],
        how: AcceptAs,
    ) -> Result<String, TurnDecisionError> {
        let texts = decided_texts(change.turn, &change.accepted, new, how, &self.redactor)?;
        let proposed = texts.into_iter().find(|text| !change.accepted.contains(text));
        Ok(proposed.or_else(|| new.first().cloned()).unwrap_or_default())
    }

    /// Decides about some items, and writes the decision. Items that are not open are left out;
    /// of those whose plays gave several answers, none is accepted.
    pub fn decide(&mut self, items: &[usize], decision: Decision) -> DecisionSummary {
        self.decide_with(items, decision, &[])
    }

    /// Accepts of some items, which have the same answers, those that somebody chose.
    pub fn accept_answers(
        &mut self,
        items: &[usize],
        answers: &[usize],
        how: AcceptAs,
    ) -> DecisionSummary {
        self.decide_with(items, Decision::Accept(how), answers)
    }

    fn decide_with(
        &mut self,
        items: &[usize],
        decision: Decision,
        answers: &[usize],
    ) -> DecisionSummary {
        let mut decided = DecisionSummary::default();
        let mut step = Step::new();
        for (case, items) in self.by_case(self.open_of(items)) {
            let outcome = self.decide_case(&case, &items, decision, answers);
            self.settle(&outcome.done, &ItemState::Decided(decision));
            decided.done.extend(&outcome.done);
            step.extend(outcome.written.map(|written| (outcome.done, written)));
            for FailedDecision { item, reason, is_gone } in outcome.refused {
                if is_gone {
                    self.settle(&[item], &ItemState::Gone);
                }
                decided.refused.push((item, reason));
            }
        }
        if !step.is_empty() {
            self.history.push(step);
        }
        decided
    }

    /// The items case by case.
    fn by_case(&self, mut items: Vec<usize>) -> Vec<(CaseName, Vec<usize>)> {
        // In this order, the items of a case stand side by side.
        items.sort_unstable();
        let case = |index: &usize| self.items.get(*index).map(|item| item.case.clone());
        let by_case = items.chunk_by(|a, b| case(a) == case(b));
        by_case.filter_map(|items| Some((items.first().and_then(case)?, items.to_vec()))).collect()
    }

    /// Decides about items of one case; what can be decided is written together.
    fn decide_case(
        &self,
        case: &CaseName,
        items: &[usize],
        decision: Decision,
        answers: &[usize],
    ) -> CaseDecisions {
        let mut done = Vec::new();
        let mut refused = Vec::new();
        let outcome = self.store.decide(case, |pending| {
            let mut first = None;
            for index in items {
                match self.decide_item(*index, pending, decision, answers) {
                    Ok(()) => done.push(*index),
                    Err(reason) => {
                        refused.push(FailedDecision::of(*index, &reason));
                        first.get_or_insert(reason);
                    }
                }
            }
            // Nothing is written where nothing was decided.
            first.filter(|_| done.is_empty()).map_or(Ok(()), |reason| Err(reason.into()))
        });
        match outcome {
            Ok(((), written)) => CaseDecisions { done, refused, written: Some(written) },
            Err(DecisionError::Undecided(_)) => CaseDecisions { done, refused, written: None },
            Err(DecisionError::Store(error)) => {
                let refused = items.iter().map(|item| FailedDecision {
                    item: *item,
                    reason: error.to_string(),
                    is_gone: error.is_gone(),
                });
                CaseDecisions { done: Vec::new(), refused: refused.collect(), written: None }
            }
        }
    }

    fn decide_item(
        &self,
        index: usize,
        pending: &mut PendingSnapshot,
        decision: Decision,
        answers: &[usize],
    ) -> Result<(), TurnDecisionError> {
        let item = self.items.get(index).ok_or(TurnDecisionError::Stale(index))?;
        match (&item.what, decision) {
            (What::Order, _) => pending.decide_order(decision),
            (What::Text(change), Decision::Accept(how)) if item.answers.disagree() => {
                let texts = item.texts(answers);
                if texts.is_empty() {
                    let counts = item.answers.counts();
                    return Err(TurnDecisionError::Disagreeing(change.turn, counts));
                }
                pending.accept_texts(change, &texts, how, &self.redactor)
            }
            (What::Text(change), _) => pending.decide(change, decision, &self.redactor),
        }
    }

    /// Takes the last decision back; the items that are open again. `None` when there is none.
    ///
    /// # Errors
    /// When a snapshot has changed since; what could be taken back is open again all the same.
    pub fn take_back(&mut self) -> Option<Result<Vec<usize>, StoreError>> {
        let step = self.history.pop()?;
        let mut failed = None;
        for (items, written) in step.iter().rev() {
            match self.store.take_back(written) {
                Ok(()) => self.settle(items, &ItemState::Open),
                Err(error) => failed = Some(error),
            }
        }
        let items = step.into_iter().flat_map(|(items, _)| items).collect();
        Some(failed.map_or(Ok(items), Err))
    }

    pub(super) fn settle(&mut self, items: &[usize], state: &ItemState) {
        for index in items {
            if let Some(item) = self.items.get_mut(*index) {
                item.state = state.clone();
            }
        }
    }
}

impl FailedDecision {
    fn of(item: usize, reason: &TurnDecisionError) -> Self {
        let is_gone = matches!(reason, TurnDecisionError::Stale(_));
        Self { item, reason: reason.to_string(), is_gone }
    }
}
