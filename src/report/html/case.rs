//! One case as a conversation.

use askama::Template;
use serde_json::Value;

use super::{
    Kind,
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
pub struct CaseView<'a> {
    id: Html<'a>,
    kind: Kind,
    keys: String,
    name: Html<'a>,
    variant: Option<Html<'a>>,
    brief: Html<'a>,
    tags: Vec<Html<'a>>,
    case: &'a CaseRecord,
    unanswered: Option<Html<'a>>,
    /// The turn, the user's line and where it stands.
    not_reached: Vec<(usize, Html<'a>, Html<'a>)>,
    errors: Vec<ErrorView<'a>>,
    warnings: Vec<Html<'a>>,
    /// The page of the conversation in Agent Studio.
    conversation_url: Option<Html<'a>>,
    support: Support,
}

/// What PolyAI's support asks for: names and values.
type Support = Vec<(&'static str, Html<'static>)>;

/// A message and its answer.
struct TurnView<'a> {
    turn: usize,
    user: Option<Html<'a>>,
    agent: Html<'a>,
    /// The text that was expected in its place, with what is missing marked.
    instead_of: Option<Html<'a>>,
    took: String,
    happened: Vec<Html<'a>>,
    problems: Vec<Problem<'a>>,
    support: Support,
}

/// One thing that does not hold.
struct Problem<'a> {
    message: Html<'a>,
    expected: Option<Html<'a>>,
    place: Html<'a>,
}

/// Why it, or an attempt of it, could not be played.
struct ErrorView<'a> {
    title: String,
    message: Html<'a>,
    support: Support,
}

impl<'a> CaseView<'a> {
    /// The view of a case that is found by these keys.
    pub fn of(case: &'a CaseRecord, links: &Links, keys: String) -> Self {
        let kind = Kind::of(case);
        Self {
            id: links.case(&case.environment, &case.case),
            kind,
            keys,
            name: Html::text(case.case.conversation()),
            variant: case.case.variant().map(Html::text),
            brief: brief(case),
            tags: case.tags.iter().map(Html::text).collect(),
            case,
            unanswered: case.unanswered.as_ref().map(|one| Html::text(&one.user)),
            not_reached: case.not_reached.iter().map(|one| not_reached(case, one)).collect(),
            errors: errors(case),
            warnings: case.warnings.iter().map(Html::text).collect(),
            conversation_url: studio_page(case).map(Html::text),
            support: if kind == Kind::Passed { Vec::new() } else { support(case) },
        }
    }
}

impl CaseView<'_> {
    fn turns(&self) -> impl Iterator<Item = TurnView<'_>> {
        self.case.turns.iter().map(|turn| TurnView::of(self.case, turn))
    }
}

/// The page of the conversation in Agent Studio. A record may come from anywhere, so that only
/// what can be no script becomes a link.
fn studio_page(case: &CaseRecord) -> Option<&str> {
    case.conversation_url.as_deref().filter(|url| url.starts_with("https://"))
}

/// What stands beside the name: why it did not pass, or how long it took.
fn brief(case: &CaseRecord) -> Html<'_> {
    if let Some(reason) = &case.reason {
        return Html::text(reason);
    }
    let turns = case.turns.iter().filter(|turn| turn.turn > 0).count();
    let took = duration(of_milliseconds(case.duration_ms));
    match case.attempts {
        1 => Html::text(format!("{}, {took}", count(turns, "turn"))),
        attempts => Html::text(format!("{}, {took}, on attempt {attempts}", count(turns, "turn"))),
    }
}

fn not_reached<'a>(case: &CaseRecord, one: &'a UnplayedRecord) -> (usize, Html<'a>, Html<'a>) {
    (one.turn, Html::text(&one.user), place(case, one.line))
}

/// A line of the conversation's file.
fn place(case: &CaseRecord, line: Option<usize>) -> Html<'static> {
    Html::text(match line {
        Some(line) => format!("{}:{line}", case.path),
        None => case.path.clone(),
    })
}

fn errors(case: &CaseRecord) -> Vec<ErrorView<'_>> {
    let earlier = (1..).zip(&case.earlier_errors);
    let earlier = earlier.map(|(number, error)| (format!("attempt {number}"), error));
    let last = case.error.iter().map(|error| ("could not be played".to_owned(), error));
    earlier.chain(last).map(|(title, error)| ErrorView::of(title, error)).collect()
}

impl<'a> ErrorView<'a> {
    fn of(title: String, error: &'a ErrorRecord) -> Self {
        let support = pairs([
            ("help", error.help.clone()),
            ("error_id", error.error_id.clone()),
            ("correlation id", error.correlation_id.clone()),
            ("as curl", error.curl.clone()),
        ]);
        Self { title, message: Html::text(&error.message), support }
    }
}

/// What PolyAI's support asks for, and the command that plays it again.
fn support(case: &CaseRecord) -> Support {
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

fn pairs<const N: usize>(pairs: [(&'static str, Option<String>); N]) -> Support {
    let some = pairs.into_iter().filter_map(|(name, value)| Some((name, Html::text(value?))));
    some.collect()
}

impl<'a> TurnView<'a> {
    fn of(case: &'a CaseRecord, turn: &'a TurnRecord) -> Self {
        let mismatches: Vec<&MismatchRecord> = case.mismatches_of(turn.turn).collect();
        let (instead_of, agent) = match mismatches.iter().find_map(|one| one.whole_texts()) {
            Some((expected, said)) => {
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

fn problem<'a>(case: &CaseRecord, mismatch: &'a MismatchRecord) -> Problem<'a> {
    // Elsewhere the message or the text beside it says it all.
    let expected = match (&*mismatch.matcher, &mismatch.expected) {
        ("equals" | "snapshot", _) => None,
        (_, Value::String(expected)) if !mismatch.message.contains(expected) => {
            Some(Html::text(expected))
        }
        _ => None,
    };
    let message = mismatch.message.split_once(": ").map_or(&*mismatch.message, |(_, what)| what);
    Problem { message: Html::text(message), expected, place: place(case, mismatch.line) }
}

fn happened(turn: &TurnRecord) -> Vec<Html<'_>> {
    let handoff = turn.handoff.as_ref().map(|handoff| describe_handoff(Some(handoff)));
    let mut happened: Vec<Html<'_>> = handoff.into_iter().map(Html::text).collect();
    if turn.end_conversation {
        happened.push(Html::text("the conversation ended"));
    }
    happened.extend(turn.notes.iter().map(Html::text));
    happened
}
