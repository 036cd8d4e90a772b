//! Fitting text into a width, and colour.

use std::fmt::Display;

use anstyle::{AnsiColor, Effects};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::printable::{escaped, guarded};

/// The width that everything is laid out for.
pub const WIDTH: usize = 80;

/// Whether and how things are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences at all.
    Plain,
    /// ANSI colours.
    Coloured,
}

impl Style {
    /// Good news.
    #[must_use]
    pub fn good(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Bad news.
    #[must_use]
    pub fn bad(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// Bad news, in a headline.
    #[must_use]
    pub fn headline(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default() | Effects::BOLD, text)
    }

    /// Something that deserves a look.
    #[must_use]
    pub fn warning(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// What can be passed over.
    #[must_use]
    pub fn dim(self, text: impl Display) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    /// What the eye should find.
    #[must_use]
    pub fn strong(self, text: impl Display) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    fn paint(self, style: anstyle::Style, text: impl Display) -> String {
        match self {
            Self::Plain => text.to_string(),
            Self::Coloured => format!("{style}{text}{style:#}"),
        }
    }
}

/// Untrusted text on one line of at most `width` columns, with `…` where something is left out.
#[must_use]
pub fn brief(text: &str, width: usize) -> String {
    let joined = escaped(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = guarded(&joined).into_owned();
    if joined.width() <= width {
        return joined;
    }
    let mut short = String::new();
    let mut used = 1;
    for c in joined.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        short.push(c);
    }
    short.truncate(short.trim_end().len());
    short + "…"
}

/// Untrusted text in lines of at most `width` columns; at most `most` of them, then a count.
#[must_use]
pub fn wrap(text: &str, width: usize, most: usize) -> Vec<String> {
    let safe = escaped(text);
    let mut lines: Vec<String> = Vec::new();
    for line in safe.split('\n') {
        wrap_line(line.trim_end(), width, &mut lines);
    }
    if lines.len() > most {
        let left_out = lines.len() - most + 1;
        lines.truncate(most.saturating_sub(1));
        lines.push(format!("… ({left_out} more lines)"));
    }
    lines
}

/// A message in lines of at most `width` columns, broken only between words: a path or an address
/// stays whole.
///
/// ```
/// use rehearsal::text::layout::fill;
/// assert_eq!(fill("cannot read /a/long/path: no file", 12), ["cannot read", "/a/long/path:", "no file"]);
/// ```
#[must_use]
pub fn fill(text: &str, width: usize) -> Vec<String> {
    let safe = escaped(text);
    let mut lines: Vec<String> = Vec::new();
    for line in safe.split('\n') {
        let mut current = String::new();
        for (index, word) in line.split(' ').enumerate() {
            let is_full = current.width() + 1 + word.width() > width;
            if is_full && !current.trim().is_empty() {
                lines.push(std::mem::take(&mut current));
            } else if index > 0 {
                current.push(' ');
            }
            let begins_line = current.trim().is_empty();
            current += &if begins_line { guarded(word) } else { word.into() };
        }
        lines.push(current);
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn wrap_line(line: &str, width: usize, lines: &mut Vec<String>) {
    let mut current = String::new();
    let mut used = 0;
    for word in line.split_inclusive(' ') {
        let room = word.trim_end().width();
        if used > 0 && used + room > width {
            lines.push(current.trim_end().to_owned());
            current.clear();
            used = 0;
        }
        for (at, c) in word.char_indices() {
            let columns = c.width().unwrap_or(0);
            if used + columns > width && c != ' ' {
                lines.push(std::mem::take(&mut current));
                used = 0;
            }
            current.push(c);
            used += columns;
            // Wherever a word is broken, no line begins with a command.
            if c == ':' && word[at + 1..].starts_with(':') && current.trim_start() == ":" {
                current.push('\\');
                used += 1;
            }
        }
    }
    lines.push(current.trim_end().to_owned());
}

/// A duration as a person reads it: `12 ms`, `3.4 s`, `2 min 5 s`.
#[must_use]
pub fn duration(duration: std::time::Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds < 10 && !duration.subsec_micros().is_multiple_of(1000) {
        tenths(duration, 1_000, "ms")
    } else if milliseconds < 1000 {
        format!("{milliseconds} ms")
    } else if milliseconds < 60_000 {
        tenths(duration, 1_000_000, "s")
    } else {
        format!("{} min {} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

/// A short duration in units of this many microseconds, with one digit behind the point.
fn tenths(duration: std::time::Duration, unit: u64, name: &str) -> String {
    let microseconds = duration.as_secs() * 1_000_000 + u64::from(duration.subsec_micros());
    let tenths = (microseconds * 10 + unit / 2) / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// `1 turn`, `2 turns`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A word as a POSIX shell takes it: quoted where it has to be.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@/._-+:,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A command of a POSIX shell in lines that fit, broken only between its words; all but the first
/// are indented further.
#[must_use]
pub fn command_lines(command: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in shell_words(command) {
        let indent = if lines.len() > 1 { indent + 2 } else { indent };
        let Some(line) = lines.last_mut() else { continue };
        // Two columns are for the mark that more follows.
        if !line.is_empty() && indent + line.width() + word.width() + 3 > WIDTH {
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let (first, more) = (" ".repeat(indent), format!(" \\\n{}", " ".repeat(indent + 2)));
    first + &lines.join(&more)
}

/// The words of a command as they are written, with their quotes.
fn shell_words(command: &str) -> Vec<&str> {
    let (mut words, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in command.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if !is_quoted => is_escaped = true,
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => {
                words.extend(command.get(start..at).filter(|word| !word.is_empty()));
                start = at + 1;
            }
            _ => {}
        }
    }
    words.extend(command.get(start..).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_as_it_is() {
        assert_eq!(fill("a:\n  two  spaces", 14), ["a:", "  two  spaces"]);
        assert_eq!(fill("  two words", 6), ["  two", "words"]);
    }

    #[test]
    fn a_command_is_broken_between_its_words_and_never_in_quotes() {
        assert_eq!(command_lines("run 'a b' c", 2), "  run 'a b' c");
        let name = format!("'it'\\''s {}'", "a b ".repeat(12));
        let command = format!("rehearsal run --exact {name} {name}");
        let lines = command_lines(&command, 2);
        assert_eq!(lines, format!("  rehearsal run --exact \\\n    {name} \\\n    {name}"));
        assert_eq!(lines.replace(" \\\n   ", "").trim_start(), command);
        assert!(lines.lines().all(|line| line.width() <= WIDTH), "{lines}");
    }

    #[test]
    fn two_colons_are_escaped_only_where_a_line_begins_with_them() {
        assert_eq!(brief("it is std::string\n::x", 80), "it is std::string ::x");
        assert_eq!(brief(" ::error::x", 80), ":\\:error::x");
        assert_eq!(wrap("a std::string\n ::x", 80, 9), ["a std::string", " :\\:x"]);
        assert_eq!(wrap("aaaa::error::x ::y", 4, 9), ["aaaa", ":\\:e", "rror", ":\\:x", ":\\:y"]);
    }
}
