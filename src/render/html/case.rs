//! One case as a conversation.

use std::borrow::Cow;

use askama::Template;

use super::{
    VerdictClass,
    link::Links,
    text::{Html, difference},
};
use crate::{
    check::{ExpectedHandoff, Mismatch, MismatchKind, describe},
    conversation::TurnNumber,
    outcome::{CaseOutcome, Play, PlayError, UnplayedTurn},
    player::Exchange,
    render::{commands, curl::curl},
    text::layout::{count, duration},
};

#[derive(Template)]
#[template(path = "render/html/case.html")]
pub struct CaseView<'a> {
    id: Html<'a>,
    kind: VerdictClass,
    keys: String,
    name: Html<'a>,
    variant: Option<Html<'a>>,
    brief: Html<'a>,
    tags: Vec<Html<'a>>,
    case: &'a CaseOutcome,
    play: Option<&'a Play>,
    unanswered: Option<Html<'a>>,
    /// The turn, the user's line and where it stands.
    not_reached: Vec<(TurnNumber, Html<'a>, Html<'a>)>,
    errors: Vec<ErrorView<'a>>,
    warnings: Vec<Html<'a>>,
    /// The page of the conversation in Agent Studio.
    conversation_url: Option<Html<'a>>,
    support: Support,
}

/// What PolyAI's support asks for: names and values.
type Support = Vec<(&'static str, Html<'static>)>;

/// A message and its answer.
struct TurnSection<'a> {
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
    pub fn of(case: &'a CaseOutcome, links: &Links, keys: String) -> Self {
        let (kind, play) = (VerdictClass::of(case), case.shown());
        let not_reached =
            play.map(|play| play.not_reached.iter().map(|one| not_reached(case, one)).collect());
        Self {
            id: links.case(&case.environment, &case.case),
            kind,
            keys,
            name: Html::text(case.case.conversation()),
            variant: case.case.variant().map(Html::text),
            brief: brief(case),
            tags: case.tags.iter().map(Html::text).collect(),
            case,
            play,
            unanswered: play
                .and_then(|play| play.unanswered.as_ref())
                .map(|one| Html::text(&one.user)),
            not_reached: not_reached.unwrap_or_default(),
            errors: play.map(|play| errors(case, play)).unwrap_or_default(),
            warnings: case.warnings.iter().map(Html::text).collect(),
            conversation_url: play.and_then(studio_page).map(Html::text),
            support: play
                .filter(|_| kind != VerdictClass::Passed)
                .map(|play| support(case, play))
                .unwrap_or_default(),
        }
    }
}

impl CaseView<'_> {
    fn turns(&self) -> impl Iterator<Item = TurnSection<'_>> {
        let plays = self.play.iter();
        plays.flat_map(|play| play.turns.iter().map(|one| TurnSection::of(self.case, play, one)))
    }
}

/// The page of the conversation in Agent Studio. A record may come from anywhere, so that only
/// what can be no script becomes a link.
fn studio_page(play: &Play) -> Option<&str> {
    play.conversation_url.as_deref().filter(|url| url.starts_with("https://"))
}

/// What is shown next to the name: why it did not pass, or how long it took.
fn brief(case: &CaseOutcome) -> Html<'_> {
    if let Some(reason) = &case.reason {
        return Html::text(reason);
    }
    let Some(play) = case.shown() else { return Html::default() };
    let turns = count(play.answered_turns(), "turn");
    let took = duration(play.duration);
    match play.attempts {
        1 => Html::text(format!("{turns}, {took}")),
        attempts => Html::text(format!("{turns}, {took}, on attempt {attempts}")),
    }
}

fn not_reached<'a>(case: &CaseOutcome, one: &'a UnplayedTurn) -> (TurnNumber, Html<'a>, Html<'a>) {
    (one.turn, Html::text(&one.user), place(case, Some(one.line)))
}

/// A line of the conversation's file.
fn place(case: &CaseOutcome, line: Option<usize>) -> Html<'static> {
    let path = case.path.display();
    Html::text(match line {
        Some(line) => format!("{path}:{line}"),
        None => path.to_string(),
    })
}

fn errors<'a>(case: &'a CaseOutcome, play: &'a Play) -> Vec<ErrorView<'a>> {
    let earlier = (1..).zip(&play.earlier_errors);
    let earlier = earlier.map(|(number, error)| (format!("attempt {number}"), error));
    let last = play.error.iter().map(|error| ("could not be played".to_owned(), error));
    earlier.chain(last).map(|(title, error)| ErrorView::of(case, title, error)).collect()
}

impl<'a> ErrorView<'a> {
    fn of(case: &CaseOutcome, title: String, error: &'a PlayError) -> Self {
        let support = match &error.backend {
            Some(error) => pairs([
                ("help", error.help.clone()),
                ("error_id", error.error_id.clone()),
                ("correlation id", Some(error.correlation_id.clone())),
                ("as curl", curl(&error.request, &case.auth).map(|words| words.join(" "))),
            ]),
            None => Vec::new(),
        };
        Self { title, message: Html::text(&error.message), support }
    }
}

/// What PolyAI's support asks for, and the command that plays it again.
fn support(case: &CaseOutcome, play: &Play) -> Support {
    let variant = case.case_variant().map(|variant| {
        if variant.id == variant.name {
            variant.name
        } else {
            format!("{} ({})", variant.name, variant.id)
        }
    });
    pairs([
        ("conversation id", play.conversation_id.clone()),
        ("project", Some(case.project.clone())),
        ("environment", Some(case.environment.clone())),
        ("variant", variant),
        ("time", Some(play.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())),
        ("file", Some(case.path.display().to_string())),
        ("play again", Some(commands::play_again(case))),
    ])
}

fn pairs<const N: usize>(pairs: [(&'static str, Option<String>); N]) -> Support {
    let some = pairs.into_iter().filter_map(|(name, value)| Some((name, Html::text(value?))));
    some.collect()
}

impl<'a> TurnSection<'a> {
    fn of(case: &'a CaseOutcome, play: &'a Play, exchange: &'a Exchange) -> Self {
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

fn problem<'a>(case: &CaseOutcome, mismatch: &'a Mismatch) -> Problem<'a> {
    // Elsewhere the message or the text beside it says it all.
    let expected = expected(&mismatch.kind).filter(|text| !mismatch.message.contains(&**text));
    let message = mismatch.message.split_once(": ").map_or(&*mismatch.message, |(_, what)| what);
    Problem {
        message: Html::text(message),
        expected: expected.map(Html::text),
        place: place(case, mismatch.line()),
    }
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
