//! One response against everything that is expected of it.

use super::{
    Rules,
    mismatch::{ExpectedHandoff, ExpectedText, Mismatch, MismatchKind},
    text,
};
use crate::{
    backend,
    conversation::{
        Expectation, HandoffExpectation, HandoffTo, Matchers, TextOrPattern, TurnNumber,
    },
    player::Exchange,
    snapshot::{TextVerdict, accepted::unknown_placeholders},
    source::{SourceFile, Span},
    text::{Bindings, UndefinedVariable, alike::is_blank},
};

pub(super) struct TurnChecker<'a> {
    pub turn: TurnNumber,
    pub source: &'a SourceFile,
    /// Where the user's line (or the greeting) stands, for what the file does not mention.
    pub place: Option<Span>,
    pub expectation: &'a Expectation,
    pub exchange: &'a Exchange,
    pub bindings: &'a Bindings,
    pub rules: &'a Rules,
}

impl TurnChecker<'_> {
    /// Everything that does not hold, in the order a person asks: text, handoff, end, latency.
    pub fn check(&self, verdict: &TextVerdict) -> Vec<Mismatch> {
        let response = self.exchange.response.as_str();
        let texts = text::check(&self.expectation.text, response, self.bindings).into_iter();
        let mut mismatches: Vec<Mismatch> =
            texts.map(|(span, kind)| self.at(Some(span), kind)).collect();
        mismatches.extend(self.any());
        mismatches.extend(self.snapshot(verdict));
        mismatches.extend(self.silence(verdict, &mismatches));
        mismatches.extend(self.forbidden());
        mismatches.extend(self.handoff());
        mismatches.extend(self.end());
        mismatches.extend(self.latency());
        mismatches
    }

    fn at(&self, span: Option<Span>, kind: MismatchKind) -> Mismatch {
        let location = span.or(self.place).map(|span| self.source.locate(span));
        Mismatch::new(self.turn, kind, location)
    }

    fn any(&self) -> Option<Mismatch> {
        let any = self.expectation.any.as_ref()?;
        let mut alternatives = Vec::new();
        for matchers in &any.alternatives {
            let mismatches = text::check(matchers, &self.exchange.response, self.bindings);
            if mismatches.is_empty() {
                return None;
            }
            alternatives.push(mismatches.into_iter().map(|(_, kind)| kind).collect());
        }
        Some(self.at(Some(any.span), MismatchKind::Any { alternatives }))
    }

    fn snapshot(&self, verdict: &TextVerdict) -> Option<Mismatch> {
        let kind = match verdict {
            TextVerdict::New { actual } => MismatchKind::NewText { actual: actual.clone() },
            TextVerdict::Changed { accepted, actual } => {
                let redactor = &self.rules.redactor;
                let unknown = accepted.iter().flat_map(|text| unknown_placeholders(text, redactor));
                MismatchKind::ChangedText {
                    accepted: accepted.clone(),
                    actual: actual.clone(),
                    unknown_placeholders: unknown.map(str::to_owned).collect(),
                }
            }
            _ => return None,
        };
        Some(self.at(None, kind))
    }

    /// Agents say nothing when a function fails. That passes only where something expects it;
    /// what expects another text says already that it did not come.
    fn silence(&self, verdict: &TextVerdict, text: &[Mismatch]) -> Option<Mismatch> {
        let is_told = || text.iter().any(|mismatch| mismatch.kind.expects_other_text());
        let passes = !is_blank(&self.exchange.response)
            || self.is_not_mentioned()
            || self.expects_silence(verdict)
            || is_told();
        (!passes).then(|| self.at(None, MismatchKind::Silence))
    }

    /// Only a greeting that the file does not mention has no place in it.
    fn is_not_mentioned(&self) -> bool {
        self.place.is_none()
    }

    fn expects_silence(&self, verdict: &TextVerdict) -> bool {
        let holds = |matchers: &&Matchers| {
            text::check(matchers, &self.exchange.response, self.bindings).is_empty()
        };
        let alternatives = self.expectation.any.iter().flat_map(|any| &any.alternatives);
        !matches!(self.expectation.handoff, HandoffExpectation::None)
            || self.expectation.end_conversation.is_some_and(|(expected, _)| expected)
            || *verdict == TextVerdict::Accepted
            || self.expectation.text.expect_silence()
            || alternatives.filter(|one| one.expect_silence()).any(|one| holds(&one))
    }

    fn forbidden(&self) -> Vec<Mismatch> {
        let none = Bindings::new();
        let found =
            self.rules.forbid.iter().filter_map(|pattern| {
                let regex = pattern.regex(&none).ok()?;
                let found = regex.find(&self.exchange.response)?.as_str().to_owned();
                Some(self.at(
                    None,
                    MismatchKind::Forbidden { pattern: pattern.source().to_owned(), found },
                ))
            });
        found.collect()
    }

    fn handoff(&self) -> Option<Mismatch> {
        let actual = self.exchange.handoff.as_ref();
        let mismatch = |span, expected| {
            Some(self.at(span, MismatchKind::Handoff { expected, actual: actual.cloned() }))
        };
        let span = self.expectation.handoff_span;
        match (&self.expectation.handoff, actual) {
            (HandoffExpectation::None, None) | (HandoffExpectation::Any, Some(_)) => None,
            (HandoffExpectation::None, Some(_)) => mismatch(span, ExpectedHandoff::None),
            (HandoffExpectation::Any, None) => mismatch(span, ExpectedHandoff::Any),
            (HandoffExpectation::To(to), actual) => {
                let HandoffTo { destination, reason } = to.as_ref();
                let fields = destination.iter().chain(reason);
                let blank = fields.filter_map(|(field, span)| {
                    Some((field.blank_name(self.bindings)?, field, *span))
                });
                if let Some((name, field, span)) = blank.into_iter().next() {
                    return Some(self.at(Some(span), text::empty(name, field.source())));
                }
                let expected = self.expected_handoff(to);
                let Some(actual) = actual else { return mismatch(span, expected) };
                match self.wrong_field(destination.as_ref(), reason.as_ref(), actual) {
                    Ok(None) => None,
                    Ok(Some(field)) => mismatch(Some(field), expected),
                    Err(unbound) => {
                        Some(self.at(span, MismatchKind::Unbound { name: unbound.name }))
                    }
                }
            }
        }
    }

    fn expected_handoff(&self, to: &HandoffTo) -> ExpectedHandoff {
        let filled_in = |field: &Option<(TextOrPattern, Span)>| match field.as_ref()? {
            (TextOrPattern::Text(template), _) => {
                let text = template.expand(self.bindings);
                Some(ExpectedText::Text(
                    text.map_or_else(|_| template.to_string(), |text| text.into_owned()),
                ))
            }
            (TextOrPattern::Pattern(pattern), _) => {
                Some(ExpectedText::Matches(pattern.source().to_owned()))
            }
        };
        ExpectedHandoff::To {
            destination: filled_in(&to.destination),
            reason: filled_in(&to.reason),
        }
    }

    /// The place of the field of the expected handoff that does not hold.
    fn wrong_field(
        &self,
        destination: Option<&(TextOrPattern, Span)>,
        reason: Option<&(TextOrPattern, Span)>,
        actual: &backend::Handoff,
    ) -> Result<Option<Span>, UndefinedVariable> {
        for (expected, actual) in [(destination, &actual.destination), (reason, &actual.reason)] {
            let Some((expected, span)) = expected else { continue };
            let holds = match actual {
                Some(actual) => expected.accepts(actual, self.bindings)?,
                None => false,
            };
            if !holds {
                return Ok(Some(*span));
            }
        }
        Ok(None)
    }

    fn end(&self) -> Option<Mismatch> {
        let (expected, span) = match self.expectation.end_conversation {
            Some((expected, span)) => (expected, Some(span)),
            None if matches!(self.expectation.handoff, HandoffExpectation::None) => (false, None),
            None => return None,
        };
        (expected != self.exchange.end_conversation)
            .then(|| self.at(span, MismatchKind::End { expected }))
    }

    fn latency(&self) -> Option<Mismatch> {
        let (limit, span) = self.expectation.within?;
        let actual = self.exchange.latency;
        (actual > limit).then(|| self.at(Some(span), MismatchKind::Latency { limit, actual }))
    }
}
