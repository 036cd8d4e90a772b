//! Whether what the agent said is what was accepted.

use regex::Regex;

use super::{
    placeholder::{Piece, pieces},
    redact::{Redactor, normalise},
};

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
                && (walk(pieces, response, redactor)
                    || compile(pieces, redactor).is_some_and(|regex| regex.is_match(response)))
        }
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
fn compile(pieces: &[Piece<'_>], redactor: &Redactor) -> Option<Regex> {
    let mut pattern = String::from(r"\A");
    for piece in pieces {
        match piece {
            Piece::Literal(text) => pattern.push_str(&regex::escape(text)),
            Piece::Placeholder(name) => match redactor.pattern(name) {
                Some(inner) => pattern.push_str(&format!("(?:{inner})")),
                None => pattern.push_str(&regex::escape(&format!("{{{{{name}}}}}"))),
            },
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
