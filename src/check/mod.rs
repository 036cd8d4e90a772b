//! Comparing a transcript with what is expected; pure functions from one to the other.

mod mismatch;
mod text;
mod turn;

use std::borrow::Cow;

pub use mismatch::{Aspect, Mismatch, MismatchKind};

use crate::{
    plan::Case,
    replay::{Ending, Transcript},
    snapshot::{self, Comparison, Entry, Redactor, Seen, TextVerdict},
    source::Span,
    spec::{Expectation, Pinned},
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
    /// For the greeting and each turn that was played, everything that does not hold.
    pub mismatches: Vec<Vec<Mismatch>>,
    /// The turns (from 1) that were not reached, although the platform did its part.
    pub not_reached: Vec<usize>,
    /// The comparison with the snapshot, where the conversation has one.
    pub snapshot: Option<Comparison>,
}

impl Checked {
    /// Whether everything holds.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.mismatches.iter().all(Vec::is_empty) && self.not_reached.is_empty()
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
    let mut bindings = case.facts.clone();
    let mut mismatches = Vec::with_capacity(transcript.turns.len() + 1);
    for (index, exchange) in transcript.exchanges().enumerate() {
        let expectation = expectation(case, index);
        let place = place(case, index);
        let checker = turn::Checker {
            place,
            expectation: &expectation,
            exchange,
            bindings: &bindings,
            rules,
        };
        mismatches.push(checker.check(verdicts.get(index).unwrap_or(&TextVerdict::NotPinned)));
        bindings.extend(exchange.captured.clone());
    }
    let all = case.conversation.turns.len();
    let cut_short = matches!(transcript.ending, Ending::AgentEnded | Ending::Unbound { .. });
    let not_reached =
        if cut_short { (transcript.turns.len() + 1..=all).collect() } else { Vec::new() };
    Checked { mismatches, not_reached, snapshot: comparison }
}

/// What is expected of the greeting (0) or a turn (from 1). A greeting of which nothing is said
/// still has to be neither a handoff nor an end.
#[must_use]
pub fn expectation(case: &Case, index: usize) -> Cow<'_, Expectation> {
    match index.checked_sub(1) {
        None => match &case.conversation.greeting {
            Some(expectation) => Cow::Borrowed(expectation),
            None => {
                Cow::Owned(Expectation { snapshot: Some(Pinned::No), ..Expectation::default() })
            }
        },
        Some(turn) => match case.conversation.turns.get(turn) {
            Some(turn) => Cow::Borrowed(case.expectation(turn)),
            None => Cow::Owned(Expectation::default()),
        },
    }
}

/// What the named groups of a response's expectations stand for from here on: those of `matches`,
/// and those of the first alternative of `any` that holds.
#[must_use]
pub fn captured(case: &Case, index: usize, response: &str, bindings: &Bindings) -> Bindings {
    let expectation = expectation(case, index);
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
fn place(case: &Case, index: usize) -> Option<Span> {
    match index.checked_sub(1) {
        None => case.conversation.greeting.as_ref().map(|greeting| greeting.span),
        Some(turn) => case.conversation.turns.get(turn).map(|turn| turn.span),
    }
}

fn compare_snapshot(
    case: &Case,
    transcript: &Transcript,
    accepted: Option<&[Entry]>,
    redactor: &Redactor,
) -> Comparison {
    let conversation = &case.conversation;
    let greeting = transcript.greeting.as_ref().map(|exchange| exchange.response.as_str());
    let pinned = conversation.greeting.as_ref().is_some_and(Expectation::is_pinned);
    let mut seen = vec![Seen { user: None, pinned, pinned_somewhere: pinned, response: greeting }];
    for (index, turn) in conversation.turns.iter().enumerate() {
        seen.push(Seen {
            user: Some(turn.user.source()),
            pinned: case.expectation(turn).is_pinned(),
            pinned_somewhere: turn.expectations().any(Expectation::is_pinned),
            response: transcript.turns.get(index).map(|exchange| exchange.response.as_str()),
        });
    }
    snapshot::compare(accepted, &seen, redactor)
}
