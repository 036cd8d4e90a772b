//! Playing a new conversation several times, to see what of its answers varies.

use super::{Engine, case::Played, start::Stage};
use crate::{
    check::{Mismatch, MismatchKind},
    plan::Case,
    report::{CaseReport, LearnedTurn},
    snapshot::{Comparison, Entry, TextVerdict, learn::learn},
};

impl Engine {
    /// Plays a case with answers that nobody accepted yet as often as the run asks for, and puts
    /// into its pending snapshot what all those answers have in common.
    pub(super) async fn learn(
        &self,
        stage: &Stage,
        case: &Case,
        accepted: &Option<Vec<Entry>>,
        played: &mut Played,
        report: &mut CaseReport,
    ) {
        let Some(comparison) = &mut played.checked.snapshot else { return };
        let new = comparison
            .verdicts
            .iter()
            .enumerate()
            .filter_map(|(turn, verdict)| Some((turn, vec![new_text(verdict)?.to_owned()])));
        let mut answers: Vec<(usize, Vec<String>)> = new.collect();
        if answers.is_empty() || !played.transcript.is_whole() {
            return;
        }
        for _ in 1..self.plays {
            let again = self.attempt(stage, case, accepted, report).await;
            report.note_closing(&again.transcript.closing);
            let verdicts = again.checked.snapshot.map(|comparison| comparison.verdicts);
            for (turn, answers) in &mut answers {
                let verdict = verdicts.as_ref().and_then(|verdicts| verdicts.get(*turn));
                answers.extend(verdict.and_then(new_text).map(str::to_owned));
            }
        }
        for (turn, answers) in answers {
            let learned = learn(&answers, &self.rules.redactor);
            propose(comparison, turn, learned.texts());
            if let Some(mismatches) = played.checked.mismatches.get_mut(turn) {
                show(mismatches, learned.texts());
            }
            report.learned.push(LearnedTurn { turn, plays: answers.len(), learned });
        }
    }
}

fn new_text(verdict: &TextVerdict) -> Option<&str> {
    match verdict {
        TextVerdict::New { actual } => Some(actual),
        _ => None,
    }
}

/// Puts the texts that are proposed into the snapshot.
fn propose(comparison: &mut Comparison, turn: usize, texts: &[String]) {
    let has_greeting = comparison.entries.first().is_some_and(|entry| entry.user.is_none());
    let index = if has_greeting { Some(turn) } else { turn.checked_sub(1) };
    if let Some(entry) = index.and_then(|index| comparison.entries.get_mut(index)) {
        entry.agent = texts.to_vec();
    }
}

/// Shows the first of the texts that are proposed instead of what was said once.
fn show(mismatches: &mut [Mismatch], texts: &[String]) {
    let Some(text) = texts.first() else { return };
    for mismatch in mismatches {
        if let MismatchKind::NewText { actual } = &mut mismatch.kind {
            actual.clone_from(text);
        }
    }
}
