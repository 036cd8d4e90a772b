//! The parts of an accepted text that stand for anything of a kind: `{{number}}`, `{{date}}` …

use std::sync::OnceLock;

use regex::Regex;

/// The placeholders there are without any configuration.
pub const BUILT_IN: &[&str] = &["any", "number", "date", "time", "money", "email", "phone", "uuid"];

/// A piece of an accepted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stands for itself; `{{{{` has become `{{`.
    Literal(String),
    /// `{{name}}`.
    Placeholder(&'a str),
}

/// Whether this can be the name of a placeholder: letters, digits, spaces, `-` and `_`,
/// starting with a letter.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 60
        && text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || " -_".contains(c))
}

/// An accepted text in its pieces.
///
/// ```
/// use rehearsal::text::placeholder::{Piece, pieces};
///
/// let expected = [Piece::Literal("at ".into()), Piece::Placeholder("time"), Piece::Literal(" {{".into())];
/// assert_eq!(pieces("at {{time}} {{{{"), expected);
/// ```
#[must_use]
pub fn pieces(accepted: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = accepted;
    while let Some(at) = rest.find("{{") {
        literal.push_str(&rest[..at]);
        let braces = &rest[at..];
        if let Some(after) = braces.strip_prefix("{{{{") {
            literal.push_str("{{");
            rest = after;
        } else if let Some(name) = name_at(braces) {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Placeholder(name));
            rest = &braces[name.len() + 4..];
        } else {
            literal.push('{');
            rest = &braces[1..];
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

fn name_at(braces: &str) -> Option<&str> {
    let inner = braces.strip_prefix("{{")?;
    let name = &inner[..inner.find("}}")?];
    is_name(name).then_some(name)
}

/// Text as it stands in an accepted snapshot, where `{{` means something.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace("{{", "{{{{")
}

/// The regular expression of a built-in placeholder.
#[must_use]
pub fn built_in(name: &str) -> Option<&'static str> {
    Some(match name {
        "any" => ".*",
        "number" => r"[-+]?\d+(?:[.,\u{a0}\u{202f}]\d+)*",
        "date" => DATE,
        "time" => {
            r"(?i:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|noon|midnight|midday)"
        }
        "money" => {
            r"(?i:[-+]?(?:[$€£¥]|USD|EUR|GBP)\s?\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*\s?(?:[$€£¥]|USD|EUR|GBP|dollars?|euros?|pounds?))"
        }
        "email" => r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
        "phone" => r"\+?\(?\d[\d\s().-]{4,}\d",
        "uuid" => r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        _ => return None,
    })
}

/// [`built_in`], compiled once for the whole process.
pub(crate) fn built_in_regex(name: &str) -> Option<&'static Regex> {
    static COMPILED: [OnceLock<Option<Regex>>; BUILT_IN.len()] =
        [const { OnceLock::new() }; BUILT_IN.len()];
    let index = BUILT_IN.iter().position(|known| *known == name)?;
    COMPILED.get(index)?.get_or_init(|| Regex::new(built_in(name)?).ok()).as_ref()
}

/// Dates as people and systems write them in English; a weekday may stand before, or alone.
const DATE: &str = r"(?ix:
    \d{4}-\d{2}-\d{2}
  | \d{1,2}[./]\d{1,2}[./]\d{2,4}
  | (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?
    (?:
        (?:the\s+)?\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?
        (?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?
        (?:,?\s+\d{4})?
      | (?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?
        \s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?\b(?:,?\s+\d{4})?
    )
  | (?:mon|tues|wednes|thurs|fri|satur|sun)day
)";
