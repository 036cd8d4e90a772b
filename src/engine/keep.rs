//! Keeping what is new of a case's snapshot: accepted at once, or pending.

use super::Engine;
use crate::{
    conversation::TurnNumber,
    outcome::{CaseOutcome, SnapshotWritten},
    snapshot::{SnapshotComparison, SnapshotStatus, StoreError, Update, rest::RemainingPending},
    suite::Case,
};

impl Engine {
    /// Writes what insta's variables want written about a snapshot.
    pub(super) fn keep(
        &self,
        case: &Case,
        comparison: &SnapshotComparison,
        outcome: &mut CaseOutcome,
    ) -> Result<(), StoreError> {
        // What was not played says nothing about its snapshot.
        let errored = outcome.plays.iter().all(|play| play.error.is_some());
        if errored && comparison.state != SnapshotStatus::Differs {
            return Ok(());
        }
        if comparison.is_unsaid() {
            return Ok(());
        }
        let conversation = &case.conversation;
        let rest = self.store.rest(&case.name, comparison, |turn| conversation.is_pinned(turn));
        match (comparison.state, self.store.settings().update) {
            (SnapshotStatus::Same, update) => self.keep_rest(case, rest, update, outcome),
            (_, Update::Nothing) => Ok(()),
            // One that cannot be read was seen, and may hold what a person put there.
            (_, Update::AcceptUnseen) if self.store.path(&case.name).exists() => {
                self.leave_pending(case, comparison, rest, outcome)
            }
            // Which of several answers is right is a decision of a person.
            (_, Update::Accept | Update::AcceptUnseen) if !comparison.disagreeing.is_empty() => {
                let what =
                    "plays gave several answers, so none was accepted at once (INSTA_UPDATE)";
                outcome.warnings.push(format!("warning: {what}"));
                self.leave_pending(case, comparison, rest, outcome)
            }
            (_, Update::Accept | Update::AcceptUnseen) => {
                self.accept_at_once(case, comparison, rest, outcome)
            }
            (_, Update::Pending) => self.leave_pending(case, comparison, rest, outcome),
        }
    }

    /// Nothing is pending of what was compared: of the pending snapshot only the rest stays.
    fn keep_rest(
        &self,
        case: &Case,
        rest: RemainingPending,
        update: Update,
        outcome: &CaseOutcome,
    ) -> Result<(), StoreError> {
        match rest {
            RemainingPending::Nothing => self.store.forget_pending(&case.name),
            RemainingPending::Entries(entries) if update != Update::Nothing => {
                let known = self.store.pending_changes(&case.name);
                if known.is_ok_and(|pending| pending.entries() == entries) {
                    return Ok(());
                }
                let line = first_line(case, outcome);
                self.store.leave_pending(&case.name, &case.conversation.path, line, &entries)?;
            }
            RemainingPending::Entries(_) | RemainingPending::Unknown => {}
        }
        Ok(())
    }

    /// What is too large to be accepted is left pending, for a person to decide what of it is pinned.
    fn accept_at_once(
        &self,
        case: &Case,
        comparison: &SnapshotComparison,
        rest: RemainingPending,
        outcome: &mut CaseOutcome,
    ) -> Result<(), StoreError> {
        let path = &case.conversation.path;
        match self.store.accept_now(&case.name, path, &comparison.entries) {
            Ok(accepted) => {
                self.keep_rest(case, rest, Update::Accept, outcome)?;
                outcome.snapshot = Some(SnapshotWritten::Accepted(accepted));
                settle(outcome);
                Ok(())
            }
            Err(error @ StoreError::TooLarge { .. }) => {
                self.leave_pending(case, comparison, rest, outcome).and(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    fn leave_pending(
        &self,
        case: &Case,
        comparison: &SnapshotComparison,
        rest: RemainingPending,
        outcome: &mut CaseOutcome,
    ) -> Result<(), StoreError> {
        let path = &case.conversation.path;
        let line = first_line(case, outcome);
        let entries = match &rest {
            RemainingPending::Entries(entries) => entries,
            RemainingPending::Nothing | RemainingPending::Unknown => &comparison.entries,
        };
        let pending = self.store.leave_pending(&case.name, path, line, entries)?;
        outcome.snapshot = Some(match comparison.state {
            SnapshotStatus::Outdated => SnapshotWritten::Outdated(pending),
            _ => SnapshotWritten::Pending(pending),
        });
        if self.store.settings().force_pass {
            settle(outcome);
        }
        Ok(())
    }
}

/// Takes mismatches that are accepted out of an outcome; what else there is still counts.
fn settle(outcome: &mut CaseOutcome) {
    // Of an answer that never agreed with itself, nothing was accepted.
    let unsaid: Vec<TurnNumber> = (outcome.learned.iter())
        .filter(|one| one.learned.texts().is_empty())
        .map(|one| one.turn)
        .collect();
    for play in &mut outcome.plays {
        play.mismatches.retain(|one| !one.kind.is_acceptable() || unsaid.contains(&one.turn));
    }
}

/// The line of the first mismatch that a pending snapshot is about.
fn first_line(case: &Case, outcome: &CaseOutcome) -> usize {
    let first = outcome.mismatches().find(|mismatch| mismatch.kind.is_acceptable());
    let turn = || {
        let turn = case.conversation.turns.first()?;
        Some(case.conversation.source.locate(turn.span).line)
    };
    first.and_then(|mismatch| mismatch.line()).or_else(turn).unwrap_or(1)
}
