//! Text expectations: `equals`, `contains`, `matches`, `not`.

use std::borrow::Cow;

use super::mismatch::{Matcher, MismatchKind};
use crate::{
    conversation::Matchers,
    source::Span,
    text::{Bindings, Pattern, Template, UndefinedVariable, alike::plain},
};

/// Something that does not hold, and where the expectation is written.
pub(super) type Found = (Span, MismatchKind);

/// Everything in `matchers` that does not hold for a response.
pub(super) fn check(matchers: &Matchers, response: &str, bindings: &Bindings) -> Vec<Found> {
    if matchers.is_empty() {
        return Vec::new();
    }
    let text = Text { response, plain: plain(response), bindings };
    let not = matchers.not.iter().flat_map(|not| text.outcomes(not)).filter_map(unwanted);
    let outcomes = text.outcomes(matchers).into_iter();
    outcomes.filter_map(|outcome| missing(outcome, response)).chain(not).collect()
}

struct Text<'a> {
    response: &'a str,
    plain: Cow<'a, str>,
    bindings: &'a Bindings,
}

/// A text expectation, and what of the response it found.
struct TextResult {
    span: Span,
    matcher: Matcher,
    /// The text or pattern, filled in.
    expected: String,
    /// What was found; for `equals` and `contains` that is the text itself.
    found: Result<Option<String>, MismatchKind>,
}

impl Text<'_> {
    /// Every expectation of these, with its outcome.
    fn outcomes(&self, matchers: &Matchers) -> Vec<TextResult> {
        let equals = matchers.equals.iter().map(|(template, span)| {
            self.literal(Matcher::Equals, template, *span, |expected| self.equals(expected))
        });
        let contains = matchers.contains.iter().map(|(template, span)| {
            self.literal(Matcher::Contains, template, *span, |expected| self.contains(expected))
        });
        let patterns = matchers.matches.iter().map(|(pattern, span)| self.pattern(pattern, *span));
        equals.chain(contains).chain(patterns).collect()
    }

    fn literal(
        &self,
        matcher: Matcher,
        template: &Template,
        span: Span,
        holds: impl Fn(&str) -> bool,
    ) -> TextResult {
        if let Some(name) = template.blank_name(self.bindings) {
            let found = Err(empty(name, template.source()));
            return TextResult { span, matcher, expected: String::new(), found };
        }
        match template.expand(self.bindings) {
            Ok(expected) => {
                let found = holds(&expected).then(|| expected.to_string());
                TextResult { span, matcher, expected: expected.into_owned(), found: Ok(found) }
            }
            Err(name) => {
                TextResult { span, matcher, expected: String::new(), found: Err(unbound(name)) }
            }
        }
    }

    fn pattern(&self, pattern: &Pattern, span: Span) -> TextResult {
        if let Some(name) = pattern.blank_name(self.bindings) {
            let found = Err(empty(name, pattern.source()));
            return TextResult { span, matcher: Matcher::Matches, expected: String::new(), found };
        }
        let (expected, found) = match pattern.regex(self.bindings) {
            Ok(regex) => {
                let found = regex.find(self.response).map(|found| found.as_str().to_owned());
                (regex.as_str().to_owned(), Ok(found))
            }
            Err(name) => (String::new(), Err(unbound(name))),
        };
        TextResult { span, matcher: Matcher::Matches, expected, found }
    }

    fn equals(&self, expected: &str) -> bool {
        plain(expected).trim() == self.plain.trim()
    }

    fn contains(&self, expected: &str) -> bool {
        self.plain.contains(plain(expected).trim_end_matches('\n'))
    }
}

/// The mismatch of an expectation that should hold.
fn missing(outcome: TextResult, response: &str) -> Option<Found> {
    let TextResult { span, matcher, expected, found } = outcome;
    let kind = match (found, matcher) {
        (Ok(Some(_)), _) => return None,
        (Ok(None), Matcher::Equals) => {
            MismatchKind::Equals { expected, actual: response.to_owned() }
        }
        (Ok(None), Matcher::Contains) => MismatchKind::Contains { expected },
        (Ok(None), Matcher::Matches) => MismatchKind::Matches { pattern: expected },
        (Err(kind), _) => kind,
    };
    Some((span, kind))
}

/// The mismatch of an expectation that should not hold.
fn unwanted(outcome: TextResult) -> Option<Found> {
    let TextResult { span, matcher, expected, found } = outcome;
    let kind = match found {
        Ok(None) => return None,
        Ok(Some(found)) => MismatchKind::Not { matcher, unwanted: expected, found },
        Err(kind) => kind,
    };
    Some((span, kind))
}

pub(super) fn empty(name: &str, written: &str) -> MismatchKind {
    MismatchKind::Empty { name: name.to_owned(), written: written.to_owned() }
}

fn unbound(unbound: UndefinedVariable) -> MismatchKind {
    MismatchKind::Unbound { name: unbound.name }
}
