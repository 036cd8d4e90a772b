//! Keeping what is new of a case's snapshot: accepted at once, or pending.

use super::Engine;
use crate::{
    check::Mismatch,
    plan::Case,
    report::{CaseReport, SnapshotNote},
    snapshot::{Comparison, State, StoreError, TextVerdict, Update},
    source::SourceFile,
    spec::Turn,
};

impl Engine {
    /// Writes what insta's variables want written about a snapshot.
    pub(super) fn keep(
        &self,
        case: &Case,
        comparison: &Comparison,
        report: &mut CaseReport,
    ) -> Result<(), StoreError> {
        // What was not played says nothing about its snapshot.
        if report.error.is_some() && comparison.state != State::Differs {
            return Ok(());
        }
        if comparison.is_unsaid() {
            return Ok(());
        }
        match (comparison.state, self.store.settings().update) {
            (State::Same, _) => {
                if !comparison.verdicts.contains(&TextVerdict::NotReached) {
                    self.store.forget_pending(&case.name);
                }
                Ok(())
            }
            (_, Update::Nothing) => Ok(()),
            (_, Update::Accept) => self.accept_at_once(case, comparison, report),
            // One that cannot be read was seen, and may hold what a person put there.
            (_, Update::AcceptUnseen) if !self.store.path(&case.name).exists() => {
                self.accept_at_once(case, comparison, report)
            }
            (_, Update::AcceptUnseen | Update::Pending) => {
                self.leave_pending(case, comparison, report)
            }
        }
    }

    /// What is too large to be accepted is left pending, for a person to decide what of it is pinned.
    fn accept_at_once(
        &self,
        case: &Case,
        comparison: &Comparison,
        report: &mut CaseReport,
    ) -> Result<(), StoreError> {
        let path = &case.conversation.path;
        match self.store.accept_now(&case.name, path, &comparison.entries) {
            Ok(accepted) => {
                report.snapshot = SnapshotNote::Accepted(accepted);
                settle(report);
                Ok(())
            }
            Err(error @ StoreError::TooLarge { .. }) => {
                self.leave_pending(case, comparison, report).and(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    fn leave_pending(
        &self,
        case: &Case,
        comparison: &Comparison,
        report: &mut CaseReport,
    ) -> Result<(), StoreError> {
        let path = &case.conversation.path;
        let line = first_line(case, report);
        let pending = self.store.leave_pending(&case.name, path, line, &comparison.entries)?;
        report.snapshot = match comparison.state {
            State::Outdated => SnapshotNote::Outdated(pending),
            _ => SnapshotNote::Pending(pending),
        };
        if self.store.settings().force_pass {
            settle(report);
        }
        Ok(())
    }
}

/// Takes mismatches that are accepted out of a report; what else there is still counts.
fn settle(report: &mut CaseReport) {
    let unsaid = |turn: usize| {
        let learned = report.learned.iter().find(|one| one.turn == turn);
        learned.is_some_and(|one| one.learned.texts().is_empty())
    };
    for exchange in &mut report.exchanges {
        // Of an answer that never agreed with itself, nothing was accepted.
        let unsaid = unsaid(exchange.turn);
        exchange.mismatches.retain(|mismatch| unsaid || !mismatch.kind.is_acceptable());
    }
}

/// The line of the first mismatch that a pending snapshot is about.
fn first_line(case: &Case, report: &CaseReport) -> usize {
    let mut mismatches = report.mismatches().map(|(_, mismatch)| mismatch);
    let first = mismatches.find(|mismatch| mismatch.kind.is_acceptable());
    let span = first.and_then(|mismatch: &Mismatch| mismatch.span);
    let turn = || case.conversation.turns.first().map(|turn: &Turn| turn.span);
    let file = SourceFile::read(&case.conversation.path).ok();
    file.zip(span.or_else(turn)).map_or(1, |(file, span)| file.line_column(span.start).0)
}
