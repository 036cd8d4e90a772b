//! From two texts that differ to the tightest pattern that accepts both.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{accepted::covers, redact::Redactor};
use crate::text::placeholder::{self, Piece, pieces};

/// How many letters and digits must stay literal, so that a pattern still says something.
const LEAST_LITERAL: usize = 8;

/// Which share of the longer text's letters and digits must stay literal.
const LEAST_SHARE: f64 = 0.4;

/// The placeholders that are tried for a span that differs, the most telling first.
const TYPED: &[&str] = &["uuid", "email", "money", "date", "time", "number", "phone"];

/// Why no pattern is proposed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoosenError {
    /// Too little would stay literal.
    #[error(
        "{literal} of {of} letters would stay as they are, so that almost any answer would be accepted; use `contains` or `matches` instead"
    )]
    LittleLeft {
        /// Letters and digits that would stay.
        literal: usize,
        /// Letters and digits of the longer text.
        of: usize,
    },
    /// A span that differs reaches over a line's end, which no placeholder does.
    #[error(
        "the answers differ across a line break, which no placeholder matches; accept it as an alternative, or use `contains` or `matches`"
    )]
    SeveralLines,
    /// What would be proposed does not accept every answer.
    #[error(
        "no pattern was found that accepts these answers; accept it as an alternative, or use `contains` or `matches`"
    )]
    NotAll,
}

/// Which placeholders a proposal may use for a span that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placeholders {
    /// One of a type where both sides show it, else `{{any}}`.
    Typed,
    /// `{{any}}` alone.
    Any,
}

/// The tightest pattern that accepts what was accepted and what is new: spans that differ become
/// placeholders, of a type where both sides show it, else `{{any}}`.
///
/// Both texts are as they stand in a snapshot; `accepted` may hold placeholders already.
///
/// ```
/// use rehearsal::snapshot::{Redactor, loosen::loosen};
///
/// let (old, new) = ("Your table is booked for 7:30 pm, Ana.", "Your table is booked for 8:15 pm, Ben.");
/// let pattern = loosen(old, new, &Redactor::default());
/// assert_eq!(pattern.unwrap(), "Your table is booked for {{time}} pm, {{any}}.");
/// ```
///
/// # Errors
/// When the pattern would accept almost anything, or none accepts both.
pub fn loosen(accepted: &str, new: &str, redactor: &Redactor) -> Result<String, LoosenError> {
    for placeholders in [Placeholders::Typed, Placeholders::Any] {
        let pattern = propose(accepted, new, placeholders, redactor)?;
        if [accepted, new].iter().all(|text| covers(&pattern, text, redactor)) {
            return Ok(pattern);
        }
    }
    Err(LoosenError::NotAll)
}

/// The tightest pattern found that accepts a text and all of some others.
///
/// # Errors
/// When the pattern would accept almost anything, or none accepts all of them.
pub fn loosen_all(
    accepted: &str,
    others: &[String],
    redactor: &Redactor,
) -> Result<String, LoosenError> {
    let mut pattern = accepted.to_owned();
    for text in others {
        pattern = loosen(&pattern, text, redactor)?;
    }
    // What one step makes of a placeholder may be too narrow for a text before it.
    let covers_all = others.iter().all(|text| covers(&pattern, text, redactor))
        && covers(&pattern, accepted, redactor);
    if covers_all { Ok(pattern) } else { Err(LoosenError::NotAll) }
}

fn propose(
    accepted: &str,
    new: &str,
    placeholders: Placeholders,
    redactor: &Redactor,
) -> Result<String, LoosenError> {
    let (old_tokens, new_tokens) = (tokens(accepted), tokens(new));
    let mut pattern = LoosePattern::default();
    for operation in capture_diff_slices(Algorithm::Patience, &old_tokens, &new_tokens) {
        let old = &old_tokens[operation.old_range()];
        let new = &new_tokens[operation.new_range()];
        match operation {
            DiffOp::Equal { .. } => old.iter().for_each(|token| pattern.keep(token)),
            _ => pattern.replace(old, new, placeholders, redactor)?,
        }
    }
    let of = letters(accepted).max(letters(new));
    let literal = pattern.literal();
    if literal < LEAST_LITERAL.min(of / 2 + 1) || (literal as f64) < of as f64 * LEAST_SHARE {
        return Err(LoosenError::LittleLeft { literal, of });
    }
    Ok(pattern.write())
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum LooseToken {
    /// A word, a run of spaces, or a single other character.
    Literal(String),
    Placeholder(String),
}

/// An accepted text in words, so that a difference never cuts one in two.
fn tokens(text: &str) -> Vec<LooseToken> {
    let mut tokens = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Placeholder(name) => tokens.push(LooseToken::Placeholder(name.to_owned())),
            Piece::Literal(text) => words(&text, &mut tokens),
        }
    }
    tokens
}

/// A word is what stands between spaces, without the punctuation at its end.
fn words(text: &str, tokens: &mut Vec<LooseToken>) {
    for chunk in text.split_inclusive(char::is_whitespace) {
        let word = chunk.trim_end_matches(char::is_whitespace);
        let core = word.trim_end_matches([',', '.', '!', '?', ';', ':', ')', '"', '\'']);
        let rest = word[core.len()..].chars().chain(chunk[word.len()..].chars());
        if !core.is_empty() {
            tokens.push(LooseToken::Literal(core.to_owned()));
        }
        tokens.extend(rest.map(|c| LooseToken::Literal(c.to_string())));
    }
}

#[derive(Default)]
struct LoosePattern {
    tokens: Vec<LooseToken>,
}

impl LoosePattern {
    fn keep(&mut self, token: &LooseToken) {
        match token {
            LooseToken::Literal(_) => self.tokens.push(token.clone()),
            LooseToken::Placeholder(name) => self.put(name),
        }
    }

    fn put(&mut self, name: &str) {
        let placeholder = LooseToken::Placeholder(name.to_owned());
        // Two that stand for anything, with spaces between them, say no more than one.
        let space = |token: &LooseToken| matches!(token, LooseToken::Literal(text) if text == " ");
        let before = self.tokens.iter().rposition(|token| !space(token));
        let last = before.and_then(|index| self.tokens.get(index));
        match before {
            Some(index) if name == "any" && last == Some(&placeholder) => {
                self.tokens.truncate(index + 1);
            }
            _ => self.tokens.push(placeholder),
        }
    }

    /// How many letters and digits stay as they are.
    fn literal(&self) -> usize {
        let literals = self.tokens.iter().map(|token| match token {
            LooseToken::Literal(text) => letters(text),
            LooseToken::Placeholder(_) => 0,
        });
        literals.sum()
    }

    fn write(&self) -> String {
        let mut pattern = String::new();
        let mut literal = String::new();
        for token in &self.tokens {
            match token {
                LooseToken::Literal(text) => literal.push_str(text),
                LooseToken::Placeholder(name) => {
                    pattern.push_str(&placeholder::escape(&std::mem::take(&mut literal)));
                    pattern.push_str(&format!("{{{{{name}}}}}"));
                }
            }
        }
        pattern + &placeholder::escape(&literal)
    }

    /// Writes a span that differs: what is common at its ends stays, the rest is a placeholder.
    fn replace(
        &mut self,
        old: &[LooseToken],
        new: &[LooseToken],
        placeholders: Placeholders,
        redactor: &Redactor,
    ) -> Result<(), LoosenError> {
        let (before, after) = (plain(old), plain(new));
        if before.contains('\n') || after.contains('\n') {
            return Err(LoosenError::SeveralLines);
        }
        // Space at the end of a whole text does not count, but at the end of a span it does.
        let stands_for =
            |braces: &str, text: &str| text.trim_end() == text && covers(braces, text, redactor);
        if let [LooseToken::Placeholder(name)] = old
            && stands_for(&before, &after)
        {
            self.put(name);
            return Ok(());
        }
        let only_text = old.iter().chain(new).all(|token| matches!(token, LooseToken::Literal(_)));
        let both = |name: &&str| {
            let braces = format!("{{{{{name}}}}}");
            only_text && stands_for(&braces, &before) && stands_for(&braces, &after)
        };
        let own = redactor.names().filter(|name| !placeholder::BUILT_IN.contains(name));
        let typed = || own.chain(TYPED.iter().copied()).find(both);
        let name = match placeholders {
            Placeholders::Typed => typed().unwrap_or("any"),
            Placeholders::Any => "any",
        };
        self.put(name);
        Ok(())
    }
}

fn plain(tokens: &[LooseToken]) -> String {
    let text = |token: &LooseToken| match token {
        LooseToken::Literal(text) => text.clone(),
        LooseToken::Placeholder(name) => format!("{{{{{name}}}}}"),
    };
    tokens.iter().map(text).collect()
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_differ_become_placeholders_of_their_type() {
        let redactor = Redactor::default();
        let pairs = [
            (
                "We open at 9 am on Monday.",
                "We open at 10 am on Friday.",
                "We open at {{number}} am on {{date}}.",
            ),
            (
                "That makes £12.50, thank you.",
                "That makes £8, thank you.",
                "That makes {{money}}, thank you.",
            ),
            (
                "Write to ana@example.com, please.",
                "Write to b.c@example.org, please.",
                "Write to {{email}}, please.",
            ),
            (
                "Thank you, Ana. Goodbye now!",
                "Thank you, Ben. Goodbye now!",
                "Thank you, {{any}}. Goodbye now!",
            ),
            (
                "Your table is ready now.",
                "Your big table is ready now.",
                "Your {{any}}table is ready now.",
            ),
            (
                "For {{any}} at {{time}}, as you asked us.",
                "For Ana at {{time}}, as you asked us.",
                "For {{any}} at {{time}}, as you asked us.",
            ),
            (
                "Use {{{{x}} for 3 people here.",
                "Use {{{{x}} for 4 people here.",
                "Use {{{{x}} for {{number}} people here.",
            ),
        ];
        for (old, new, expected) in pairs {
            assert_eq!(loosen(old, new, &redactor).as_deref(), Ok(expected), "{old}");
        }
    }

    #[test]
    fn what_is_proposed_accepts_both_also_where_one_span_ends_with_a_space() {
        let loosened = loosen(
            "A table for your guests 0.",
            "A table for your guests 00 .",
            &Redactor::default(),
        );
        assert_eq!(loosened.as_deref(), Ok("A table for your guests {{any}}."));
    }

    #[test]
    fn a_placeholder_stays_where_it_accepts_the_new_text_too() {
        let redactor = Redactor::default();
        let again = loosen("Table {{number}} costs {{money}}.", "Table 9 costs £12.50.", &redactor);
        assert_eq!(again.as_deref(), Ok("Table {{number}} costs {{money}}."));
        let other = loosen("Table {{number}} is free now.", "Table Ana is free now.", &redactor);
        assert_eq!(other.as_deref(), Ok("Table {{any}} is free now."));
    }

    #[test]
    fn what_would_accept_almost_anything_is_refused() {
        let redactor = Redactor::default();
        let different = loosen("We open at nine.", "Dogs are welcome on the terrace.", &redactor);
        assert!(matches!(different, Err(LoosenError::LittleLeft { .. })), "{different:?}");
        let lines = loosen(
            "Our menu today:\nsoup of the day",
            "Our menu today is soup of the day",
            &redactor,
        );
        assert_eq!(lines, Err(LoosenError::SeveralLines));
    }
}
