//! Text with references: `Book a table for ${max_party}`.

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Range};

/// What names stand for: the attributes of a variant, and what has been captured so far.
pub type Bindings = BTreeMap<String, String>;

/// Text that may hold `${name}` references. Before a brace `$$` stands for a dollar sign, so
/// `$${name}` is the literal text `${name}`, and `$$${price}` is a dollar sign and a reference.
///
/// ```
/// use rehearsal::text::{Bindings, Template};
///
/// let template = Template::parse("Book for ${party}, at $${5}").unwrap();
/// let bindings = Bindings::from([("party".to_owned(), "8".to_owned())]);
/// assert_eq!(template.expand(&bindings).unwrap(), "Book for 8, at ${5}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    source: String,
    /// Nothing where the text stands for itself.
    parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePart {
    Literal(String),
    Name(String),
}

/// A `${` that starts no reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`${{` starts a reference such as `${{name}}`")]
pub struct TemplateError {
    /// Where in the text, in bytes.
    pub range: Range<usize>,
}

/// A `${name}` without a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`${{{name}}}` has no value")]
pub struct UndefinedVariable {
    /// The name.
    pub name: String,
}

impl Template {
    /// Reads text with references.
    ///
    /// # Errors
    /// When a `${` is not followed by a name and `}`.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        Self::parse_escaped(source, '$')
    }

    /// Reads a regular expression with references, in which `\${` is an escaped dollar sign.
    ///
    /// # Errors
    /// When a `${` is not followed by a name and `}`.
    pub fn parse_pattern(source: &str) -> Result<Self, TemplateError> {
        Self::parse_escaped(source, '\\')
    }

    fn parse_escaped(source: &str, escape: char) -> Result<Self, TemplateError> {
        if !source.contains("${") {
            return Ok(Self { source: source.to_owned(), parts: Vec::new() });
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(found) = source[at..].find("${") {
            let dollar = at + found;
            let before = &source[at..dollar];
            let escapes = before.len() - before.trim_end_matches(escape).len();
            let dropped = if escape == '$' { escapes.div_ceil(2) } else { 0 };
            literal.push_str(&before[..before.len() - dropped]);
            if escapes % 2 == 1 {
                literal.push_str("${");
                at = dollar + 2;
                continue;
            }
            let rest = &source[dollar + 2..];
            let name = rest.find('}').map(|end| &rest[..end]).filter(|name| is_name(name));
            let Some(name) = name else {
                return Err(TemplateError { range: dollar..dollar + 2 });
            };
            if !literal.is_empty() {
                parts.push(TemplatePart::Literal(std::mem::take(&mut literal)));
            }
            parts.push(TemplatePart::Name(name.to_owned()));
            at = dollar + 2 + name.len() + 1;
        }
        literal.push_str(&source[at..]);
        if !literal.is_empty() {
            parts.push(TemplatePart::Literal(literal));
        }
        Ok(Self { source: source.to_owned(), parts })
    }

    /// The text as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names referred to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            TemplatePart::Name(name) => Some(name.as_str()),
            TemplatePart::Literal(_) => None,
        })
    }

    /// The first name whose value is blank, which is as good as none: a pattern or text that is
    /// filled in with it would hold of far more than was meant.
    #[must_use]
    pub fn blank_name(&self, bindings: &Bindings) -> Option<&str> {
        self.names().find(|name| bindings.get(*name).is_some_and(|value| value.trim().is_empty()))
    }

    /// The text with every name replaced by its value.
    ///
    /// # Errors
    /// When a name has no value.
    pub fn expand<'a>(&'a self, bindings: &'a Bindings) -> Result<Cow<'a, str>, UndefinedVariable> {
        self.expand_with(bindings, Cow::Borrowed)
    }

    /// [`Self::expand`], each value passed through `encode` first.
    ///
    /// # Errors
    /// When a name has no value.
    pub fn expand_with<'a>(
        &'a self,
        bindings: &'a Bindings,
        encode: impl Fn(&'a str) -> Cow<'a, str>,
    ) -> Result<Cow<'a, str>, UndefinedVariable> {
        match self.parts.as_slice() {
            [] => return Ok(Cow::Borrowed(&self.source)),
            [TemplatePart::Literal(text)] => return Ok(Cow::Borrowed(text)),
            _ => {}
        }
        let mut text = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Literal(literal) => text.push_str(literal),
                TemplatePart::Name(name) => match bindings.get(name) {
                    Some(value) => text.push_str(&encode(value)),
                    None => return Err(UndefinedVariable { name: name.clone() }),
                },
            }
        }
        Ok(Cow::Owned(text))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// Whether this can stand in `${…}`: letters, digits and `_`, not starting with a digit.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollar_signs_before_a_brace_are_paired() {
        let bindings = Bindings::from([("x".to_owned(), "5".to_owned())]);
        let read = |text: &str| {
            let template = Template::parse(text).expect("a template");
            template.expand(&bindings).expect("a value").into_owned()
        };
        let pairs = [
            ("${x}", "5"),
            ("$${x}", "${x}"),
            ("$$${x}", "$5"),
            ("$$$${x}", "$${x}"),
            ("$$ $", "$$ $"),
        ];
        for (written, expected) in pairs {
            assert_eq!(read(written), expected, "{written}");
        }
        assert!(Template::parse("${").is_err());
        assert!(Template::parse("${a b}").is_err());
    }

    #[test]
    fn an_escaped_dollar_sign_in_a_pattern_starts_no_reference() {
        let names =
            |pattern: &str| Template::parse_pattern(pattern).expect("a template").names().count();
        assert_eq!(names(r"\$\{x\}"), 0);
        assert_eq!(names(r"\${2}"), 0);
        assert_eq!(names(r"\\${x}"), 1);
    }
}
