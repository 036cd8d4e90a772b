//! What a play says about its case.

use super::{Play, PlayVerdict};
use crate::{
    check::{Mismatch, MismatchKind},
    conversation::Quarantine,
};

/// What a play says about its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It passed.
    Passed,
    /// It failed only in what is quarantined.
    Quarantined,
    /// It failed in what another play may not fail in: the words, or how long they took.
    Forgivable,
    /// It failed in nothing worse, and an answer of it was never accepted: no other play would
    /// pass.
    New,
    /// It failed in what is no matter of luck.
    Unforgivable,
    /// It could not be played, which says nothing.
    Errored,
}

impl Standing {
    /// The standing of a play under the quarantines that hold.
    #[must_use]
    pub fn of(play: &Play, quarantines: &[Quarantine]) -> Self {
        match play.verdict {
            PlayVerdict::Passed => return Self::Passed,
            PlayVerdict::Errored => return Self::Errored,
            PlayVerdict::Failed => {}
        }
        // A turn that could not be sent because a capture failed has the class of the mismatch
        // that says so, which is among these; any other turn that was not reached is routing.
        let left_over = !play.not_reached.is_empty() && play.not_captured.is_none();
        if left_over || play.mismatches.iter().any(|one| !one.kind.is_forgivable()) {
            return Self::Unforgivable;
        }
        let is_covered = |one: &Mismatch| quarantines.iter().any(|it| it.covers(one.turn));
        let mut counted = play.mismatches.iter().filter(|one| !is_covered(one)).peekable();
        // A capture can fail without any mismatch, in a group that may be absent.
        let unexplained =
            play.mismatches.is_empty() && !quarantines.iter().any(Quarantine::is_whole);
        if counted.peek().is_none() && !unexplained {
            Self::Quarantined
        } else if counted.any(|one| matches!(one.kind, MismatchKind::NewText { .. })) {
            Self::New
        } else {
            Self::Forgivable
        }
    }
}
