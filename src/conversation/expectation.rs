//! What is expected of one response.

use std::time::Duration;

use crate::{
    source::Span,
    text::{Bindings, Pattern, Template, UndefinedVariable},
};

/// What is expected of one response; every span points into the conversation file.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Where it stands (the turn's own place where nothing is written).
    pub span: Span,
    /// Expectations on the text.
    pub text: Matchers,
    /// `any`: at least one of these holds in full.
    pub any: Option<AnyOf>,
    /// `snapshot`, where it is given.
    pub snapshot: Option<Pinned>,
    /// The expected handoff.
    pub handoff: HandoffExpectation,
    /// Where `handoff` stands, if it is given.
    pub handoff_span: Option<Span>,
    /// The expected end of the conversation, if it is given.
    pub end_conversation: Option<(bool, Span)>,
    /// How long the response may take.
    pub within: Option<(Duration, Span)>,
}

/// `snapshot: true` or `false`, written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// The text is pinned as well.
    Yes,
    /// The text is not pinned.
    No,
}

/// Text expectations that must all hold.
#[derive(Clone, Debug, Default)]
pub struct Matchers {
    /// The whole response is this text.
    pub equals: Option<(Template, Span)>,
    /// The response contains each of these.
    pub contains: Vec<(Template, Span)>,
    /// Each of these is found in the response.
    pub matches: Vec<(Pattern, Span)>,
    /// None of these holds.
    pub not: Option<Box<Matchers>>,
}

/// `any`: alternatives of which one must hold.
#[derive(Clone, Debug)]
pub struct AnyOf {
    /// Where it stands.
    pub span: Span,
    /// The alternatives.
    pub alternatives: Vec<Matchers>,
}

/// The expected handoff.
#[derive(Clone, Debug, Default)]
pub enum HandoffExpectation {
    /// No handoff (the default).
    #[default]
    None,
    /// Some handoff, wherever to.
    Any,
    /// A handoff to this destination, for this reason.
    To(Box<HandoffTo>),
}

/// The fields of an expected handoff.
#[derive(Clone, Debug)]
pub struct HandoffTo {
    /// The destination, where one is asked for.
    pub destination: Option<(TextOrPattern, Span)>,
    /// The reason, where one is asked for.
    pub reason: Option<(TextOrPattern, Span)>,
}

/// A text, or a regex that is found in it.
#[derive(Clone, Debug)]
pub enum TextOrPattern {
    /// Exactly this text.
    Text(Template),
    /// A text in which this is found.
    Pattern(Pattern),
}

impl Matchers {
    /// Whether nothing is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.equals.is_none()
            && self.contains.is_empty()
            && self.matches.is_empty()
            && self.not.as_ref().is_none_or(|not| not.is_empty())
    }

    /// The names of the groups that these capture, with the place of the pattern.
    pub fn groups(&self) -> impl Iterator<Item = (&str, Span)> {
        let patterns = self.matches.iter();
        patterns
            .flat_map(|(pattern, span)| pattern.groups().iter().map(|name| (name.as_str(), *span)))
    }

    /// Every `${name}` referred to, with the place of the text that does.
    pub fn references(&self) -> Vec<(&str, Span)> {
        let texts = self.equals.iter().chain(&self.contains);
        let texts = texts.flat_map(|(template, span)| template.names().map(|name| (name, *span)));
        let patterns = self.matches.iter();
        let patterns =
            patterns.flat_map(|(pattern, span)| pattern.names().map(|name| (name, *span)));
        let not = self.not.iter().flat_map(|not| not.references());
        texts.chain(patterns).chain(not).collect()
    }
}

impl TextOrPattern {
    /// Whether `text` is what is expected.
    ///
    /// # Errors
    /// When a `${name}` in it has no value.
    pub fn accepts(&self, text: &str, bindings: &Bindings) -> Result<bool, UndefinedVariable> {
        match self {
            Self::Text(template) => Ok(template.expand(bindings)? == text),
            Self::Pattern(pattern) => Ok(pattern.regex(bindings)?.is_match(text)),
        }
    }

    /// The first `${name}` in it whose value is blank.
    #[must_use]
    pub fn blank_name(&self, bindings: &Bindings) -> Option<&str> {
        match self {
            Self::Text(template) => template.blank_name(bindings),
            Self::Pattern(pattern) => pattern.blank_name(bindings),
        }
    }

    /// What is expected, as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        match self {
            Self::Text(template) => template.source(),
            Self::Pattern(pattern) => pattern.source(),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Text(template) => template.names().collect(),
            Self::Pattern(pattern) => pattern.names().collect(),
        }
    }
}

impl Matchers {
    /// Whether an empty response is what is expected: `equals: ""`.
    #[must_use]
    pub fn expect_silence(&self) -> bool {
        self.equals.as_ref().is_some_and(|(text, _)| text.source().is_empty())
    }
}

impl Expectation {
    /// Whether the text is pinned by the snapshot: as written, or when nothing else is said of it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        match self.snapshot {
            Some(pinned) => pinned == Pinned::Yes,
            None => self.text.is_empty() && self.any.is_none(),
        }
    }

    /// The names that `${…}` can stand for once this response has been received.
    pub fn captures(&self) -> impl Iterator<Item = (&str, Span)> {
        let any = self.any.iter().flat_map(|any| &any.alternatives);
        self.text.groups().chain(any.flat_map(Matchers::groups))
    }

    /// Every `${name}` referred to, with the place of the text that does.
    #[must_use]
    pub fn references(&self) -> Vec<(&str, Span)> {
        let mut references = self.text.references();
        for alternative in self.any.iter().flat_map(|any| &any.alternatives) {
            references.extend(alternative.references());
        }
        if let HandoffExpectation::To(to) = &self.handoff {
            for (text, span) in to.destination.iter().chain(&to.reason) {
                references.extend(text.names().into_iter().map(|name| (name, *span)));
            }
        }
        references
    }
}
