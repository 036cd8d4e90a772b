//! Untrusted text in HTML.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::{
    report::marked::{Mark, marked},
    text::printable::is_unsafe,
};

/// How much of two texts is compared, in bytes.
const MOST_COMPARED: usize = 16 << 10;

/// HTML that was made here: every untrusted text in it has been escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl HtmlSafe for Html {}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Html {
    /// A text, with what HTML would act on as a reference and what would not show, or would
    /// change the order of reading, as an escape.
    pub fn text(text: &str) -> Self {
        let mut html = Self(String::with_capacity(text.len() + 16));
        html.push(text);
        html
    }

    fn push(&mut self, text: &str) {
        if text.bytes().all(is_plain) {
            return self.0.push_str(text);
        }
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\t' => self.0.push(' '),
                '\r' if rest.peek() == Some(&'\n') => {}
                c if is_unsafe(c) || is_noncharacter(c) => self.0.extend(c.escape_unicode()),
                c => self.0.push(c),
            }
        }
    }

    fn marked(&mut self, text: &str, tag: &str) {
        self.0 += &format!("<{tag}>");
        self.push(text);
        self.0 += &format!("</{tag}>");
    }
}

/// Whether a byte stands for itself, whatever is around it.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n') && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
}

/// Characters that no HTML may hold.
fn is_noncharacter(c: char) -> bool {
    matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff) || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

/// Two texts with the words that differ marked: `<del>` in the old one, `<ins>` in the new one.
/// Where they have next to nothing in common, marking everything says nothing.
pub fn difference(old: &str, new: &str) -> (Html, Html) {
    let runs = if old.len().max(new.len()) > MOST_COMPARED { Vec::new() } else { marked(old, new) };
    if !runs.iter().any(|run| run.mark == Mark::Kept) {
        return (Html::text(old), Html::text(new));
    }
    let (mut before, mut after) = (Html::default(), Html::default());
    for run in &runs {
        match run.mark {
            Mark::Removed => before.marked(&run.text, "del"),
            Mark::Added => after.marked(&run.text, "ins"),
            Mark::Kept => {
                before.push(&run.text);
                after.push(&run.text);
            }
        }
    }
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let html = Html::text("<img src=x onerror='a()'>\r\n&\u{1b}[31m\u{202e}\"\u{fffe}");
        assert_eq!(
            html.to_string(),
            "&lt;img src=x onerror=&#39;a()&#39;&gt;\n&amp;\\u{1b}[31m\\u{202e}&quot;\\u{fffe}"
        );
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        let (old, new) = difference("We open at <noon> today.", "We open at <one> today.");
        assert_eq!(old.to_string(), "We open at <del>&lt;noon&gt;</del> today.");
        assert_eq!(new.to_string(), "We open at <ins>&lt;one&gt;</ins> today.");
        let (old, _) = difference("Yes.", "Nothing of this is alike.");
        assert_eq!(old.to_string(), "Yes.");
    }
}
