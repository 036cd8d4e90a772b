//! What several plays of one conversation would accept together.

use super::{
    compare::{SnapshotComparison, SnapshotStatus, TextVerdict},
    transcript::Entry,
};

/// One comparison of several plays, in the order they were made: of each turn the most frequent
/// answer that is not accepted, of equally frequent ones the first. `None` without any play.
///
/// Answers that differ are not all proposed, and one is no answer to put in place of an accepted one
/// that other plays gave: which of them are right is a decision of a person.
#[must_use]
pub fn joined(plays: Vec<SnapshotComparison>) -> Option<SnapshotComparison> {
    let several = plays.len() > 1;
    let differing =
        plays.iter().position(|play| play.state == SnapshotStatus::Differs).unwrap_or(0);
    let mut joined = plays.get(differing)?.clone();
    if !several {
        return Some(joined);
    }
    for turn in 0..joined.verdicts.len() {
        let answers: Vec<&TextVerdict> =
            plays.iter().filter_map(|play| play.verdicts.get(turn)).filter(differs).collect();
        let Some(most) = most_frequent(&answers) else { continue };
        let texts = most.actual().map(str::to_owned);
        joined.propose(turn, texts.as_slice());
        let is_accepted = |play: &SnapshotComparison| {
            play.verdicts.get(turn).is_some_and(|one| *one == TextVerdict::Accepted)
        };
        if answers.iter().any(|one| *one != most) || plays.iter().any(is_accepted) {
            joined.disagreeing.push(turn);
        }
        if let Some(verdict) = joined.verdicts.get_mut(turn) {
            verdict.clone_from(most);
        }
    }
    Some(joined)
}

fn differs(verdict: &&TextVerdict) -> bool {
    verdict.actual().is_some()
}

/// The most frequent of several, of equally frequent ones the first.
fn most_frequent<'a>(answers: &[&'a TextVerdict]) -> Option<&'a TextVerdict> {
    let count = |wanted: &TextVerdict| answers.iter().filter(|one| **one == wanted).count();
    // `max_by_key` takes the last of several, so it is asked backwards.
    answers.iter().rev().copied().max_by_key(|one| count(one))
}

impl TextVerdict {
    /// What the agent said, where it is not accepted.
    #[must_use]
    pub fn actual(&self) -> Option<&str> {
        match self {
            Self::New { actual } | Self::Changed { actual, .. } => Some(actual),
            Self::NotPinned | Self::NotReached | Self::Accepted => None,
        }
    }
}

impl SnapshotComparison {
    /// Puts texts that are proposed for an answer into the snapshot, which has no entry for a
    /// greeting that is not pinned.
    pub fn propose(&mut self, answer: usize, texts: &[String]) {
        let has_greeting = self.entries.first().is_some_and(|entry: &Entry| entry.user.is_none());
        let index = if has_greeting { Some(answer) } else { answer.checked_sub(1) };
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.agent = texts.to_vec();
        }
        self.disagreeing.retain(|turn| *turn != answer);
    }
}
