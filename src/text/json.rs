//! JSON that a terminal can show.

use std::fmt::Write as _;

use super::printable::is_unsafe;

/// Writes what a terminal would act on as `\uXXXX`; outside of texts JSON holds nothing such.
#[must_use]
pub fn escape_unsafe(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}
