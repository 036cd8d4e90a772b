//! Playing a new conversation several times, to see what of its answers varies.

use std::sync::OnceLock;

use super::{
    Engine,
    case::{Played, error_of},
    start::Stage,
};
use crate::{
    check::{Checked, Mismatch, MismatchKind},
    plan::Case,
    report::{CaseReport, LearnedTurn, ShownPlay},
    snapshot::{Comparison, Entry, TextVerdict, learn::learn},
};

impl Engine {
    /// Plays a case with answers that nobody accepted yet as often as the run asks for, and puts
    /// into its pending snapshot what all those answers have in common. The play that is given
    /// back is the one to be shown.
    pub(super) async fn learn(
        &self,
        stage: &Stage,
        case: &Case,
        accepted: &OnceLock<Option<Vec<Entry>>>,
        first: Played,
        report: &mut CaseReport,
    ) -> Played {
        let mut answers = new_answers(&first.checked);
        if answers.is_empty() || !first.transcript.is_whole() {
            return first;
        }
        let mut plays = vec![first];
        // One that could not be played would not go better at once.
        while plays.len() < self.plays && report.error.is_none() {
            let again = self.attempt(stage, case, accepted, report).await;
            report.note_closing(&again.transcript.closing);
            report.error = error_of(&again.transcript.ending);
            also_said(&mut answers, &again.checked);
            plays.push(again);
        }
        let mut comparison = plays.first_mut().and_then(|first| first.checked.snapshot.take());
        let mut shown = telling(plays, report);
        for (turn, answers) in answers {
            let learned = learn(&answers, &self.rules.redactor);
            if let Some(comparison) = &mut comparison {
                propose(comparison, turn, learned.texts());
            }
            if let Some(mismatches) = shown.checked.mismatches.get_mut(turn) {
                show(mismatches, learned.texts());
            }
            report.learned.push(LearnedTurn { turn, plays: answers.len(), learned });
        }
        shown.checked.snapshot = comparison;
        shown
    }
}

/// Of several plays the first that shows more than new answers, else the first.
fn telling(mut plays: Vec<Played>, report: &mut CaseReport) -> Played {
    let of = plays.len();
    let alike = plays.iter().filter(|play| shows_more(&play.checked)).count();
    let at = plays.iter().position(|play| shows_more(&play.checked)).unwrap_or(0);
    report.play = Some(ShownPlay { number: at + 1, of, alike });
    plays.swap_remove(at)
}

/// Whether something does not hold that accepting the new answers would not settle.
fn shows_more(checked: &Checked) -> bool {
    let mut mismatches = checked.mismatches.iter().flatten();
    mismatches.any(|one| !one.kind.is_acceptable()) || !checked.not_reached.is_empty()
}

/// The turns whose text is new, each with its answer.
fn new_answers(checked: &Checked) -> Vec<(usize, Vec<String>)> {
    let verdicts = checked.snapshot.iter().flat_map(|comparison| &comparison.verdicts);
    let new = verdicts
        .enumerate()
        .filter_map(|(turn, verdict)| Some((turn, vec![new_text(verdict)?.to_owned()])));
    new.collect()
}

/// Adds what a later play said in the same turns.
fn also_said(answers: &mut [(usize, Vec<String>)], again: &Checked) {
    let verdicts = again.snapshot.as_ref().map(|comparison| &comparison.verdicts);
    for (turn, answers) in answers {
        let verdict = verdicts.and_then(|verdicts| verdicts.get(*turn));
        answers.extend(verdict.and_then(new_text).map(str::to_owned));
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
