//! One message and its answer, with what does not hold in it.

use std::borrow::Cow;

use super::{
    play::{Support, pairs},
    text::{Html, difference},
};
use crate::{
    check::{ExpectedHandoff, Mismatch, MismatchKind, describe},
    conversation::Quarantine,
    outcome::{CaseOutcome, Play},
    player::Exchange,
    render::curl::curl,
    text::layout::duration,
};

/// A message and its answer.
pub struct TurnSection<'a> {
    pub turn: usize,
    pub user: Option<Html<'a>>,
    pub agent: Html<'a>,
    /// The text that was expected in its place, with what is missing marked.
    pub instead_of: Option<Html<'a>>,
    pub took: String,
    pub happened: Vec<Html<'a>>,
    pub problems: Vec<Problem<'a>>,
    pub support: Support,
}

/// One thing that does not hold.
pub struct Problem<'a> {
    pub message: Html<'a>,
    pub expected: Option<Html<'a>>,
    pub place: Html<'a>,
    /// Whether a quarantine covers it.
    pub is_quarantined: bool,
}

impl<'a> TurnSection<'a> {
    /// The section of an exchange of a play.
    pub fn of(case: &'a CaseOutcome, play: &'a Play, exchange: &'a Exchange) -> Self {
        let mismatches: Vec<&Mismatch> = play.mismatches_of(exchange.turn).collect();
        let (instead_of, agent) = match mismatches.iter().find_map(|one| one.kind.whole_texts()) {
            Some((expected, said)) => {
                let (old, new) = difference(expected, said);
                (Some(old), new)
            }
            None => (None, Html::text(&exchange.response)),
        };
        let failed = (!mismatches.is_empty()).then_some(exchange);
        let support = [
            ("correlation id", failed.map(|exchange| exchange.correlation_id.clone())),
            ("time", failed.map(|one| one.sent.strftime("%H:%M:%S%.3f UTC").to_string())),
            (
                "as curl",
                failed
                    .and_then(|exchange| curl(&exchange.request, &case.auth))
                    .map(|words| words.join(" ")),
            ),
        ];
        Self {
            turn: exchange.turn.get(),
            user: exchange.user.as_deref().map(Html::text),
            agent,
            instead_of,
            took: duration(exchange.latency),
            happened: happened(exchange),
            problems: mismatches.iter().map(|one| problem(case, one)).collect(),
            support: pairs(support),
        }
    }
}

impl TurnSection<'_> {
    /// Whether nothing but what is quarantined does not hold.
    pub fn is_quarantined(&self) -> bool {
        self.problems.iter().all(|problem| problem.is_quarantined)
    }
}

fn problem<'a>(case: &CaseOutcome, mismatch: &'a Mismatch) -> Problem<'a> {
    // Elsewhere the message or the text beside it says it all.
    let expected = expected(&mismatch.kind).filter(|text| !mismatch.message.contains(&**text));
    let message = mismatch.message.split_once(": ").map_or(&*mismatch.message, |(_, what)| what);
    Problem {
        message: Html::text(message),
        expected: expected.map(Html::text),
        place: place(case, mismatch.line()),
        is_quarantined: is_quarantined(case, mismatch),
    }
}

fn is_quarantined(case: &CaseOutcome, mismatch: &Mismatch) -> bool {
    let covers = |one: &Quarantine| one.covers(mismatch.turn);
    mismatch.kind.is_forgivable() && case.quarantines.iter().any(covers)
}

/// A line of the conversation's file.
pub fn place(case: &CaseOutcome, line: Option<usize>) -> Html<'static> {
    let path = case.path.display();
    Html::text(match line {
        Some(line) => format!("{path}:{line}"),
        None => path.to_string(),
    })
}

/// What was expected, where it is one text that no difference shows.
fn expected(kind: &MismatchKind) -> Option<Cow<'_, str>> {
    match kind {
        MismatchKind::Contains { expected: text }
        | MismatchKind::Matches { pattern: text }
        | MismatchKind::Not { unwanted: text, .. }
        | MismatchKind::Forbidden { pattern: text, .. } => Some(Cow::Borrowed(text)),
        MismatchKind::Handoff { expected: ExpectedHandoff::None, .. } => None,
        MismatchKind::Handoff { expected, .. } => Some(Cow::Owned(expected.to_string())),
        _ => None,
    }
}

fn happened(exchange: &Exchange) -> Vec<Html<'_>> {
    let handoff = exchange.handoff.as_ref().map(|handoff| describe::handoff(Some(handoff)));
    let mut happened: Vec<Html<'_>> = handoff.into_iter().map(Html::text).collect();
    if exchange.end_conversation {
        happened.push(Html::text("the conversation ended"));
    }
    happened.extend(exchange.notes.iter().map(|note| Html::text(&**note)));
    happened
}
