//! One case as a conversation.

use askama::Template;
use serde_json::Value;

use super::{
    Filters, Kind,
    link::Links,
    text::{Html, difference},
};
use crate::{
    report::{
        CaseRecord, describe_handoff,
        latency::of_milliseconds,
        record::{ErrorRecord, MismatchRecord, TurnRecord, UnplayedRecord},
    },
    text::layout::{count, duration, shell_word},
};

#[derive(Template)]
#[template(path = "report/html/case.html")]
pub struct CaseView {
    id: Html,
    kind: Kind,
    keys: String,
    open: bool,
    name: Html,
    variant: Option<Html>,
    brief: Html,
    tags: Vec<Html>,
    turns: Vec<TurnView>,
    unanswered: Option<Html>,
    not_reached: Vec<(usize, Html)>,
    errors: Vec<ErrorView>,
    warnings: Vec<Html>,
    support: Vec<(&'static str, Html)>,
}

/// A message and its answer.
struct TurnView {
    turn: usize,
    user: Option<Html>,
    agent: Html,
    /// The text that was expected in its place, with what is missing marked.
    instead_of: Option<Html>,
    took: String,
    happened: Vec<Html>,
    problems: Vec<Problem>,
    support: Vec<(&'static str, Html)>,
}

/// One thing that does not hold.
struct Problem {
    message: Html,
    expected: Option<Html>,
    place: Html,
}

/// Why it, or an attempt of it, could not be played.
struct ErrorView {
    title: String,
    message: Html,
    support: Vec<(&'static str, Html)>,
}

impl CaseView {
    /// The view of a case; one that did not pass is open from the beginning, if it may be.
    pub fn of(case: &CaseRecord, links: &Links, filters: &Filters, may_be_open: bool) -> Self {
        let kind = Kind::of(case);
        Self {
            id: links.case(case),
            kind,
            keys: filters.keys(case),
            open: may_be_open && case.is_bad() && !case.never_begun,
            name: Html::text(case.case.conversation()),
            variant: case.case.variant().map(Html::text),
            brief: brief(case),
            tags: case.tags.iter().map(|tag| Html::text(tag)).collect(),
            turns: case.turns.iter().map(|turn| TurnView::of(case, turn)).collect(),
            unanswered: case.unanswered.as_ref().map(|one| Html::text(&one.user)),
            not_reached: case.not_reached.iter().map(not_reached).collect(),
            errors: errors(case),
            warnings: case.warnings.iter().map(|warning| Html::text(warning)).collect(),
            support: if kind == Kind::Passed { Vec::new() } else { support(case) },
        }
    }
}

/// What stands beside the name: why it did not pass, or how long it took.
fn brief(case: &CaseRecord) -> Html {
    if let Some(reason) = &case.reason {
        return Html::text(reason);
    }
    let turns = case.turns.iter().filter(|turn| turn.turn > 0).count();
    let took = duration(of_milliseconds(case.duration_ms));
    match case.attempts {
        1 => Html::text(&format!("{}, {took}", count(turns, "turn"))),
        attempts => Html::text(&format!("{}, {took}, on attempt {attempts}", count(turns, "turn"))),
    }
}

fn not_reached(one: &UnplayedRecord) -> (usize, Html) {
    (one.turn, Html::text(&one.user))
}

fn errors(case: &CaseRecord) -> Vec<ErrorView> {
    let view = |title: String, error: &ErrorRecord| ErrorView {
        title,
        message: Html::text(&error.message),
        support: pairs([
            ("help", error.help.clone()),
            ("error_id", error.error_id.clone()),
            ("correlation id", error.correlation_id.clone()),
            ("as curl", error.curl.clone()),
        ]),
    };
    let earlier = (1..).zip(&case.earlier_errors);
    let mut errors: Vec<ErrorView> =
        earlier.map(|(number, error)| view(format!("attempt {number}"), error)).collect();
    errors.extend(case.error.iter().map(|error| view("could not be played".to_owned(), error)));
    errors
}

/// What PolyAI's support asks for, and the command that plays it again.
fn support(case: &CaseRecord) -> Vec<(&'static str, Html)> {
    let variant = case.variant.as_ref().map(|name| match &case.variant_id {
        Some(id) if id != name => format!("{name} ({id})"),
        _ => name.clone(),
    });
    let again = format!(
        "rehearsal run --environment {} --exact {}",
        shell_word(&case.environment),
        shell_word(case.case.as_str())
    );
    pairs([
        ("conversation id", case.conversation_id.clone()),
        ("project", Some(case.project.clone())),
        ("environment", Some(case.environment.clone())),
        ("variant", variant),
        ("time", Some(case.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())),
        ("file", Some(case.path.clone())),
        ("play again", Some(again)),
    ])
}

fn pairs<const N: usize>(pairs: [(&'static str, Option<String>); N]) -> Vec<(&'static str, Html)> {
    let some = pairs.into_iter().filter_map(|(name, value)| Some((name, Html::text(&value?))));
    some.collect()
}

impl TurnView {
    fn of(case: &CaseRecord, turn: &TurnRecord) -> Self {
        let mismatches: Vec<&MismatchRecord> = case.mismatches_of(turn.turn).collect();
        let (instead_of, agent) = match mismatches.iter().find_map(|one| one.whole_texts()) {
            Some(texts) => {
                let (expected, said) = &texts;
                let (old, new) = difference(expected, said);
                (Some(old), new)
            }
            None => (None, Html::text(&turn.response)),
        };
        let is_bad = !mismatches.is_empty();
        let support = [
            ("correlation id", is_bad.then(|| turn.correlation_id.clone())),
            ("time", is_bad.then(|| turn.sent.strftime("%H:%M:%S%.3f UTC").to_string())),
            ("as curl", turn.curl.clone()),
        ];
        Self {
            turn: turn.turn,
            user: turn.user.as_deref().map(Html::text),
            agent,
            instead_of,
            took: duration(of_milliseconds(turn.latency_ms)),
            happened: happened(turn),
            problems: mismatches.iter().map(|one| problem(case, one)).collect(),
            support: pairs(support),
        }
    }
}

fn problem(case: &CaseRecord, mismatch: &MismatchRecord) -> Problem {
    // Elsewhere the message or the text beside it says it all.
    let expected = match (&*mismatch.matcher, &mismatch.expected) {
        ("equals" | "snapshot", _) => None,
        (_, Value::String(expected)) if !mismatch.message.contains(expected) => {
            Some(Html::text(expected))
        }
        _ => None,
    };
    let place = match mismatch.line {
        Some(line) => format!("{}:{line}", case.path),
        None => case.path.clone(),
    };
    let message = mismatch.message.split_once(": ").map_or(&*mismatch.message, |(_, what)| what);
    Problem { message: Html::text(message), expected, place: Html::text(&place) }
}

fn happened(turn: &TurnRecord) -> Vec<Html> {
    let mut happened = Vec::new();
    if let Some(handoff) = &turn.handoff {
        happened.push(describe_handoff(Some(handoff)));
    }
    if turn.end_conversation {
        happened.push("the conversation ended".to_owned());
    }
    happened.extend(turn.notes.iter().cloned());
    happened.iter().map(|one| Html::text(one)).collect()
}
