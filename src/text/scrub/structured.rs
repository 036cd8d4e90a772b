//! Scrubbing what has a structure: only texts are changed, so that it stays readable.

use std::borrow::Cow;

use serde_json::Value;

use super::Scrubber;

/// The fields of records whose values are words of ours and times, by which they are read.
const OWN: &[&str] = &["event", "verdict", "kind", "operation", "started", "sent"];

impl Scrubber {
    /// JSON without any credential in its texts. A short credential may look like a number or a
    /// key of it, which is none.
    #[must_use]
    pub fn scrub_json<'a>(&self, json: &'a str) -> Cow<'a, str> {
        let scrubbed = self.scrub(json);
        if matches!(scrubbed, Cow::Borrowed(_)) {
            return scrubbed;
        }
        let Ok(mut value) = serde_json::from_str(json) else { return scrubbed };
        self.scrub_value(&mut value, OWN);
        Cow::Owned(value.to_string())
    }

    fn scrub_value(&self, value: &mut Value, own: &[&str]) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(scrubbed) = self.scrub(text) {
                    *text = scrubbed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.scrub_value(item, own)),
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut().filter(|(name, _)| !own.contains(&&***name))
                {
                    let of_agent = matches!(&**name, "expected" | "actual");
                    self.scrub_value(field, if of_agent { &[] } else { own });
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// HTML or XML of our own making without any credential in its texts and the values of its
    /// attributes. A short credential may look like the name of an element.
    #[must_use]
    pub fn scrub_markup<'a>(&self, markup: &'a str) -> Cow<'a, str> {
        if matches!(self.scrub(markup), Cow::Borrowed(_)) {
            return Cow::Borrowed(markup);
        }
        let mut scrubbed = String::with_capacity(markup.len());
        for part in markup.split_inclusive('>') {
            // Text holds no `<` and `>` of its own, and the values of a tag no quote.
            let without_tag = if part.ends_with('>') { 0 } else { part.len() };
            let (text, tag) = part.split_at(part.find('<').unwrap_or(without_tag));
            scrubbed.push_str(&self.scrub(text));
            for (index, piece) in tag.split_inclusive('"').enumerate() {
                let scrubbed_piece = if index % 2 == 1 { self.scrub(piece) } else { piece.into() };
                scrubbed.push_str(&scrubbed_piece);
            }
        }
        Cow::Owned(scrubbed)
    }
}
