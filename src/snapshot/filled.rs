//! An accepted text as it would have been said: `{{any}}` filled in with what stands there now, so
//! that only what is really different is called a difference.

use std::borrow::Cow;

use crate::text::placeholder::{Piece, escape, pieces};
use crate::text::word_diff::words;

/// How many pairs of words are compared at most.
const MOST_PAIRS: usize = 1 << 20;

/// A word of an accepted text.
enum AcceptedWord {
    Word(String),
    /// `{{any}}`: any words of one line.
    Any,
}

/// The accepted text with each `{{any}}` replaced by the words of the new text that it stands for,
/// so that as few other words as possible differ. Both are as they stand in a snapshot.
pub(crate) fn filled<'a>(accepted: &'a str, new: &str) -> Cow<'a, str> {
    let (tokens, words) = (tokens(accepted), words(new));
    let is_plain = !tokens.iter().any(|token| matches!(token, AcceptedWord::Any));
    if is_plain || (tokens.len() + 1).saturating_mul(words.len() + 1) > MOST_PAIRS {
        return Cow::Borrowed(accepted);
    }
    let table = Table::of(&tokens, &words);
    Cow::Owned(table.fill(&tokens, &words))
}

fn tokens(accepted: &str) -> Vec<AcceptedWord> {
    let mut tokens = Vec::new();
    for piece in pieces(accepted) {
        let text = match piece {
            Piece::Placeholder("any") => {
                tokens.push(AcceptedWord::Any);
                continue;
            }
            Piece::Placeholder(name) => format!("{{{{{name}}}}}"),
            Piece::Literal(text) => escape(&text),
        };
        tokens.extend(words(&text).into_iter().map(|word| AcceptedWord::Word(word.to_owned())));
    }
    tokens
}

/// For the first tokens and the first words, how many of them differ at least.
struct Table {
    width: usize,
    costs: Vec<usize>,
}

impl Table {
    fn of(tokens: &[AcceptedWord], words: &[&str]) -> Self {
        let width = words.len() + 1;
        let mut table = Self { width, costs: (0..width).collect() };
        for (row, token) in (1..).zip(tokens) {
            for column in 0..width {
                let best = steps(token, words, row, column);
                let costs = best.map(|(from, cost)| table.cost(from) + cost);
                let least = costs.min().unwrap_or(usize::MAX / 2);
                table.costs.push(least);
            }
        }
        table
    }

    fn cost(&self, (row, column): (usize, usize)) -> usize {
        self.costs.get(row * self.width + column).copied().unwrap_or(usize::MAX / 2)
    }

    /// Goes back from the end along the steps that cost least.
    fn fill(&self, tokens: &[AcceptedWord], words: &[&str]) -> String {
        let mut parts = Vec::new();
        let (mut row, mut column) = (tokens.len(), words.len());
        while let Some(token) = row.checked_sub(1).and_then(|index| tokens.get(index)) {
            let cost = self.cost((row, column));
            let mut best = steps(token, words, row, column);
            let Some((from, _)) = best.find(|(from, step)| self.cost(*from) + step == cost) else {
                break;
            };
            match token {
                AcceptedWord::Any if from.0 == row => {
                    parts.extend(words.get(from.1).copied().filter(|word| !word.contains('\n')));
                }
                AcceptedWord::Word(word) if from.0 < row => parts.push(word),
                _ => {}
            }
            (row, column) = from;
        }
        parts.into_iter().rev().collect()
    }
}

/// Where a place in the table can be reached from, and how many words differ on the way; what says
/// most first.
fn steps(
    token: &AcceptedWord,
    words: &[&str],
    row: usize,
    column: usize,
) -> impl Iterator<Item = ((usize, usize), usize)> + use<> {
    let word = column.checked_sub(1).and_then(|index| words.get(index).copied());
    // A word may stand in the place of another, but in none of a space or a full stop.
    let is_word = |text: &str| text.contains(char::is_alphanumeric);
    let (both, skip, add) = match (token, word) {
        (AcceptedWord::Any, word) => (None, 0, word.map(|word| usize::from(word.contains('\n')))),
        (AcceptedWord::Word(_), None) => (None, 1, None),
        (AcceptedWord::Word(old), Some(new)) if old == new => (Some(0), 1, Some(1)),
        (AcceptedWord::Word(old), Some(new)) if is_word(old) && is_word(new) => {
            (Some(1), 1, Some(1))
        }
        (AcceptedWord::Word(_), Some(_)) => (None, 1, Some(1)),
    };
    let before = column.saturating_sub(1);
    let steps = [
        both.map(|cost| ((row - 1, before), cost)),
        add.map(|cost| ((row, before), cost)),
        Some(((row - 1, column), skip)),
    ];
    steps.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_is_filled_with_what_stands_in_its_place() {
        let cases = [
            (
                "{{any}} your table is ready.",
                "Yes, your table is booked.",
                "Yes, your table is ready.",
            ),
            (
                "Goodbye, {{any}}. See you!",
                "Goodbye, Ana Maria. Bye!",
                "Goodbye, Ana Maria. See you!",
            ),
            ("For {{any}} at {{time}}", "For two at {{time}} sharp", "For two at {{time}}"),
            ("{{any}} and {{any}}.", "me and you", "me and you."),
            ("Use {{{{any}} twice", "Use it twice", "Use {{{{any}} twice"),
            ("For {{any}}", "For\nnobody", "For nobody"),
            ("We open at noon.", "We close at noon.", "We open at noon."),
        ];
        for (accepted, new, expected) in cases {
            assert_eq!(filled(accepted, new).trim_end(), expected, "{accepted}");
        }
    }
}
