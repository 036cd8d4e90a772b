//! Carrying the placeholders of an accepted text over to the one that would replace it.

use std::ops::Range;

use regex::RegexBuilder;

use super::{accepted::accepts, redact::Redactor};
use crate::text::placeholder::{Piece, built_in, escape, pieces};

/// What the agent said, as it would stand in the snapshot: redacted, and with the placeholders
/// of the accepted text wherever a value of their kind stands beside the same word.
///
/// `{{any}}` is not carried over: it could cover the very words that a person has to see.
///
/// ```
/// use rehearsal::snapshot::{Redactor, carry::carry};
///
/// let accepted = "Offer {{number}} ends at {{time}}.";
/// let carried = carry(accepted, "Deal 23 ends at 18:45.", &Redactor::default());
/// assert_eq!(carried, "Deal {{number}} ends at {{time}}.");
/// ```
#[must_use]
pub fn carry(accepted: &str, response: &str, redactor: &Redactor) -> String {
    let redacted = redactor.redact(response);
    let mut text = redacted.clone();
    let mut from = 0;
    let pieces = pieces(accepted);
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Placeholder(name) = piece else { continue };
        let Some(pattern) = built_in(name).filter(|_| *name != "any") else { continue };
        let before = index.checked_sub(1).and_then(|index| pieces.get(index));
        let (before, after) = (last_word(before), first_word(pieces.get(index + 1)));
        if let Some(range) = find(&text, from, pattern, &before, &after) {
            let placeholder = format!("{{{{{name}}}}}");
            from = range.start + placeholder.len();
            text.replace_range(range, &placeholder);
        }
    }
    if accepts(&text, response, redactor) { text } else { redacted }
}

/// A value between both words, else beside one of them.
fn find(text: &str, from: usize, value: &str, before: &str, after: &str) -> Option<Range<usize>> {
    let beside = [(before, after), (before, ""), ("", after)];
    let beside = beside.iter().filter(|(before, after)| has_word(before) || has_word(after));
    beside.copied().find_map(|(before, after)| {
        let (before, after) = (regex::escape(before), regex::escape(after));
        let pattern = format!("{before}({value}){after}");
        let regex = RegexBuilder::new(&pattern).build().ok()?;
        let found = regex.captures_at(text, from)?.get(1)?.range();
        (!found.is_empty() && stands_alone(text, &found)).then_some(found)
    })
}

/// Whether a value is not a part of a longer word.
fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !joins(text[..range.start].chars().next_back()) && !joins(text[range.end..].chars().next())
}

/// The last word of a literal with what follows it, as it stands in a snapshot.
fn last_word(piece: Option<&Piece<'_>>) -> String {
    let Some(Piece::Literal(text)) = piece else { return String::new() };
    let end = text.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    let word = text[..end].trim_end_matches(char::is_alphanumeric).len();
    escape(&text[word..])
}

/// The first word of a literal with what stands before it, as it stands in a snapshot.
fn first_word(piece: Option<&Piece<'_>>) -> String {
    let Some(Piece::Literal(text)) = piece else { return String::new() };
    let rest = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let rest = rest.trim_start_matches(char::is_alphanumeric);
    escape(&text[..text.len() - rest.len()])
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_stays_where_a_value_of_its_kind_stands_beside_the_same_word() {
        let cases = [
            (
                "For {{number}} people at {{time}}.",
                "For 3 guests at 7 pm!",
                "For {{number}} guests at {{time}}!",
            ),
            ("It costs {{money}}.", "It costs nothing now.", "It costs nothing now."),
            ("Booked, {{any}}. Goodbye.", "Booked, Ana. See you.", "Booked, Ana. See you."),
            (
                "We have {{number}} tables.",
                "The 2nd room has 9 seats.",
                "The 2nd room has 9 seats.",
            ),
            ("{{number}}", "12 or so", "12 or so"),
            ("Call {{phone}} {{{{now", "Please call Ben.", "Please call Ben."),
            (
                "Room {{number}}, floor {{number}}.",
                "Floor 3: room 4, floor 5.",
                "Floor 3: room {{number}}, floor {{number}}.",
            ),
        ];
        for (accepted, response, expected) in cases {
            assert_eq!(carry(accepted, response, &Redactor::default()), expected, "{accepted}");
        }
    }
}
