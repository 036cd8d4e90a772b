//! XML element by element, of text that nobody vouches for.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use crate::text::printable;

/// Writes elements, each on a line of its own and indented.
pub struct Elements<W>(Writer<W>);

impl<W: Write> Elements<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self(Writer::new_with_indent(out, b' ', 4))
    }

    /// What is written to.
    pub fn out(&mut self) -> &mut W {
        self.0.get_mut()
    }

    /// Writes what a document begins with.
    pub fn declare(&mut self) -> io::Result<()> {
        self.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
    }

    /// Begins an element.
    pub fn open(&mut self, element: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Start(start(element, attributes)))
    }

    /// Writes an element that holds nothing.
    pub fn empty(&mut self, element: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.0.write_event(Event::Empty(start(element, attributes)))
    }

    /// Writes text into the element that is open.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(&fit(text))))
    }

    /// Ends the element that is open.
    pub fn close(&mut self, element: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(element)))
    }

    /// Ends the document with a line end.
    pub fn end(&mut self) -> io::Result<()> {
        self.0.write_indent()
    }
}

impl<W> std::fmt::Debug for Elements<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Elements").finish_non_exhaustive()
    }
}

/// The beginning of an element, in memory that is taken once.
fn start<'a>(element: &str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let length: usize = attributes.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let mut content = String::with_capacity(element.len() + length);
    content.push_str(element);
    let mut start = BytesStart::from_content(content, element.len());
    for (name, value) in attributes {
        start.push_attribute((*name, &*fit(value)));
    }
    start
}

/// Text with everything that XML cannot hold, or that would do something, as an escape.
fn fit(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    let forbidden = |c: char| matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff);
    if text.is_ascii() || !text.contains(forbidden) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if forbidden(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let mut xml = Elements::new(Vec::new());
        xml.open("a", &[("b", "<\"\u{1b}'&")]).expect("memory");
        xml.text("]]></a>\u{fffe}\u{0}").expect("memory");
        xml.close("a").expect("memory");
        let written = String::from_utf8(xml.out().clone()).expect("UTF-8");
        assert_eq!(
            written,
            "<a b=\"&lt;&quot;\\u{1b}&apos;&amp;\">]]&gt;&lt;/a&gt;\\u{fffe}\\0</a>"
        );
    }
}
