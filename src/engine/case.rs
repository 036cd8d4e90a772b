//! One case, from its first request to its outcome.

use std::sync::Arc;

use super::{Engine, play::ActiveCase};
use crate::{
    outcome::{CaseOutcome, Play, PlayError, Verdict},
    source::Diagnostic,
    suite::Planned,
};

impl Engine {
    /// Plays a case, and remembers it for `--rerun-failed` and for what is judged again later.
    pub async fn play(&self, case: &Planned) -> Arc<CaseOutcome> {
        let mut outcome = Arc::new(self.outcome(case).await);
        if let Err(error) = self.memory.remember(&outcome) {
            let what = format!("this case cannot be noted for --rerun-failed: {error}");
            Arc::make_mut(&mut outcome).warnings.push(format!("warning: {what}"));
        }
        outcome
    }

    /// Plays a case in fresh conversations, compares them, and keeps what is new of its snapshot.
    async fn outcome(&self, planned: &Planned) -> CaseOutcome {
        let mut outcome = self.not_played(planned);
        let case = match planned.open(&self.config) {
            Ok(case) => case,
            Err(mistake) => return errored(outcome, changed(&mistake)),
        };
        if case.conversation.has_snapshot()
            && let Err(error) = self.store.reference(&case.name)
        {
            return errored(outcome, PlayError::file(error));
        }
        if let Some(reason) = &planned.conversation.skip {
            outcome.verdict = Verdict::Skipped;
            outcome.reason = Some(reason.clone());
            return outcome;
        }
        let Some(target) = self.targets.get(&planned.target.place()) else {
            return errored(outcome, PlayError::internal("this target was not made ready"));
        };
        // Kept until the run has taken note of the case, so that none begins in between.
        let _permit = target.player.limiter.acquire().await;
        if let Some(reason) = self.halt.reason(&target.player.place) {
            return errored(outcome, PlayError::not_begun(&reason));
        }
        outcome.auth = target.player.backend.auth().to_vec();
        ActiveCase::new(self, target, &case).play_into(&mut outcome).await;
        self.halt.note(&mut outcome);
        with_verdict(outcome)
    }

    /// The outcome of a case of which nothing has happened yet.
    pub(super) fn not_played(&self, case: &Planned) -> CaseOutcome {
        let variant = case.variant.as_deref();
        CaseOutcome {
            case: case.name.clone(),
            verdict: Verdict::Errored,
            reason: None,
            project: case.target.project.clone(),
            environment: case.target.environment.name.clone(),
            variant: variant.map(|variant| variant.name.clone()),
            variant_id: variant.map(|variant| variant.id.clone()),
            tags: case.conversation.tags.clone(),
            path: case.conversation.path.clone(),
            turns: case.conversation.turns,
            plays: Vec::new(),
            learned: Vec::new(),
            snapshot: None,
            auth: Vec::new(),
            invocation: self.invocation.clone(),
            warnings: Vec::new(),
        }
    }

    /// The outcome of a case that a fault of this program kept from being played.
    pub(super) fn internal_error(&self, case: &Planned, what: &str) -> CaseOutcome {
        errored(self.not_played(case), PlayError::internal(what))
    }
}

fn errored(mut outcome: CaseOutcome, error: PlayError) -> CaseOutcome {
    outcome.plays.push(Play::not_played(error));
    with_verdict(outcome)
}

/// The verdict and its reason, by the plays.
fn with_verdict(mut outcome: CaseOutcome) -> CaseOutcome {
    outcome.verdict = Verdict::of_plays(&outcome.plays);
    outcome.reason = outcome.shown().map(Play::reason).filter(|reason| !reason.is_empty());
    outcome
}

/// A file that was without mistakes when the run was planned.
fn changed(mistake: &Diagnostic) -> PlayError {
    PlayError::file(format!("the conversation was changed since the run began: {mistake}"))
}
