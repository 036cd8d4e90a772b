//! One case from its first request to its report.

use std::{
    io,
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::Timestamp;

use super::{Engine, start::Stage};
use crate::{
    chat::ChatError,
    check::{self, Checked},
    plan::{Case, Planned},
    replay::{Ending, Transcript, retry},
    report::{
        CaseError, CaseRecord, CaseReport, ExchangeReport, NotReached, SnapshotNote, Surroundings,
        Unanswered, Verdict,
    },
    snapshot::{Accepted, Entry, StoreError},
    source::{Diagnostic, SourceFile},
    text::Bindings,
};

/// What came of a case, for the terminal and as it is written down.
#[derive(Clone, Debug)]
pub struct Finished {
    /// With everything that can be shown.
    pub report: CaseReport,
    /// As it is written down.
    pub record: Arc<CaseRecord>,
}

impl Finished {
    /// The same in both forms.
    #[must_use]
    pub fn of(report: CaseReport) -> Self {
        Self { record: Arc::new(CaseRecord::of(&report)), report }
    }
}

impl Engine {
    /// Plays a case and takes note of whether it has to be looked at again.
    pub async fn play(&self, case: &Planned) -> Finished {
        let Finished { mut report, mut record } = Finished::of(self.report(case).await);
        if report.verdict == Verdict::Skipped {
            return Finished { report, record };
        }
        if let Err(error) = self.note(&report, &record) {
            let file = SourceFile::new(Path::new(".rehearsal"), "");
            let what = format!("this case cannot be noted for --rerun-failed: {error}");
            let warning = Diagnostic::of_file(&file, what).warning();
            Arc::make_mut(&mut record).warnings.push(warning.to_string());
            report.warnings.push(warning);
        }
        Finished { report, record }
    }

    /// Takes note of a case for `--rerun-failed`.
    fn note(&self, report: &CaseReport, record: &CaseRecord) -> io::Result<()> {
        let (environment, case) = (&report.environment, &report.case);
        match record.verdict {
            Verdict::Passed => self.failed.note(environment, case, None),
            _ if report.never_begun() => self.failed.note_not_begun(environment, case, record),
            _ => self.failed.note(environment, case, Some(record)),
        }
    }

    /// Plays a case in a fresh conversation, compares it, and keeps what is new of its snapshot.
    ///
    /// A case that could not be played is begun afresh as often as the settings allow, unless
    /// what was played of it shows a mismatch: an expectation that failed is never tried again.
    async fn report(&self, planned: &Planned) -> CaseReport {
        let mut report = empty_report(planned);
        report.surroundings = self.surroundings.clone();
        let case = &match planned.open(&self.config) {
            Ok(case) => case,
            Err(mistake) => return with_error(report, changed(&mistake)),
        };
        if let Err(error) = self.reference(case) {
            return with_error(report, CaseError::Files(error.to_string()));
        }
        if let Some(reason) = &planned.conversation.skip {
            report.skipped = Some(reason.clone());
            return report;
        }
        let Some(stage) = self.stages.get(&planned.target.project) else {
            return internal(planned, "no player was made ready for this project");
        };
        // Kept until the run has taken note of the case, so that none begins in between.
        let _place = stage.player.traffic.enter().await;
        if let Some(reason) = self.halt.reason(&planned.target.project) {
            return with_error(report, CaseError::NotPlayed(reason));
        }
        report.endpoint.clone_from(&stage.endpoint);
        let accepted = OnceLock::new();
        let mut played = self.attempt(stage, case, &accepted, &mut report).await;
        if self.plays > 1 {
            played = self.learn(stage, case, &accepted, played, &mut report).await;
        }
        let Played { transcript, checked } = played;
        describe(&mut report, case, transcript, &checked);
        if let Some(comparison) = &checked.snapshot
            && let Err(error) = self.keep(case, comparison, &mut report)
        {
            report.error.get_or_insert(CaseError::Files(error.to_string()));
        }
        report.verdict = verdict(&report);
        self.halt.note(&mut report);
        if report.verdict != Verdict::Passed || !report.warnings.is_empty() {
            report.source = SourceFile::read(&case.conversation.path).ok();
        }
        report
    }

    /// Plays until it was played, a mismatch showed, or the attempts are used up. Every
    /// attempt's conversation is closed.
    ///
    /// What is accepted is read once there is something to compare, so that no request waits for
    /// the disk.
    pub(super) async fn attempt(
        &self,
        stage: &Stage,
        case: &Case,
        accepted: &OnceLock<Option<Vec<Entry>>>,
        report: &mut CaseReport,
    ) -> Played {
        let script = case.script();
        let remember = |turn: usize, response: &str, bindings: &Bindings| {
            check::captured(case, turn, response, bindings)
        };
        let deadline = stage.player.deadline();
        loop {
            let transcript = stage.player.play(&script, &remember, deadline).await;
            report.requests += transcript.requests;
            report.repeated += transcript.repeated.len();
            report.maybe_created += transcript.maybe_created;
            let accepted = accepted.get_or_init(|| self.accepted(case, report));
            let checked = check::check(case, &transcript, accepted.as_deref(), &self.rules);
            match &transcript.ending {
                Ending::Failed(error)
                    if checked.passed()
                        && report.attempts() < stage.attempts as usize
                        && may_pass(error) =>
                {
                    report.earlier.push(error.clone());
                    let attempts = u32::try_from(report.earlier.len()).unwrap_or(u32::MAX);
                    stage.player.rest(retry::wait(&error.kind, attempts), deadline).await;
                }
                _ => return Played { transcript, checked },
            }
        }
    }

    fn reference(&self, case: &Case) -> Result<(), StoreError> {
        if case.conversation.has_snapshot() { self.store.reference(&case.name) } else { Ok(()) }
    }

    fn accepted(&self, case: &Case, report: &mut CaseReport) -> Option<Vec<Entry>> {
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
}

/// A conversation as it was played, and what it was compared to.
pub(super) struct Played {
    pub transcript: Transcript,
    pub checked: Checked,
}

/// A mismatch weighs more than an error: it was seen, whatever came after it.
fn verdict(report: &CaseReport) -> Verdict {
    if report.mismatches().next().is_some() || !report.not_reached.is_empty() {
        Verdict::Failed
    } else if report.error.is_some() {
        Verdict::Errored
    } else {
        Verdict::Passed
    }
}

/// Whether another attempt could go better: not when the platform said that this will not do.
fn may_pass(error: &ChatError) -> bool {
    let code = error.kind.envelope().and_then(|envelope| envelope.error_code.as_deref());
    match error.kind.status() {
        // It has this status although nothing was wrong with the request.
        Some(400) => code == Some("CHAT_TIMEOUT"),
        Some(300..=399 | 401 | 403 | 404 | 410 | 422) => false,
        _ => true,
    }
}

fn describe(report: &mut CaseReport, case: &Case, transcript: Transcript, checked: &Checked) {
    // Another play than this one may have failed.
    report.error = error_of(&transcript.ending).or_else(|| report.error.take());
    if let Ending::Unbound { name } = &transcript.ending {
        report.unbound = Some(name.clone());
    }
    report.not_reached =
        checked.not_reached.iter().filter_map(|turn| not_reached(case, *turn)).collect();
    report.note_closing(&transcript.closing);
    report.started = transcript.started;
    report.duration = transcript.duration;
    report.conversation_id = transcript.conversation_id;
    let next = transcript.turns.len();
    report.unanswered = transcript.unanswered.and_then(|user| {
        Some(Unanswered { turn: next + 1, user, span: case.conversation.turns.get(next)?.span })
    });
    let exchanges = transcript.greeting.into_iter().chain(transcript.turns);
    report.exchanges = exchanges
        .zip(&checked.mismatches)
        .enumerate()
        .map(|(turn, (said, mismatches))| ExchangeReport {
            turn,
            said,
            mismatches: mismatches.clone(),
        })
        .collect();
}

/// Why a conversation could not be played to its end, where it could not.
pub(super) fn error_of(ending: &Ending) -> Option<CaseError> {
    match ending {
        Ending::Failed(error) => Some(CaseError::Chat(error.clone())),
        Ending::Interrupted => Some(CaseError::Interrupted),
        Ending::OutOfTime { limit } => Some(CaseError::OutOfTime { limit: *limit }),
        Ending::BudgetSpent { after } => Some(CaseError::BudgetSpent { after: after.clone() }),
        Ending::Unbound { .. } | Ending::Played | Ending::AgentEnded => None,
    }
}

fn not_reached(case: &Case, turn: usize) -> Option<NotReached> {
    let spec = case.conversation.turns.get(turn.checked_sub(1)?)?;
    Some(NotReached { turn, user: spec.user.source().to_owned(), span: spec.span })
}

/// A report of a case of which nothing has happened yet; its verdict is that of a skipped one.
fn empty_report(case: &Planned) -> CaseReport {
    CaseReport {
        case: case.name.clone(),
        path: case.conversation.path.clone(),
        source: None,
        project: case.target.project.clone(),
        environment: case.target.environment.name.clone(),
        variant: case.variant.as_deref().cloned(),
        tags: case.conversation.tags.clone(),
        verdict: Verdict::Skipped,
        skipped: None,
        turns: case.conversation.turns,
        exchanges: Vec::new(),
        not_reached: Vec::new(),
        unbound: None,
        unanswered: None,
        error: None,
        earlier: Vec::new(),
        conversation_id: None,
        maybe_open: None,
        maybe_created: 0,
        started: Timestamp::now(),
        duration: Duration::ZERO,
        requests: 0,
        repeated: 0,
        snapshot: SnapshotNote::Nothing,
        endpoint: None,
        surroundings: Surroundings::default(),
        warnings: Vec::new(),
        learned: Vec::new(),
        play: None,
    }
}

/// A file that was without mistakes when the run was planned.
fn changed(mistake: &Diagnostic) -> CaseError {
    CaseError::Files(format!("the conversation was changed since the run began: {mistake}"))
}

fn with_error(mut report: CaseReport, error: CaseError) -> CaseReport {
    report.verdict = Verdict::Errored;
    report.error = Some(error);
    report
}

/// The report of a case that a fault of this program kept from being played.
pub(super) fn internal(case: &Planned, reason: &str) -> CaseReport {
    with_error(empty_report(case), CaseError::Internal(reason.to_owned()))
}
