//! What an unquoted YAML scalar is.
//!
//! The core schema of YAML 1.2 decides about null, booleans and numbers. Readers of older
//! YAML also see booleans in `yes` and `off`, numbers in `12:30` and dates in `2024-05-01`;
//! such text is [`Value::Ambiguous`], and wherever text is wanted the author is asked to quote it.

use serde_json::Number;

use super::node::Value;

/// Reads an unquoted scalar.
#[must_use]
pub fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Some(number) = json_number(text) {
        return Value::Number(number);
    }
    let lookalike = lookalike(text);
    match lookalike {
        Some(lookalike) => Value::Ambiguous { text: text.to_owned(), lookalike },
        None => Value::Text(text.to_owned()),
    }
}

/// Whether text may stand unquoted in a YAML file and still be read as that text.
#[must_use]
pub fn is_unambiguous_text(text: &str) -> bool {
    matches!(resolve_plain(text), Value::Text(_))
}

fn json_number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1
        && digits.starts_with('0')
        && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if leading_zero || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn lookalike(text: &str) -> Option<&'static str> {
    let first = text.chars().next()?;
    if first.is_ascii_alphabetic() {
        let word = text.len() <= 3
            && ["yes", "no", "on", "off"].iter().any(|word| text.eq_ignore_ascii_case(word));
        return word.then_some("a boolean");
    }
    if !(first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return None;
    }
    if is_date(text) {
        Some("a date")
    } else if is_other_number(text) {
        Some("a number")
    } else {
        None
    }
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let starts_with_date = bytes.len() >= 8
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && text[5..].split_once('-').is_some_and(|(month, rest)| {
            let day = rest.split(['T', 't', ' ']).next().unwrap_or_default();
            is_short_number(month) && is_short_number(day)
        });
    starts_with_date
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:+. TtZz".contains(&byte))
}

fn is_short_number(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers that JSON does not know: `+1`, `.5`, `007`, `0x1F`, `1_000`, `12:30`, `.inf`.
fn is_other_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    if matches!(digits.to_ascii_lowercase().as_str(), ".inf" | ".nan" | "inf" | "nan") {
        return digits.starts_with('.');
    }
    let radix = |prefix: &str, radix: u32| {
        digits.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix) || c == '_')
        })
    };
    if radix("0x", 16) || radix("0o", 8) || radix("0b", 2) {
        return true;
    }
    let plain = digits.replace('_', "");
    let sexagesimal = plain.split(':').count() > 1
        && plain
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    sexagesimal
        || (plain.bytes().any(|byte| byte.is_ascii_digit())
            && plain.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && plain.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_read_as_yaml_1_2_reads_them_and_doubtful_ones_are_marked() {
        let kinds = [
            ("", "nothing"),
            ("~", "nothing"),
            ("true", "a boolean"),
            ("yes", "a boolean"),
            ("Off", "a boolean"),
            ("nothing", "text"),
            ("42", "a number"),
            ("-1.5e3", "a number"),
            ("+1", "a number"),
            ("007", "a number"),
            ("0x1F", "a number"),
            ("1_000", "a number"),
            ("12:30", "a number"),
            (".inf", "a number"),
            ("infinity", "text"),
            ("2024-05-01", "a date"),
            ("2024-5-1 10:00:00", "a date"),
            ("2024-05-01T10:00:00Z", "a date"),
            ("555-999-9999", "text"),
            ("1.2.3", "text"),
            ("10 minutes", "text"),
            ("-", "text"),
            ("à", "text"),
        ];
        for (text, kind) in kinds {
            assert_eq!(resolve_plain(text).kind(), kind, "{text:?}");
        }
    }
}
