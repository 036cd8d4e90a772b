//! One case from its first request to its report.

use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use crate::{
    chat::ChatError,
    check::{self, Checked, Mismatch},
    plan::Case,
    replay::{Closing, Ending, Transcript},
    report::{CaseError, CaseReport, ExchangeReport, NotReached, SnapshotNote, Verdict},
    snapshot::{Accepted, Comparison, State, StoreError, Update},
    source::{Diagnostic, SourceFile},
    spec::Turn,
};

impl Engine {
    /// Plays a case in a fresh conversation, compares it, and keeps what is new of its snapshot.
    ///
    /// A case that cannot be played is begun afresh as often as the settings allow; one that was
    /// played is never repeated, whatever it showed.
    pub async fn play(&self, case: &Case) -> CaseReport {
        let mut report = empty_report(case);
        if case.conversation.has_snapshot()
            && let Err(error) = self.store.reference(&case.name)
        {
            return failed_files(report, &error);
        }
        if let Some(reason) = &case.conversation.skip {
            report.skipped = Some(reason.clone());
            return report;
        }
        let Some(transcript) = self.attempt(case, &mut report).await else {
            return internal(case, "no player was made ready for this project");
        };
        let accepted = self.accepted(case, &mut report);
        let checked = check::check(case, &transcript, accepted.as_deref(), &self.rules);
        report.error = error_of(&transcript);
        report.verdict = match (&report.error, checked.passed()) {
            (Some(_), _) => Verdict::Errored,
            (None, true) => Verdict::Passed,
            (None, false) => Verdict::Failed,
        };
        describe(&mut report, case, transcript, &checked);
        if report.verdict == Verdict::Failed || !report.warnings.is_empty() {
            report.source = SourceFile::read(&case.conversation.path).ok();
        }
        if let (Some(comparison), None) = (&checked.snapshot, &report.error)
            && let Err(error) = self.keep(case, comparison, accepted.is_some(), &mut report)
        {
            return failed_files(report, &error);
        }
        report
    }

    /// Plays until it was played or the attempts are used up. Every attempt's conversation is closed.
    async fn attempt(&self, case: &Case, report: &mut CaseReport) -> Option<Transcript> {
        let stage = self.stages.get(&case.target.project)?;
        let _place = stage.places.acquire().await.ok()?;
        let script = case.script();
        loop {
            let transcript = stage.player.play(&script).await;
            report.requests += transcript.requests;
            match &transcript.ending {
                Ending::Failed(error)
                    if report.attempts() < stage.attempts as usize && may_pass(error) =>
                {
                    report.earlier.push(error.clone());
                }
                _ => return Some(transcript),
            }
        }
    }

    fn accepted(
        &self,
        case: &Case,
        report: &mut CaseReport,
    ) -> Option<Vec<crate::snapshot::Entry>> {
        if !case.conversation.has_snapshot() {
            return None;
        }
        match self.store.accepted(&case.name) {
            Accepted::Missing => None,
            Accepted::Entries(entries) => Some(entries),
            Accepted::Unreadable(problems) => {
                let note = "this snapshot cannot be read and counts as missing";
                let warning = |one: Diagnostic| one.warning().help(note);
                report.warnings.extend(problems.into_iter().map(warning));
                None
            }
        }
    }

    /// Writes what insta's variables want written about a snapshot.
    fn keep(
        &self,
        case: &Case,
        comparison: &Comparison,
        known: bool,
        report: &mut CaseReport,
    ) -> Result<(), StoreError> {
        let update = self.store.settings().update;
        let path = &case.conversation.path;
        let now = match (comparison.state, update) {
            (State::Same, _) => {
                self.store.forget_pending(&case.name);
                return Ok(());
            }
            (_, Update::Nothing) => return Ok(()),
            (_, Update::Accept) => true,
            (_, Update::AcceptUnseen) => !known,
            (_, Update::Pending) => false,
        };
        if now {
            report.snapshot = SnapshotNote::Accepted(self.store.accept_now(
                &case.name,
                path,
                &comparison.entries,
            )?);
            settle(report);
            return Ok(());
        }
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
    for exchange in &mut report.exchanges {
        exchange.mismatches.retain(|mismatch| !mismatch.kind.is_acceptable());
    }
    if report.mismatches().next().is_none() && report.not_reached.is_empty() {
        report.verdict = Verdict::Passed;
    }
}

/// The line of the first mismatch that a pending snapshot is about.
fn first_line(case: &Case, report: &CaseReport) -> usize {
    let mut mismatches = report.mismatches().map(|(_, mismatch)| mismatch);
    let first = mismatches.find(|mismatch| mismatch.kind.is_acceptable());
    let span = first.and_then(|mismatch: &Mismatch| mismatch.span);
    let turn = || case.conversation.turns.first().map(|turn: &Turn| turn.span);
    let file = report.source.clone().or_else(|| SourceFile::read(&case.conversation.path).ok());
    file.zip(span.or_else(turn)).map_or(1, |(file, span)| file.line_column(span.start).0)
}

/// Whether another attempt could go better: not when the platform said that this will not do.
fn may_pass(error: &ChatError) -> bool {
    !matches!(error.kind.status(), Some(300..=399 | 401 | 403 | 404))
}

fn error_of(transcript: &Transcript) -> Option<CaseError> {
    match &transcript.ending {
        Ending::Failed(error) => Some(CaseError::Chat(error.clone())),
        Ending::Interrupted => Some(CaseError::Interrupted),
        Ending::Played | Ending::AgentEnded | Ending::Unbound { .. } => None,
    }
}

fn describe(report: &mut CaseReport, case: &Case, transcript: Transcript, checked: &Checked) {
    report.unbound = match &transcript.ending {
        Ending::Unbound { name } => Some(name.clone()),
        _ => None,
    };
    report.not_reached =
        checked.not_reached.iter().filter_map(|turn| not_reached(case, *turn)).collect();
    report.maybe_open = match &transcript.closing {
        Closing::MayBeOpen(error) => Some(error.clone()),
        Closing::Closed | Closing::NotNeeded => None,
    };
    report.started = transcript.started;
    report.duration = transcript.duration;
    report.conversation_id = transcript.conversation_id;
    let exchanges = transcript.greeting.into_iter().chain(transcript.turns);
    report.exchanges = exchanges
        .zip(&checked.mismatches)
        .enumerate()
        .map(|(turn, (exchange, mismatches))| ExchangeReport {
            turn,
            said: exchange,
            mismatches: mismatches.clone(),
        })
        .collect();
}

fn not_reached(case: &Case, turn: usize) -> Option<NotReached> {
    let spec = case.conversation.turns.get(turn.checked_sub(1)?)?;
    Some(NotReached { turn, user: spec.user.source().to_owned(), span: spec.span })
}

/// A report of a case of which nothing has happened yet; its verdict is that of a skipped one.
fn empty_report(case: &Case) -> CaseReport {
    CaseReport {
        case: case.name.clone(),
        path: case.conversation.path.clone(),
        source: None,
        project: case.target.project.clone(),
        environment: case.target.environment.name.clone(),
        variant: case.variant.clone(),
        tags: case.conversation.tags.clone(),
        verdict: Verdict::Skipped,
        skipped: None,
        turns: case.conversation.turns.len(),
        exchanges: Vec::new(),
        not_reached: Vec::new(),
        unbound: None,
        error: None,
        earlier: Vec::new(),
        conversation_id: None,
        maybe_open: None,
        started: Timestamp::now(),
        duration: Duration::ZERO,
        requests: 0,
        snapshot: SnapshotNote::Nothing,
        warnings: Vec::new(),
    }
}

fn failed_files(mut report: CaseReport, error: &StoreError) -> CaseReport {
    report.verdict = Verdict::Errored;
    report.error = Some(CaseError::Files(error.to_string()));
    report
}

/// The report of a case that a fault of this program kept from being played.
pub(super) fn internal(case: &Case, reason: &str) -> CaseReport {
    let mut report = empty_report(case);
    report.verdict = Verdict::Errored;
    report.error = Some(CaseError::Internal(reason.to_owned()));
    report
}
