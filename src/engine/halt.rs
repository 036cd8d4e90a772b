//! Stopping early where going on is pointless.

use std::{
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
    reason: Option<String>,
    in_a_row: Option<(ErrorKind, usize)>,
}

impl Halt {
    /// With `fail_fast` the first case that does not pass ends the run.
    pub fn new(fail_fast: bool) -> Self {
        Self { fail_fast, ..Self::default() }
    }

    /// Why no more cases are begun, if so.
    pub fn reason(&self) -> Option<String> {
        self.lock().reason.clone()
    }

    /// Takes note of what came of a case. One refusal of the credentials says it for all: a case
    /// that was refused beside it counts as not played.
    pub fn note(&self, report: &mut CaseReport) {
        let mut state = self.lock();
        if let Some(reason) = &state.reason {
            if is_refused(report) {
                report.error = Some(CaseError::NotPlayed(reason.clone()));
            }
            return;
        }
        match &report.error {
            Some(CaseError::Chat(error)) => state.error(error),
            Some(CaseError::BudgetSpent) => {
                state.reason =
                    Some("the run may send no more requests (--max-requests)".to_owned());
            }
            _ => state.in_a_row = None,
        }
        let bad = matches!(report.verdict, Verdict::Failed | Verdict::Errored);
        if self.fail_fast && bad && state.reason.is_none() {
            state.reason = Some(format!("{} did not pass (--fail-fast)", report.case));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
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
