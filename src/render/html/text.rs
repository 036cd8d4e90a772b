//! Untrusted text in HTML.

use std::{borrow::Cow, fmt};

use askama::{FastWritable, Values, filters::HtmlSafe};

use crate::text::{
    printable::is_unsafe,
    word_diff::{Chunk, Mark, word_diff},
};

/// How much of two texts is compared, in bytes.
const MOST_COMPARED: usize = 16 << 10;

/// HTML that was made here: every untrusted text in it has been escaped. Most texts are HTML as
/// they are, and are not copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html<'a>(Cow<'a, str>);

impl HtmlSafe for Html<'_> {}

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FastWritable for Html<'_> {
    fn write_into(&self, out: &mut dyn fmt::Write, _: &dyn Values) -> askama::Result<()> {
        Ok(out.write_str(&self.0)?)
    }
}

impl<'a> Html<'a> {
    /// A text, with what HTML would act on as a reference and what would not show, or would
    /// change the order of reading, as an escape.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if is_html(&text) {
            return Self(text);
        }
        let mut html = String::with_capacity(text.len() + 16);
        push(&mut html, &text);
        Self(html.into())
    }
}

/// Adds untrusted text.
fn push(html: &mut String, text: &str) {
    if is_html(text) {
        return html.push_str(text);
    }
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\t' => html.push(' '),
            '\r' if rest.peek() == Some(&'\n') => {}
            c if is_unsafe(c) || is_noncharacter(c) => html.extend(c.escape_unicode()),
            c => html.push(c),
        }
    }
}

fn push_marked(html: &mut String, text: &str, tag: &str) {
    *html += &format!("<{tag}>");
    push(html, text);
    *html += &format!("</{tag}>");
}

/// Whether a text is HTML as it is.
fn is_html(text: &str) -> bool {
    // Without a way out of the inner loop, many bytes are looked at at once.
    text.as_bytes().chunks(32).all(|some| some.iter().fold(true, |all, one| all & is_plain(*one)))
}

/// Whether a byte stands for itself, whatever is around it.
fn is_plain(byte: u8) -> bool {
    let shows = (b' '..=b'~').contains(&byte) | (byte == b'\n');
    shows & (byte != b'&') & (byte != b'<') & (byte != b'>') & (byte != b'"') & (byte != b'\'')
}

/// Characters that no HTML may hold.
fn is_noncharacter(c: char) -> bool {
    matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff) || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

/// Two texts with the words that differ marked: `<del>` in the old one, `<ins>` in the new one.
/// Where hardly anything is alike, marking everything says nothing.
pub fn difference<'a>(old: &'a str, new: &'a str) -> (Html<'a>, Html<'a>) {
    if old.len() + new.len() > MOST_COMPARED {
        return (Html::text(old), Html::text(new));
    }
    let chunks = word_diff(old, new);
    if chunks.iter().all(|chunk| chunk.mark != Mark::Kept) {
        return (Html::text(old), Html::text(new));
    }
    let (mut before, mut after) = (String::new(), String::new());
    for Chunk { mark, text } in chunks {
        match mark {
            Mark::Removed => push_marked(&mut before, &text, "del"),
            Mark::Added => push_marked(&mut after, &text, "ins"),
            Mark::Kept => {
                push(&mut before, &text);
                push(&mut after, &text);
            }
        }
    }
    (Html(before.into()), Html(after.into()))
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
        assert_eq!(old.to_string(), "We open at &lt;<del>noon</del>&gt; today.");
        assert_eq!(new.to_string(), "We open at &lt;<ins>one</ins>&gt; today.");
        let (old, _) = difference("Yes.", "Nothing of this is alike.");
        assert_eq!(old.to_string(), "Yes.");
    }
}
