//! Stopping early where going on is pointless.
//!
//! A target stops at the first refusal of the credentials, and after eight equal errors in a row; the
//! whole run with `--fail-fast` and when the budget of requests is spent. What is not begun then is an
//! error, never a pass.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    backend::{BackendError, ErrorClass},
    config::Place,
    outcome::{CaseOutcome, Play, PlayError, PlayErrorKind},
    text::layout::brief,
};

/// After so many cases in a row that could not be played for the same reason, no more are begun.
const BREAKER: usize = 8;

/// Watches the cases of a run, and decides when it goes no further.
#[derive(Debug, Default)]
pub(super) struct Halt {
    fail_fast: bool,
    state: Mutex<HaltState>,
}

#[derive(Debug, Default)]
struct HaltState {
    /// Why no case of any target is begun.
    everywhere: Option<String>,
    targets: BTreeMap<Arc<Place>, TargetState>,
}

#[derive(Debug, Default)]
struct TargetState {
    reason: Option<String>,
    in_a_row: Option<(String, usize)>,
}

impl Halt {
    /// With `fail_fast` the first case that does not pass ends the run.
    pub fn new(fail_fast: bool) -> Self {
        Self { fail_fast, ..Self::default() }
    }

    /// Why no more cases are begun at a place, if so.
    pub fn reason(&self, place: &Place) -> Option<String> {
        let state = self.lock();
        let own = || state.targets.get(place)?.reason.clone();
        state.everywhere.clone().or_else(own)
    }

    /// Every reason why the run was aborted, in one line.
    pub fn reasons(&self) -> Option<String> {
        let state = self.lock();
        let several = state.targets.len() > 1;
        let targets = state.targets.iter().filter_map(|(place, state)| {
            let reason = state.reason.as_ref()?;
            Some(if several { format!("{}: {reason}", place.project) } else { reason.clone() })
        });
        let reasons: Vec<String> = state.everywhere.iter().cloned().chain(targets).collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    /// Takes note of a play. One refusal of the credentials says it for all: a play that was
    /// refused beside it counts as not begun.
    pub fn note(&self, place: &Arc<Place>, play: &mut Play) {
        let mut state = self.lock();
        let target = state.targets.entry(Arc::clone(place)).or_default();
        let failed = play.error.as_ref().and_then(|error| error.backend.as_deref());
        match (&target.reason, failed) {
            (Some(reason), Some(error)) if error.class == ErrorClass::Denied => {
                play.error = Some(PlayError::not_begun(reason));
            }
            (Some(_), _) => {}
            (None, Some(error)) => target.error(error),
            (None, None) => target.in_a_row = None,
        }
        if play.error.as_ref().is_some_and(|error| error.kind == PlayErrorKind::Budget) {
            let reason = "the limit of --max-requests is reached";
            state.everywhere = Some(reason.to_owned());
        }
    }

    /// Takes note of a case that is over.
    pub fn over(&self, outcome: &CaseOutcome) {
        if self.fail_fast && outcome.is_failing() {
            let why = || format!("{} did not pass (--fail-fast)", outcome.case);
            self.lock().everywhere.get_or_insert_with(why);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HaltState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TargetState {
    fn error(&mut self, error: &BackendError) {
        if error.class == ErrorClass::Denied {
            self.reason =
                Some(format!("the platform refused the credentials ({})", brief(&error.what, 60)));
            return;
        }
        let count = match self.in_a_row.take() {
            Some((cause, count)) if cause == error.cause => count + 1,
            _ => 1,
        };
        if count >= BREAKER {
            let what = brief(&error.what, 60);
            self.reason = Some(format!("{count} cases in a row could not be played: {what}"));
        }
        self.in_a_row = Some((error.cause.clone(), count));
    }
}
