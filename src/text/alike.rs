//! Text that is the same but for typography.
//!
//! Language models swap `'` and `’`, `-` and `—`, a space and a non-breaking one from run to
//! run. `equals` and `contains` compare text in the form this module gives it.

use std::borrow::Cow;

/// Text with quotes, dashes and spaces in their plain form, repeated spaces joined.
///
/// ```
/// use rehearsal::text::alike::plain;
/// assert_eq!(plain("It’s  a\u{a0}“deal” — yes"), "It's a \"deal\" - yes");
/// ```
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    let untouched = text.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'\t' | b'\r'))
        && !text.contains("  ");
    if untouched {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match plain_char(c) {
            ' ' if plain.ends_with(' ') => {}
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// Whether a text shows nothing at all: it is empty, or holds spaces and marks that do not show.
///
/// ```
/// use rehearsal::text::alike::is_blank;
/// assert!(is_blank(" \u{a0}\u{200b}\n") && !is_blank("."));
/// ```
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let is_hidden = |c| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_hidden(c))
}

fn plain_char(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => ' ',
        _ => c,
    }
}
