//! Playing a new conversation several times, to see what of its answers varies.

use super::{
    Engine,
    case::{Played, error_of},
    start::Stage,
};
use crate::{
    check::{Checked, Mismatch, MismatchKind},
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
        let mut answers = new_answers(&played.checked);
        if answers.is_empty() || !played.transcript.is_whole() {
            return;
        }
        for _ in 1..self.plays {
            let again = self.attempt(stage, case, accepted, report).await;
            report.note_closing(&again.transcript.closing);
            also(&mut played.checked, &again, report);
            let verdicts = again.checked.snapshot.map(|comparison| comparison.verdicts);
            for (turn, answers) in &mut answers {
                let verdict = verdicts.as_ref().and_then(|verdicts| verdicts.get(*turn));
                answers.extend(verdict.and_then(new_text).map(str::to_owned));
            }
        }
        for (turn, answers) in answers {
            let learned = learn(&answers, &self.rules.redactor);
            if let Some(comparison) = &mut played.checked.snapshot {
                propose(comparison, turn, learned.texts());
            }
            if let Some(mismatches) = played.checked.mismatches.get_mut(turn) {
                show(mismatches, learned.texts());
            }
            report.learned.push(LearnedTurn { turn, plays: answers.len(), learned });
        }
    }
}

/// The turns whose text is new, each with its answer.
fn new_answers(checked: &Checked) -> Vec<(usize, Vec<String>)> {
    let verdicts = checked.snapshot.iter().flat_map(|comparison| &comparison.verdicts);
    let new = verdicts
        .enumerate()
        .filter_map(|(turn, verdict)| Some((turn, vec![new_text(verdict)?.to_owned()])));
    new.collect()
}

/// What a later play shows besides its answers counts as well.
fn also(checked: &mut Checked, again: &Played, report: &mut CaseReport) {
    for (known, found) in checked.mismatches.iter_mut().zip(&again.checked.mismatches) {
        for one in found.iter().filter(|one| !one.kind.is_acceptable()) {
            if !known.contains(one) {
                known.push(one.clone());
            }
        }
    }
    if checked.not_reached.is_empty() {
        checked.not_reached.clone_from(&again.checked.not_reached);
    }
    report.error = report.error.take().or_else(|| error_of(&again.transcript.ending));
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
