//! One case, from its first request to its outcome, a play at a time.

use std::sync::Arc;

use jiff::civil::Date;

use super::{Engine, connect::ActiveTarget, play::ActiveCase};
use crate::{
    outcome::{CaseOutcome, Judgement, Play, PlayError, PlayVerdict, Verdict},
    snapshot::SnapshotComparison,
    source::Diagnostic,
    suite::{Case, Planned},
};

/// A case that was played and may have to be played again.
#[derive(Debug)]
pub struct CaseSoFar {
    outcome: CaseOutcome,
    /// The comparison of each play with the snapshot, where there is one.
    comparisons: Vec<Option<SnapshotComparison>>,
    /// The day by which it is judged.
    today: Date,
}

/// What follows from a play of a case.
#[derive(Debug)]
pub enum AfterPlay {
    /// The case is over.
    Over(Arc<CaseOutcome>),
    /// It needs another play.
    Again(Box<CaseSoFar>),
    /// It failed, and needs another play, after all other cases, to confirm that.
    Confirm(Box<CaseSoFar>),
}

impl Engine {
    /// Plays a case once, in a fresh conversation, and says what follows from this play and those
    /// before it.
    pub async fn play(&self, planned: &Planned, so_far: Option<Box<CaseSoFar>>) -> AfterPlay {
        let mut so_far = so_far.unwrap_or_else(|| Box::new(self.nothing_of(planned)));
        let case = match planned.open(&self.config) {
            Ok(case) => case,
            Err(mistake) => return self.over(so_far.errored(changed(&mistake))),
        };
        if case.conversation.has_snapshot()
            && let Err(error) = self.store.reference(&case.name)
        {
            return self.over(so_far.errored(PlayError::file(error)));
        }
        if let Some(reason) = &planned.conversation.skip {
            so_far.outcome.verdict = Verdict::Skipped;
            so_far.outcome.reason = Some(reason.clone());
            return self.over(so_far.outcome);
        }
        let Some(target) = self.targets.get(&planned.target.place()) else {
            let error = PlayError::internal("this target was not made ready");
            return self.over(so_far.errored(error));
        };
        // Kept until the run has taken note of the case, so that none begins in between.
        let _permit = target.player.limiter.acquire().await;
        let goes_on = self.play_once(&mut so_far, &case, target).await;
        match self.decision(&so_far) {
            Judgement::PlayAgain if goes_on => AfterPlay::Again(so_far),
            Judgement::Confirm if goes_on => AfterPlay::Confirm(so_far),
            _ => self.over(self.decided(*so_far, &case)),
        }
    }

    /// Plays a case until its verdict is certain, one play after the other: where each case is a
    /// test, nothing is played between them.
    pub async fn play_to_the_end(&self, planned: &Planned) -> Arc<CaseOutcome> {
        let mut step = self.play(planned, None).await;
        loop {
            step = match step {
                AfterPlay::Over(outcome) => return outcome,
                AfterPlay::Again(so_far) => self.play(planned, Some(so_far)).await,
                AfterPlay::Confirm(so_far)
                    if so_far.is_confirmed() || self.confirmations.allow() =>
                {
                    self.play(planned, Some(so_far)).await
                }
                AfterPlay::Confirm(so_far) => return self.give_up_confirming(planned, so_far),
            };
        }
    }

    /// Ends a case that failed without playing it again, because too many did for that to be
    /// chance.
    pub(super) fn give_up_confirming(
        &self,
        planned: &Planned,
        so_far: Box<CaseSoFar>,
    ) -> Arc<CaseOutcome> {
        match planned.open(&self.config) {
            Ok(case) => self.remembered(self.decided(*so_far, &case)),
            Err(mistake) => self.remembered(so_far.errored(changed(&mistake))),
        }
    }

    /// One play; whether another one would go better than this.
    async fn play_once(&self, so_far: &mut CaseSoFar, case: &Case, target: &ActiveTarget) -> bool {
        if let Some(reason) = self.halt.reason(&target.player.place) {
            so_far.add(Play::not_played(PlayError::not_begun(&reason)), None);
            return false;
        }
        so_far.outcome.auth = target.player.backend.auth().to_vec();
        let (mut play, comparison, warnings) = ActiveCase::new(self, target, case).play().await;
        self.halt.note(&target.player.place, &mut play);
        let goes_on = play.error.as_ref().is_none_or(|error| error.kind.may_pass_in_another_play());
        so_far.add(play, comparison);
        // Each play reads the snapshot again, and says the same of it.
        so_far.outcome.warnings = warnings;
        goes_on
    }

    fn decision(&self, so_far: &CaseSoFar) -> Judgement {
        if self.learns_from(&so_far.outcome, &so_far.comparisons) {
            return Judgement::PlayAgain;
        }
        so_far.outcome.decision()
    }

    /// The outcome of a case that is not played any more.
    fn decided(&self, so_far: CaseSoFar, case: &Case) -> CaseOutcome {
        let CaseSoFar { mut outcome, comparisons, today } = so_far;
        outcome.warnings.extend(
            case.conversation
                .quarantines()
                .filter_map(|one| Some(format!("warning: {}", one.notice(today)?))),
        );
        let (passed, shown) = (outcome.decision(), &outcome.plays);
        let is_passed = passed == Judgement::Certain(Verdict::Passed);
        let compared = shown.iter().zip(comparisons);
        let comparisons: Vec<SnapshotComparison> = compared
            // Where the case passed, what a play of it said otherwise leaves nothing pending.
            .filter(|(play, _)| !is_passed || play.verdict == PlayVerdict::Passed)
            .filter_map(|(_, comparison)| comparison)
            .collect();
        if let Some(comparison) = self.joined(comparisons, &mut outcome)
            && let Err(error) = self.keep(case, &comparison, &mut outcome)
            && let Some(play) = outcome.plays.last_mut()
        {
            play.error.get_or_insert(PlayError::file(error));
        }
        for play in &mut outcome.plays {
            play.verdict = PlayVerdict::of(play);
        }
        with_verdict(outcome, today)
    }

    fn over(&self, outcome: CaseOutcome) -> AfterPlay {
        AfterPlay::Over(self.remembered(outcome))
    }

    /// Remembers a case for `--rerun-failed` and for what is judged again later.
    fn remembered(&self, outcome: CaseOutcome) -> Arc<CaseOutcome> {
        self.halt.over(&outcome);
        let mut outcome = Arc::new(outcome);
        if let Err(error) = self.memory.remember(&outcome) {
            let what = format!("this case cannot be noted for --rerun-failed: {error}");
            Arc::make_mut(&mut outcome).warnings.push(format!("warning: {what}"));
        }
        outcome
    }

    fn nothing_of(&self, case: &Planned) -> CaseSoFar {
        let today = self.config.today;
        CaseSoFar { outcome: self.not_played(case), comparisons: Vec::new(), today }
    }

    /// The outcome of a case of which nothing has happened yet.
    fn not_played(&self, case: &Planned) -> CaseOutcome {
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
            rule: case.rule,
            quarantines: case.conversation.quarantines.clone(),
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
        self.nothing_of(case).errored(PlayError::internal(what))
    }
}

impl CaseSoFar {
    fn add(&mut self, mut play: Play, comparison: Option<SnapshotComparison>) {
        play.play = self.outcome.plays.len() + 1;
        self.outcome.plays.push(play);
        self.comparisons.push(comparison);
    }

    /// Whether it is being confirmed already.
    pub(super) fn is_confirmed(&self) -> bool {
        self.outcome.plays.len() > 1
    }

    /// The outcome of a case that cannot be played any more.
    fn errored(mut self, error: PlayError) -> CaseOutcome {
        self.add(Play::not_played(error), None);
        with_verdict(self.outcome, self.today)
    }
}

/// The verdict and its reason, by the plays there are.
fn with_verdict(mut outcome: CaseOutcome, today: Date) -> CaseOutcome {
    outcome.verdict = match outcome.decision() {
        Judgement::Certain(verdict) => verdict,
        Judgement::Confirm => Verdict::Failed,
        // What did not hold was accepted at once (INSTA_UPDATE): no play is left that failed.
        Judgement::PlayAgain if outcome.all_passed() => Verdict::Passed,
        Judgement::PlayAgain => Verdict::Errored,
    };
    outcome.reason = outcome.why(today);
    outcome
}

/// A file that was without mistakes when the run was planned.
fn changed(mistake: &Diagnostic) -> PlayError {
    PlayError::file(format!("the conversation was changed since the run began: {mistake}"))
}
