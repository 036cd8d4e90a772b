//! Playing a new conversation several times, to see what of its answers varies.

use super::play::{ActiveCase, Played, error};
use crate::{
    check::Checked,
    conversation::TurnNumber,
    outcome::{CaseOutcome, LearnedTurn},
    snapshot::{SnapshotComparison, TextVerdict, learn::learn},
};

impl ActiveCase<'_> {
    /// Plays a case with answers that nobody accepted yet as often as the run asks for, and puts
    /// into its pending snapshot what all those answers have in common.
    pub(super) async fn learn(&mut self, plays: &mut Vec<Played>, outcome: &mut CaseOutcome) {
        let Some(first) = plays.first().filter(|first| first.transcript.is_whole()) else { return };
        let mut answers = new_answers(&first.checked);
        if answers.is_empty() {
            return;
        }
        while plays.len() < self.engine.plays {
            let again = self.play().await;
            for (turn, answers) in &mut answers {
                answers.extend(new_text(&again.checked, *turn).map(str::to_owned));
            }
            // One that could not be played would not go better at once.
            let failed = error(&again.transcript.ending).is_some();
            plays.push(again);
            if failed {
                break;
            }
        }
        let redactor = &self.engine.rules.redactor;
        let first = plays.first_mut().and_then(|first| first.checked.snapshot.as_mut());
        let Some(comparison) = first else { return };
        for (turn, answers) in answers {
            let learned = learn(&answers, redactor);
            propose(comparison, turn, learned.texts());
            outcome.learned.push(LearnedTurn { turn, plays: answers.len(), learned });
        }
    }
}

/// The turns whose text is new, each with its answer.
fn new_answers(checked: &Checked) -> Vec<(TurnNumber, Vec<String>)> {
    let count = checked.snapshot.as_ref().map_or(0, |comparison| comparison.verdicts.len());
    let turns = (0..count).map(TurnNumber::new);
    turns.filter_map(|turn| Some((turn, vec![new_text(checked, turn)?.to_owned()]))).collect()
}

fn new_text(checked: &Checked, turn: TurnNumber) -> Option<&str> {
    match checked.snapshot.as_ref()?.verdicts.get(turn.get())? {
        TextVerdict::New { actual } => Some(actual),
        _ => None,
    }
}

/// Puts the texts that are proposed into the snapshot, which has no entry for a greeting that is
/// not pinned.
fn propose(comparison: &mut SnapshotComparison, turn: TurnNumber, texts: &[String]) {
    let has_greeting = comparison.entries.first().is_some_and(|entry| entry.user.is_none());
    let index = if has_greeting { Some(turn.get()) } else { turn.index() };
    if let Some(entry) = index.and_then(|index| comparison.entries.get_mut(index)) {
        entry.agent = texts.to_vec();
    }
}
