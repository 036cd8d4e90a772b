//! What counts as passed.

use serde::{Deserialize, Serialize};

use super::{Play, standing::Standing};
use crate::config::VerdictRule;

/// The verdict on one play of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlayVerdict {
    /// Everything holds.
    Passed,
    /// At least one expectation or snapshot does not hold, or turns were not reached.
    Failed,
    /// It could not be played; this says nothing about the agent.
    Errored,
}

impl PlayVerdict {
    /// The verdict on a play, from what it shows.
    ///
    /// A mismatch weighs more than an error: it was seen, whatever came after it.
    #[must_use]
    pub(crate) fn of(play: &Play) -> Self {
        if !play.mismatches.is_empty() || !play.not_reached.is_empty() {
            Self::Failed
        } else if play.error.is_some() {
            Self::Errored
        } else {
            Self::Passed
        }
    }
}

/// The verdict on a case.
///
/// [`Failed`](Self::Failed) and [`Errored`](Self::Errored) are both no pass, and differ in where to look:
/// at the agent, or at the network and the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// As many plays passed as have to.
    Passed,
    /// More plays failed than may, or one failed in what cannot be forgiven.
    Failed,
    /// It failed, and passed when it was played again to confirm that.
    Flaky,
    /// It failed only in what its quarantine covers.
    Quarantined,
    /// It could not be played often enough; this says nothing about the agent.
    Errored,
    /// It was not played, because its file says so.
    Skipped,
}

/// What follows from the plays of a case so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The verdict is certain.
    Certain(Verdict),
    /// Another play is needed.
    PlayAgain,
    /// It failed, and is played again, after all other cases, to confirm that.
    Confirm,
}

impl Judgement {
    /// What follows from these plays by this rule: `passed` and `failed` as soon as no further
    /// play could change it, and nothing is played after that.
    ///
    /// A failure that cannot be forgiven fails the case at once, whichever play it is in.
    ///
    /// ```
    /// use rehearsal::{config::VerdictRule, outcome::{Judgement, Standing, Verdict}};
    ///
    /// let two_of_three = VerdictRule { plays: 3, pass: 2, ..VerdictRule::ONCE };
    /// let plays = [Standing::Passed, Standing::Forgivable];
    /// assert_eq!(Judgement::of(&two_of_three, &plays), Judgement::PlayAgain);
    /// let plays = [Standing::Passed, Standing::Forgivable, Standing::Passed];
    /// assert_eq!(Judgement::of(&two_of_three, &plays), Judgement::Certain(Verdict::Passed));
    /// ```
    #[must_use]
    pub fn of(rule: &VerdictRule, plays: &[Standing]) -> Self {
        if plays.contains(&Standing::Unforgivable) {
            return Self::Certain(Verdict::Failed);
        }
        match plays {
            [Standing::Forgivable, again @ ..] if rule.confirms() => confirmed(rule, again),
            _ => Tally::of(plays).decision(rule),
        }
    }
}

/// What follows once a case of one play has failed, from the plays that were to confirm it.
fn confirmed(rule: &VerdictRule, again: &[Standing]) -> Judgement {
    let passes = |standing| matches!(standing, Standing::Passed | Standing::Quarantined);
    if again.iter().copied().any(passes) {
        Judgement::Certain(Verdict::Flaky)
    } else if again.len() < rule.confirm_failures as usize {
        Judgement::Confirm
    } else {
        Judgement::Certain(Verdict::Failed)
    }
}

/// How many plays came out how.
#[derive(Default)]
struct Tally {
    made: u32,
    passed: u32,
    quarantined: u32,
    failed: u32,
}

impl Tally {
    fn of(plays: &[Standing]) -> Self {
        let mut tally = Self::default();
        for standing in plays {
            tally.made += 1;
            match standing {
                Standing::Passed => tally.passed += 1,
                Standing::Quarantined => tally.quarantined += 1,
                Standing::Forgivable | Standing::New | Standing::Unforgivable => tally.failed += 1,
                Standing::Errored => {}
            }
        }
        tally
    }

    /// A play in which only what is quarantined failed counts twice: as failed, to see whether
    /// the case passes as it is, and as passed, to see whether it does but for its quarantine.
    fn decision(&self, rule: &VerdictRule) -> Judgement {
        let left = rule.plays.saturating_sub(self.made);
        let (as_it_is, but_for) = (self.passed, self.passed + self.quarantined);
        let not_passed = self.failed + self.quarantined;
        if self.failed > rule.may_fail() {
            Judgement::Certain(Verdict::Failed)
        } else if as_it_is >= rule.pass {
            Judgement::Certain(Verdict::Passed)
        } else if but_for >= rule.pass && not_passed > rule.may_fail() {
            Judgement::Certain(Verdict::Quarantined)
        } else if but_for + left < rule.pass && self.failed + left <= rule.may_fail() {
            // Too many plays could not be played for either side to be reached.
            Judgement::Certain(Verdict::Errored)
        } else if left == 0 {
            Judgement::Certain(Verdict::Errored)
        } else {
            Judgement::PlayAgain
        }
    }
}
