//! Comparing a transcript with what is expected; pure functions from one to the other.

pub mod describe;
mod mismatch;
mod text;
mod turn;

use std::borrow::Cow;

pub use mismatch::{Aspect, ExpectedHandoff, ExpectedText, Matcher, Mismatch, MismatchKind};

use crate::{
    conversation::{Expectation, Pinned, TurnNumber},
    player::{Capture, Ending, Transcript},
    snapshot::{self, Entry, ObservedTurn, Redactor, SnapshotComparison, TextVerdict},
    source::Span,
    suite::Case,
    text::{Bindings, Pattern},
};

/// What a response is compared with besides the conversation's own expectations.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What no response may match.
    pub forbid: Vec<Pattern>,
    /// What varies from run to run.
    pub redactor: Redactor,
}

/// The outcome of comparing one case.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Everything that does not hold, in the order of the answers.
    pub mismatches: Vec<Mismatch>,
    /// The turns that were not reached, although the platform did its part.
    pub not_reached: Vec<TurnNumber>,
    /// The comparison with the snapshot, where the conversation has one.
    pub snapshot: Option<SnapshotComparison>,
}

impl Checked {
    /// Whether everything holds.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.mismatches.is_empty() && self.not_reached.is_empty()
    }
}

/// Compares a transcript with what its case expects and with the accepted snapshot.
#[must_use]
pub fn check(
    case: &Case,
    transcript: &Transcript,
    accepted: Option<&[Entry]>,
    rules: &Rules,
) -> Checked {
    let comparison = case
        .conversation
        .has_snapshot()
        .then(|| compare_snapshot(case, transcript, accepted, &rules.redactor));
    let no_verdicts = Vec::new();
    let verdicts = comparison.as_ref().map_or(&no_verdicts, |comparison| &comparison.verdicts);
    let mut bindings = case.attributes.clone();
    let mut mismatches = Vec::new();
    for (index, exchange) in transcript.exchanges.iter().enumerate() {
        let turn = TurnNumber::new(index);
        let expectation = expectation(case, turn);
        let checker = turn::TurnChecker {
            turn,
            source: &case.conversation.source,
            place: place(case, turn),
            expectation: &expectation,
            exchange,
            bindings: &bindings,
            rules,
        };
        mismatches.extend(checker.check(verdicts.get(index).unwrap_or(&TextVerdict::NotPinned)));
        bindings.extend(exchange.captured.clone());
    }
    let all = case.conversation.turns.len();
    let cut_short = matches!(transcript.ending, Ending::AgentEnded | Ending::NotCaptured { .. });
    let not_reached = if cut_short {
        (transcript.exchanges.len().saturating_sub(1)..all).map(TurnNumber::of_index).collect()
    } else {
        Vec::new()
    };
    Checked { mismatches, not_reached, snapshot: comparison }
}

/// What is expected of an answer. A greeting of which nothing is said still has to be neither a
/// handoff nor an end.
#[must_use]
pub fn expectation(case: &Case, turn: TurnNumber) -> Cow<'_, Expectation> {
    let unmentioned = || Expectation { snapshot: Some(Pinned::No), ..Expectation::default() };
    if turn.is_greeting() {
        let greeting = case.conversation.greeting.as_ref();
        return greeting.map_or_else(|| Cow::Owned(unmentioned()), Cow::Borrowed);
    }
    match case.conversation.turn(turn) {
        Some(turn) => Cow::Borrowed(case.expectation(turn)),
        None => Cow::Owned(Expectation::default()),
    }
}

/// What is captured from the answers of a case.
#[derive(Clone, Copy, Debug)]
pub struct Captures<'a>(&'a Case);

impl<'a> Captures<'a> {
    /// The captures of a case.
    #[must_use]
    pub fn of(case: &'a Case) -> Self {
        Self(case)
    }
}

impl Capture for Captures<'_> {
    fn capture(&self, turn: TurnNumber, response: &str, bindings: &Bindings) -> Bindings {
        captured(self.0, turn, response, bindings)
    }
}

/// What the named groups of a response's expectations stand for from here on: those of `matches`,
/// and those of the first alternative of `any` that holds.
#[must_use]
pub fn captured(case: &Case, turn: TurnNumber, response: &str, bindings: &Bindings) -> Bindings {
    let expectation = expectation(case, turn);
    if expectation.captures().next().is_none() {
        return Bindings::new();
    }
    let alternatives = expectation.any.iter().flat_map(|any| &any.alternatives);
    let mut holding =
        alternatives.filter(|matchers| text::check(matchers, response, bindings).is_empty());
    let matchers = std::iter::once(&expectation.text).chain(holding.next());
    let mut captured = Bindings::new();
    for (pattern, _) in matchers.flat_map(|matchers| &matchers.matches) {
        let Ok(regex) = pattern.regex(bindings) else { continue };
        let Some(groups) = regex.captures(response) else { continue };
        for name in pattern.groups() {
            if let Some(group) = groups.name(name) {
                captured.entry(name.clone()).or_insert_with(|| group.as_str().to_owned());
            }
        }
    }
    captured
}

/// Where the user's line stands, or what is said of the greeting.
fn place(case: &Case, turn: TurnNumber) -> Option<Span> {
    if turn.is_greeting() {
        return case.conversation.greeting.as_ref().map(|greeting| greeting.span);
    }
    case.conversation.turn(turn).map(|turn| turn.span)
}

fn compare_snapshot(
    case: &Case,
    transcript: &Transcript,
    accepted: Option<&[Entry]>,
    redactor: &Redactor,
) -> SnapshotComparison {
    let conversation = &case.conversation;
    let response = |turn| transcript.exchange(turn).map(|exchange| exchange.response.as_str());
    let greeting = response(TurnNumber::GREETING);
    let pinned = conversation.greeting.as_ref().is_some_and(Expectation::is_pinned);
    let mut seen =
        vec![ObservedTurn { user: None, pinned, pinned_somewhere: pinned, response: greeting }];
    for (index, turn) in conversation.turns.iter().enumerate() {
        seen.push(ObservedTurn {
            user: Some(turn.user()),
            pinned: case.expectation(turn).is_pinned(),
            pinned_somewhere: turn.expectations().any(Expectation::is_pinned),
            response: response(TurnNumber::of_index(index)),
        });
    }
    snapshot::compare(accepted, &seen, redactor)
}
