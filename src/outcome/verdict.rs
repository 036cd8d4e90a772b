//! What counts as passed.

use serde::{Deserialize, Serialize};

use super::Play;

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
    /// Everything holds.
    Passed,
    /// At least one expectation or snapshot does not hold.
    Failed,
    /// It could not be played; this says nothing about the agent.
    Errored,
    /// It was not played, because its file says so.
    Skipped,
}

impl Verdict {
    /// The verdict on a case that was to be played, from its plays alone.
    ///
    /// A mismatch weighs more than an error: it was seen, whatever came after it. A case without
    /// any play could not be played.
    #[must_use]
    pub(crate) fn of_plays(plays: &[Play]) -> Self {
        let any = |verdict| plays.iter().any(|play| play.verdict == verdict);
        if any(PlayVerdict::Failed) {
            Self::Failed
        } else if plays.is_empty() || any(PlayVerdict::Errored) {
            Self::Errored
        } else {
            Self::Passed
        }
    }
}
