//! Untrusted text made safe to print.

use std::borrow::Cow;

/// The text with everything that a terminal or a CI system would act on written as an escape:
/// control characters and what changes the order of reading (`\u{1b}`), `##[error]` wherever it
/// stands (`#\#[error]`), and `::error` where a line begins with it (`:\:error`).
/// Line breaks stay.
///
/// ```
/// use rehearsal::text::printable;
/// assert_eq!(printable("red \u{1b}[31m!\n"), "red \\u{1b}[31m!\n");
/// assert_eq!(printable("std::string\n ::error::1"), "std::string\n :\\:error::1");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let text = escaped(text);
    if !text.split('\n').any(begins_command) {
        return text;
    }
    Cow::Owned(text.split('\n').map(guarded).collect::<Vec<_>>().join("\n"))
}

/// Whether a text is so plain that there is nothing more to look for.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| {
        ((b' '..=b'~').contains(&byte) | (byte == b'\n')) & (byte != b':') & (byte != b'#')
    };
    // Without a way out of the inner loop, many bytes are looked at at once.
    text.as_bytes().chunks(32).all(|some| some.iter().fold(true, |all, one| all & plain(*one)))
}

/// Untrusted text on one line: as [`printable`] has it, and line breaks as `\n`.
#[must_use]
pub fn one_line(text: &str) -> String {
    guarded(&escaped(text).replace('\n', "\\n")).into_owned()
}

/// Whether a CI system would take a line for a command, which begins with `::` after white space.
#[must_use]
pub fn begins_command(line: &str) -> bool {
    line.trim_start().starts_with("::")
}

/// A line that begins with no command.
pub(super) fn guarded(line: &str) -> Cow<'_, str> {
    if begins_command(line) {
        Cow::Owned(line.replacen("::", ":\\:", 1))
    } else {
        Cow::Borrowed(line)
    }
}

/// The text without what acts wherever it stands. What begins a line is known only once the text
/// is laid out.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    let harmless = !text.chars().any(is_unsafe) && !text.contains("##");
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
            '#' if safe.ends_with('#') && names_command(&text[at + 1..]) => safe.push_str("\\#"),
            c if is_unsafe(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
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
