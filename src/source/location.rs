//! A place in a file, kept so that it can be shown when the file is not at hand.

use serde::{Deserialize, Serialize};

use super::{SourceFile, Span, secrets};

/// The longest line that is kept, in bytes. A terminal shows 80 columns of it.
const LONGEST_EXCERPT: usize = 4 << 10;

/// A place in a conversation file as it was when the conversation was read.
///
/// It holds the line itself, so that a report made on another machine, or after the file was
/// edited, shows the caret where the run saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The line, from 1.
    pub line: usize,
    /// The text of the line; `None` where it may hold a credential or is too long to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

/// A line of a file with a part of it marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The line, without its end.
    pub text: String,
    /// The first byte that is marked.
    pub start: usize,
    /// One past the last byte that is marked.
    pub end: usize,
}

impl SourceFile {
    /// The location of a span; only its first line is kept.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        let start = self.text.floor_char_boundary(span.range().start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + self.text[..line_start].matches('\n').count();
        let text = self.text[line_start..].lines().next().unwrap_or_default();
        let end = self.text.floor_char_boundary(span.range().end);
        let end = (end.max(start) - line_start).min(text.len());
        let shown = text.len() <= LONGEST_EXCERPT && !secrets::may_hold(text);
        let start = (start - line_start).min(text.len());
        let excerpt = shown.then(|| Excerpt { text: text.to_owned(), start, end });
        Location { line, excerpt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(text: &str, start: usize, end: usize) -> Location {
        SourceFile::new("a.yaml", text).locate(Span::new(start, end))
    }

    #[test]
    fn a_location_keeps_its_first_line_and_the_marked_part() {
        let location = locate("turns:\n  - user: grüß dich\n    expect: {}\n", 17, 60);
        let excerpt = Excerpt { text: "  - user: grüß dich".to_owned(), start: 10, end: 21 };
        assert_eq!(location, Location { line: 2, excerpt: Some(excerpt) });
    }

    #[test]
    fn a_line_that_may_hold_a_credential_is_not_kept() {
        assert_eq!(locate("a\napi_key: 12345678\n", 2, 9), Location { line: 2, excerpt: None });
    }

    #[test]
    fn places_beyond_the_text_are_at_its_end() {
        let location = locate("ab", 90, 95);
        assert_eq!(location.line, 1);
        assert_eq!(location.excerpt.map(|one| (one.start, one.end)), Some((2, 2)));
    }
}
