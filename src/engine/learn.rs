//! What the answers of several plays have in common.

use super::Engine;
use crate::{
    conversation::TurnNumber,
    outcome::{CaseOutcome, LearnedTurn},
    snapshot::{SnapshotComparison, TextVerdict, joined::joined, learn::learn},
};

impl Engine {
    /// Whether a case is played again to learn from it: it has answers that nobody accepted yet.
    pub(super) fn learns_from(
        &self,
        outcome: &CaseOutcome,
        comparisons: &[Option<SnapshotComparison>],
    ) -> bool {
        let Some(plays) = self.learn else { return false };
        let is_new = |verdict: &TextVerdict| matches!(verdict, TextVerdict::New { .. });
        let mut verdicts = comparisons.iter().flatten().flat_map(|one| &one.verdicts);
        // A play that ended early says nothing of its last turns, and one that could not be
        // played would not go better at once.
        let is_whole = outcome.plays.first().is_some_and(|play| play.not_reached.is_empty())
            && outcome.plays.iter().all(|play| play.error.is_none());
        is_whole && outcome.plays.len() < plays && verdicts.any(is_new)
    }

    /// What the plays of a case would accept together: of each turn the most frequent answer or,
    /// where the run learns, what its answers have in common.
    pub(super) fn joined(
        &self,
        comparisons: Vec<SnapshotComparison>,
        outcome: &mut CaseOutcome,
    ) -> Option<SnapshotComparison> {
        let learned = match self.learn {
            Some(_) if comparisons.len() > 1 => new_answers(&comparisons),
            _ => Vec::new(),
        };
        let mut joined = joined(comparisons)?;
        for (turn, answers) in learned {
            let learned = learn(&answers, &self.rules.redactor);
            joined.propose(turn.get(), learned.texts());
            outcome.learned.push(LearnedTurn { turn, plays: answers.len(), learned });
        }
        Some(joined)
    }
}

/// The turns whose text is new, each with its answers in all plays.
fn new_answers(comparisons: &[SnapshotComparison]) -> Vec<(TurnNumber, Vec<String>)> {
    let turns = comparisons.first().map_or(0, |first| first.verdicts.len());
    let answers = |index: usize| {
        let new = comparisons.iter().filter_map(move |one| match one.verdicts.get(index)? {
            TextVerdict::New { actual } => Some(actual.clone()),
            _ => None,
        });
        (TurnNumber::new(index), new.collect::<Vec<_>>())
    };
    (0..turns).map(answers).filter(|(_, answers)| !answers.is_empty()).collect()
}
