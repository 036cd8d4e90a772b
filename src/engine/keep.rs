//! Keeping what is new of a case's snapshot: accepted at once, or pending.

use super::Engine;
use crate::{
    check::Mismatch,
    plan::Case,
    report::{CaseReport, SnapshotNote},
    snapshot::{Comparison, State, StoreError, Update, rest::Rest},
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
        let conversation = &case.conversation;
        let rest = self.store.rest(&case.name, comparison, |at| conversation.is_pinned(at));
        match (comparison.state, self.store.settings().update) {
            (State::Same, update) => self.keep_rest(case, rest, update, report),
            (_, Update::Nothing) => Ok(()),
            (_, Update::Accept) => self.accept_at_once(case, comparison, rest, report),
            // One that cannot be read was seen, and may hold what a person put there.
            (_, Update::AcceptUnseen) if !self.store.path(&case.name).exists() => {
                self.accept_at_once(case, comparison, rest, report)
            }
            (_, Update::AcceptUnseen | Update::Pending) => {
                self.leave_pending(case, comparison, rest, report)
            }
        }
    }

    /// Nothing is pending of what was compared: of the pending snapshot only the rest stays.
    fn keep_rest(
        &self,
        case: &Case,
        rest: Rest,
        update: Update,
        report: &CaseReport,
    ) -> Result<(), StoreError> {
        match rest {
            Rest::Nothing => self.store.forget_pending(&case.name),
            Rest::Entries(entries) if update != Update::Nothing => {
                let known = self.store.pending_changes(&case.name);
                if known.is_ok_and(|pending| pending.entries() == entries) {
                    return Ok(());
                }
                let line = first_line(case, report);
                self.store.leave_pending(&case.name, &case.conversation.path, line, &entries)?;
            }
            Rest::Entries(_) | Rest::Unknown => {}
        }
        Ok(())
    }

    /// What is too large to be accepted is left pending, for a person to decide what of it is pinned.
    fn accept_at_once(
        &self,
        case: &Case,
        comparison: &Comparison,
        rest: Rest,
        report: &mut CaseReport,
    ) -> Result<(), StoreError> {
        let path = &case.conversation.path;
        match self.store.accept_now(&case.name, path, &comparison.entries) {
            Ok(accepted) => {
                self.keep_rest(case, rest, Update::Accept, report)?;
                report.snapshot = SnapshotNote::Accepted(accepted);
                settle(report);
                Ok(())
            }
            Err(error @ StoreError::TooLarge { .. }) => {
                self.leave_pending(case, comparison, rest, report).and(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    fn leave_pending(
        &self,
        case: &Case,
        comparison: &Comparison,
        rest: Rest,
        report: &mut CaseReport,
    ) -> Result<(), StoreError> {
        let path = &case.conversation.path;
        let line = first_line(case, report);
        let entries = match &rest {
            Rest::Entries(entries) => entries,
            Rest::Nothing | Rest::Unknown => &comparison.entries,
        };
        let pending = self.store.leave_pending(&case.name, path, line, entries)?;
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
