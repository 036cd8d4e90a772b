//! Stopping early where going on is pointless.

use std::{
    collections::BTreeMap,
    mem::discriminant,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    chat::{ChatError, ErrorKind},
    report::{CaseError, CaseReport, Verdict},
    text::layout::brief,
};

/// After so many cases in a row that could not be played for the same reason, no more are begun.
const BREAKER: usize = 8;

/// Watches the cases of a run, and decides when it goes no further.
#[derive(Debug, Default)]
pub(super) struct Halt {
    fail_fast: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Why no case of any project is begun.
    everywhere: Option<String>,
    projects: BTreeMap<String, ProjectState>,
}

#[derive(Debug, Default)]
struct ProjectState {
    reason: Option<String>,
    in_a_row: Option<(ErrorKind, usize)>,
}

impl Halt {
    /// With `fail_fast` the first case that does not pass ends the run.
    pub fn new(fail_fast: bool) -> Self {
        Self { fail_fast, ..Self::default() }
    }

    /// Why no more cases of a project are begun, if so.
    pub fn reason(&self, project: &str) -> Option<String> {
        let state = self.lock();
        let own = || state.projects.get(project)?.reason.clone();
        state.everywhere.clone().or_else(own)
    }

    /// Everything for which the run went no further, in one line.
    pub fn reasons(&self) -> Option<String> {
        let state = self.lock();
        let several = state.projects.len() > 1;
        let projects = state.projects.iter().filter_map(|(project, state)| {
            let reason = state.reason.as_ref()?;
            Some(if several { format!("{project}: {reason}") } else { reason.clone() })
        });
        let reasons: Vec<String> = state.everywhere.iter().cloned().chain(projects).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Takes note of what came of a case. One refusal of the credentials says it for all: a case
    /// that was refused beside it counts as not played.
    pub fn note(&self, report: &mut CaseReport) {
        let mut state = self.lock();
        let project = state.projects.entry(report.project.clone()).or_default();
        if let Some(reason) = &project.reason {
            if is_refused(report) {
                report.error = Some(CaseError::NotPlayed(reason.clone()));
            }
            return;
        }
        match &report.error {
            Some(CaseError::Chat(error)) => project.error(error),
            _ => project.in_a_row = None,
        }
        if matches!(report.error, Some(CaseError::BudgetSpent { .. })) {
            let reason = "the run may send no more requests (--max-requests)";
            state.everywhere = Some(reason.to_owned());
        }
        let bad = matches!(report.verdict, Verdict::Failed | Verdict::Errored);
        if self.fail_fast && bad && state.everywhere.is_none() {
            state.everywhere = Some(format!("{} did not pass (--fail-fast)", report.case));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProjectState {
    fn error(&mut self, error: &ChatError) {
        if refused(error) {
            self.reason = Some(format!(
                "the platform refused the credentials ({})",
                brief(&error.kind.to_string(), 60)
            ));
            return;
        }
        let count = match self.in_a_row.take() {
            Some((kind, count)) if alike(&kind, &error.kind) => count + 1,
            _ => 1,
        };
        if count >= BREAKER {
            let what = brief(&error.kind.to_string(), 60);
            self.reason = Some(format!("{count} cases in a row could not be played: {what}"));
        }
        self.in_a_row = Some((error.kind.clone(), count));
    }
}

fn is_refused(report: &CaseReport) -> bool {
    matches!(&report.error, Some(CaseError::Chat(error)) if refused(error))
}

fn refused(error: &ChatError) -> bool {
    matches!(error.kind.status(), Some(401 | 403))
}

fn alike(a: &ErrorKind, b: &ErrorKind) -> bool {
    discriminant(a) == discriminant(b) && a.status() == b.status()
}
