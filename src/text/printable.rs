//! Untrusted text made safe to print.

use std::borrow::Cow;

/// The text with everything that could move a cursor, change a colour or reorder what is
/// read written as an escape (`\u{1b}`). Line breaks stay.
///
/// ```
/// use rehearsal::text::printable;
/// assert_eq!(printable("red \u{1b}[31m!\n"), "red \\u{1b}[31m!\n");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\t' => safe.push(' '),
            '\r' => safe.push_str("\\r"),
            '\0' => safe.push_str("\\0"),
            c if is_unsafe(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
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
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
