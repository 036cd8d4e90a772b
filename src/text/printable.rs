//! Untrusted text made safe to print.

use std::borrow::Cow;

/// The text with everything that a terminal or a CI system would act on written as an escape:
/// control characters and what changes the order of reading (`\u{1b}`), and commands such as
/// `::error` and `##[error]`, wherever they stand (`:\:error`, `#\#[error]`).
/// Line breaks stay.
///
/// ```
/// use rehearsal::text::printable;
/// assert_eq!(printable("red \u{1b}[31m!\n"), "red \\u{1b}[31m!\n");
/// assert_eq!(printable("::error::1 a::2"), ":\\:error::1 a::2");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    let harmless = !text.chars().any(is_unsafe) && !text.contains("::") && !text.contains("##");
    if harmless {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    let mut safe = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '\t' => safe.push(' '),
            '\r' => safe.push_str("\\r"),
            '\0' => safe.push_str("\\0"),
            ':' if is_command(&text[at..]) => safe.push_str(":\\"),
            '#' if safe.ends_with('#') && names_command(&text[at + 1..]) => safe.push_str("\\#"),
            c if is_unsafe(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// Untrusted text on one line: [`printable`], and line breaks as `\n`.
#[must_use]
pub fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

/// Whether this is `::` and the name of a command. Once text is wrapped, a line may begin anywhere,
/// also within a word.
fn is_command(text: &str) -> bool {
    let name = text.strip_prefix("::");
    name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Whether `[error]` or `vso[…` follows, which makes `##` a command.
fn names_command(rest: &str) -> bool {
    rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '.').starts_with('[')
}

/// Characters that do something to a terminal or to the order of reading rather than show.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{061c}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
