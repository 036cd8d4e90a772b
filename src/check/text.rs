//! Text expectations: `equals`, `contains`, `matches`, `not`.

use super::mismatch::{Mismatch, MismatchKind};
use crate::{
    source::Span,
    spec::Matchers,
    text::{Bindings, Unbound, alike::plain},
};

/// Everything in `matchers` that does not hold for a response.
pub(super) fn check(matchers: &Matchers, response: &str, bindings: &Bindings) -> Vec<Mismatch> {
    let text = Text { response, plain: plain(response).into_owned(), bindings };
    let mut mismatches = text.positive(matchers);
    if let Some(not) = &matchers.not {
        mismatches.extend(text.negative(not));
    }
    mismatches
}

struct Text<'a> {
    response: &'a str,
    plain: String,
    bindings: &'a Bindings,
}

type Outcome = Result<Option<MismatchKind>, Unbound>;

impl Text<'_> {
    fn positive(&self, matchers: &Matchers) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        for (template, span) in matchers.equals.iter() {
            let kind = self.expand(template).map(|expected| {
                (!self.equals(&expected)).then_some(MismatchKind::Equals { expected })
            });
            keep(&mut mismatches, *span, kind);
        }
        for (template, span) in &matchers.contains {
            let kind = self.expand(template).map(|expected| {
                if plain(&expected).trim().is_empty() {
                    return Some(MismatchKind::Empty { written: template.source().to_owned() });
                }
                (!self.contains(&expected)).then_some(MismatchKind::Contains { expected })
            });
            keep(&mut mismatches, *span, kind);
        }
        for (pattern, span) in &matchers.matches {
            let kind = pattern.regex(self.bindings).map(|regex| {
                if regex.as_str().is_empty() {
                    return Some(MismatchKind::Empty { written: pattern.source().to_owned() });
                }
                let found = regex.is_match(self.response);
                (!found).then(|| MismatchKind::Matches { pattern: regex.as_str().to_owned() })
            });
            keep(&mut mismatches, *span, kind);
        }
        mismatches
    }

    fn negative(&self, not: &Matchers) -> Vec<Mismatch> {
        let unwanted = |matcher, unwanted: String, found: String| {
            Some(MismatchKind::Not { matcher, unwanted, found })
        };
        let mut mismatches = Vec::new();
        for (template, span) in not.equals.iter() {
            keep(
                &mut mismatches,
                *span,
                self.expand(template).map(|text| {
                    if self.equals(&text) { unwanted("equals", text.clone(), text) } else { None }
                }),
            );
        }
        for (template, span) in &not.contains {
            keep(
                &mut mismatches,
                *span,
                self.expand(template).map(|text| {
                    if self.contains(&text) {
                        unwanted("contains", text.clone(), text)
                    } else {
                        None
                    }
                }),
            );
        }
        for (pattern, span) in &not.matches {
            keep(
                &mut mismatches,
                *span,
                pattern.regex(self.bindings).map(|regex| {
                    let found = regex.find(self.response)?;
                    unwanted("matches", regex.as_str().to_owned(), found.as_str().to_owned())
                }),
            );
        }
        mismatches
    }

    fn expand(&self, template: &crate::text::Template) -> Result<String, Unbound> {
        template.expand(self.bindings).map(|text| text.into_owned())
    }

    fn equals(&self, expected: &str) -> bool {
        plain(expected).trim() == self.plain.trim()
    }

    fn contains(&self, expected: &str) -> bool {
        self.plain.contains(plain(expected).trim_end_matches('\n'))
    }
}

fn keep(mismatches: &mut Vec<Mismatch>, span: Span, outcome: Outcome) {
    let kind = outcome.unwrap_or_else(|unbound| Some(MismatchKind::Unbound { name: unbound.name }));
    mismatches.extend(kind.map(|kind| Mismatch { span: Some(span), kind }));
}
