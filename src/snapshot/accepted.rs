//! Whether what the agent said is what was accepted.
//!
//! Text is compared with text first, because what the redactions make of a response often *is* the
//! accepted text. Only otherwise is the accepted text parsed and, where it has placeholders, compiled to
//! one anchored regular expression.

use regex::Regex;

use super::redact::{Redactor, normalise};
use crate::text::alike::is_blank;
use crate::text::placeholder::{Piece, pieces};

const SIZE_LIMIT: usize = 16 << 20;

/// Whether a response is the accepted text, whose placeholders stand for anything of their kind.
///
/// ```
/// use rehearsal::snapshot::{Redactor, accepted::accepts};
///
/// let redactor = Redactor::default();
/// assert!(accepts("A table for {{number}} at {{time}}.", "A table for 12 at 7:30 pm.", &redactor));
/// assert!(!accepts("A table for {{number}}.", "A table for two.", &redactor));
/// ```
#[must_use]
pub fn accepts(accepted: &str, response: &str, redactor: &Redactor) -> bool {
    let accepted = normalise(accepted);
    // `{{any}}` stands for something; that the agent may say nothing is accepted as such.
    if is_blank(response) && !is_blank(&accepted) {
        return false;
    }
    // Most texts are what the redactor makes of them; the others are compared piece by piece.
    accepted == redactor.redact(response)
        || matches_pieces(&accepted, &normalise(response), redactor)
}

fn matches_pieces(accepted: &str, response: &str, redactor: &Redactor) -> bool {
    let pieces = pieces(accepted);
    match pieces.as_slice() {
        [] => response.is_empty(),
        [Piece::Literal(text)] => text == response,
        pieces => {
            holds_literals(pieces, response)
                && holds_values(pieces, response, redactor)
                && (walk(pieces, response, redactor)
                    || compile(pieces, redactor, &PlaceholderChars::default())
                        .is_some_and(|regex| regex.is_match(response)))
        }
    }
}

/// Whether a pattern accepts everything that a text of a snapshot stands for: a placeholder of the
/// text is accepted by the placeholder of the same name and by `{{any}}`.
///
/// ```
/// use rehearsal::snapshot::{Redactor, accepted::covers};
///
/// let redactor = Redactor::default();
/// assert!(covers("{{any}} at {{time}}.", "A table for {{number}} at {{time}}.", &redactor));
/// assert!(!covers("A table for {{number}}.", "A table for {{any}}.", &redactor));
/// ```
#[must_use]
pub fn covers(pattern: &str, text: &str, redactor: &Redactor) -> bool {
    let (pattern, text) = (normalise(pattern), normalise(text));
    pattern == text || {
        let stand_ins = PlaceholderChars::of(&text, &pattern);
        let response = stand_ins.fill(&text);
        if stand_ins.0.is_empty() {
            return matches_pieces(&pattern, &response, redactor);
        }
        compile(&pieces(&pattern), redactor, &stand_ins)
            .is_some_and(|regex| regex.is_match(&response))
    }
}

/// Characters in the place of a text's placeholders, none of which stands in it otherwise.
#[derive(Default)]
struct PlaceholderChars<'a>(Vec<(&'a str, char)>);

impl<'a> PlaceholderChars<'a> {
    fn of(text: &'a str, pattern: &str) -> Self {
        let is_free = |c: &char| !text.contains(*c) && !pattern.contains(*c);
        let mut free = ('\u{e000}'..='\u{f8ff}').filter(is_free);
        let mut stand_ins = Self::default();
        for piece in pieces(text) {
            if let Piece::Placeholder(name) = piece
                && stand_ins.get(name).is_none()
            {
                stand_ins.0.extend(free.next().map(|c| (name, c)));
            }
        }
        stand_ins
    }

    fn get(&self, name: &str) -> Option<char> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, c)| *c)
    }

    /// The text as a response.
    fn fill(&self, text: &str) -> String {
        let piece = |piece: Piece<'_>| match piece {
            Piece::Literal(text) => text,
            Piece::Placeholder(name) => self.get(name).map(String::from).unwrap_or_default(),
        };
        pieces(text).into_iter().map(piece).collect()
    }
}

/// Whether all that stands for itself is in the response, in order; without it nothing matches.
fn holds_literals(pieces: &[Piece<'_>], response: &str) -> bool {
    let mut rest = response;
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal(text) = piece else { continue };
        let found = if index == 0 {
            rest.starts_with(text.as_str()).then_some(0)
        } else {
            rest.find(text.as_str())
        };
        match found {
            Some(at) => rest = &rest[at + text.len()..],
            None => return false,
        }
    }
    match pieces.last() {
        Some(Piece::Literal(text)) => response.ends_with(text.as_str()),
        _ => true,
    }
}

/// Whether there is a value for every placeholder somewhere; without one nothing matches.
fn holds_values(pieces: &[Piece<'_>], response: &str, redactor: &Redactor) -> bool {
    pieces.iter().all(|piece| match piece {
        Piece::Literal(_) => true,
        Piece::Placeholder(name) => redactor.is_found(name, response),
    })
}

/// Goes through the response piece by piece, each placeholder taking what it finds first. That
/// nearly always succeeds; where it does not, another division of the response may still do.
fn walk(pieces: &[Piece<'_>], response: &str, redactor: &Redactor) -> bool {
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let end = match piece {
            Piece::Literal(text) => {
                response[at..].starts_with(text.as_str()).then(|| at + text.len())
            }
            Piece::Placeholder("any") => match pieces.get(index + 1) {
                Some(Piece::Literal(next)) => response[at..].find(next).map(|found| at + found),
                Some(Piece::Placeholder(_)) => None,
                None => Some(response.len()),
            }
            .filter(|end| !response[at..*end].contains('\n')),
            Piece::Placeholder(name) => redactor.find_at(name, response, at),
        };
        match end {
            Some(end) => at = end,
            None => return false,
        }
    }
    at == response.len()
}

/// The pieces as one anchored expression.
fn compile(
    pieces: &[Piece<'_>],
    redactor: &Redactor,
    stand_ins: &PlaceholderChars<'_>,
) -> Option<Regex> {
    let mut pattern = String::from(r"\A");
    for piece in pieces {
        match piece {
            Piece::Literal(text) => pattern.push_str(&regex::escape(text)),
            Piece::Placeholder(name) => {
                let literal = || regex::escape(&format!("{{{{{name}}}}}"));
                let inner = redactor.pattern(name).unwrap_or_else(literal);
                match stand_ins.get(name) {
                    Some(stand_in) => pattern.push_str(&format!("(?:{inner}|{stand_in})")),
                    None => pattern.push_str(&format!("(?:{inner})")),
                }
            }
        }
    }
    pattern.push_str(r"\z");
    regex::RegexBuilder::new(&pattern).size_limit(SIZE_LIMIT).build().ok()
}

/// Placeholders in an accepted text that mean nothing, which a misspelt one does.
#[must_use]
pub fn unknown_placeholders<'a>(accepted: &'a str, redactor: &Redactor) -> Vec<&'a str> {
    let names = pieces(accepted).into_iter().filter_map(|piece| match piece {
        Piece::Placeholder(name) => Some(name),
        Piece::Literal(_) => None,
    });
    names.filter(|name| redactor.pattern(name).is_none()).collect()
}
