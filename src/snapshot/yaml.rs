//! Writing text as a YAML scalar, so that it reads well and reads back the same.

use crate::source::scalar::is_unambiguous_text;

/// Appends `text` as the value of a key whose lines are indented by `indent` spaces.
pub(super) fn write_scalar(out: &mut String, text: &str, indent: usize) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_block(text) {
        write_block(out, text, indent);
    } else {
        write_quoted(out, text);
    }
}

/// One line that no reader takes for anything but this text.
fn is_plain(text: &str) -> bool {
    const NOT_FIRST: &str = "-?:,[]{}#&*!|>'\"%@`";
    let Some(first) = text.chars().next() else { return false };
    !NOT_FIRST.contains(first)
        && text.trim() == text
        && !text.contains('\n')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.starts_with("...")
        && text.chars().all(is_literal)
        && is_unambiguous_text(text)
}

/// Several lines that can stand as they are.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.ends_with(['\n', ' ', '\t'])
        && text.chars().all(|c| c == '\n' || is_literal(c))
}

/// Characters that YAML and a terminal show as they are.
fn is_literal(c: char) -> bool {
    !crate::text::printable::is_unsafe(c) && !matches!(c, '\n' | '\u{85}' | '\u{fffe}' | '\u{ffff}')
}

fn write_block(out: &mut String, text: &str, indent: usize) {
    out.push_str("|-");
    for line in text.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
        }
    }
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            c if is_literal(c) => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
}
