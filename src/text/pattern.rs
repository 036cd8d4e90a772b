//! Regular expressions as conversations write them.

use std::{borrow::Cow, ops::Range};

use regex::Regex;

use super::template::{Bindings, Template, TemplateError, Unbound};

/// A regular expression that may hold `${name}` references, which stand for their literal text.
///
/// The syntax is that of the `regex` crate: case-sensitive unless `(?i)` is written, named
/// groups as `(?P<name>…)` or `(?<name>…)`. It is checked when it is made.
#[derive(Clone, Debug)]
pub struct Pattern {
    template: Template,
    /// The compiled expression, where no reference has to be filled in first.
    regex: Option<Regex>,
    groups: Vec<String>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PatternError {
    /// A `${` that starts no reference.
    #[error("{0}")]
    Reference(#[from] TemplateError),
    /// The expression is not well-formed.
    #[error("{message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Where in the pattern, in bytes.
        range: Range<usize>,
    },
    /// The expression needs too much memory.
    #[error("too large: it would need more than 1 MiB once compiled")]
    TooLarge,
}

impl PatternError {
    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Reference(_) => Some("a literal `${` is written `\\$\\{` in a regular expression".to_owned()),
            Self::Syntax { message, .. } if message.contains("look-around") => {
                Some("look-around is not supported; say it with two expectations, or with `not`".to_owned())
            }
            Self::Syntax { message, .. } if message.contains("backreference") => {
                Some("backreferences are not supported".to_owned())
            }
            Self::Syntax { message, .. } if message.contains("repetition operator missing") => {
                Some("`*`, `+` and `?` repeat what stands before them; write `.*` for any text, `\\?` for a question mark".to_owned())
            }
            Self::Syntax { message, .. } if message.contains("unclosed") || message.contains("unopened") => {
                Some("a bracket that is meant literally needs a backslash".to_owned())
            }
            Self::Syntax { .. } => None,
            Self::TooLarge => Some("write smaller repetition counts".to_owned()),
        }
    }
}

const SIZE_LIMIT: usize = 1 << 20;

impl Pattern {
    /// Reads and compiles a pattern.
    ///
    /// # Errors
    /// When it is not a valid expression, or too large.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        let template = Template::parse_pattern(source)?;
        if template.names().next().is_none() {
            let regex = compile(source)?;
            let groups = group_names(&regex);
            return Ok(Self { template, regex: Some(regex), groups });
        }
        // A value may stand for anything; `x` shows whether the rest is well-formed.
        let names = template.names().map(|name| (name.to_owned(), "x".to_owned()));
        let probe = template.expand(&names.collect()).unwrap_or_default().into_owned();
        let groups = group_names(&compile(&probe)?);
        Ok(Self { template, regex: None, groups })
    }

    /// The pattern as written.
    #[must_use]
    pub fn source(&self) -> &str {
        self.template.source()
    }

    /// The names of its named groups.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The names it refers to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.template.names()
    }

    /// The expression with its references filled in, as literal text.
    ///
    /// # Errors
    /// When a name has no value.
    pub fn regex(&self, bindings: &Bindings) -> Result<Cow<'_, Regex>, Unbound> {
        if let Some(regex) = &self.regex {
            return Ok(Cow::Borrowed(regex));
        }
        let source =
            self.template.expand_with(bindings, |value| Cow::Owned(regex::escape(value)))?;
        // Escaped text only adds literals to an expression that is known to compile, so this
        // fails for values of a mebibyte at most; such a pattern then matches nothing.
        let regex = compile(&source).or_else(|_| compile(r"[^\s\S]"));
        regex.map(Cow::Owned).map_err(|_| Unbound { name: source.into_owned() })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

fn group_names(regex: &Regex) -> Vec<String> {
    regex.capture_names().flatten().map(str::to_owned).collect()
}

fn compile(source: &str) -> Result<Regex, PatternError> {
    let built = regex::RegexBuilder::new(source).size_limit(SIZE_LIMIT).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
        _ => syntax_error(source),
    })
}

fn syntax_error(source: &str) -> PatternError {
    let (message, range) = match regex_syntax::Parser::new().parse(source) {
        Err(regex_syntax::Error::Parse(error)) => {
            let span = error.span();
            (error.kind().to_string(), span.start.offset..span.end.offset)
        }
        Err(regex_syntax::Error::Translate(error)) => {
            let span = error.span();
            (error.kind().to_string(), span.start.offset..span.end.offset)
        }
        _ => ("it does not compile".to_owned(), 0..source.len()),
    };
    PatternError::Syntax { message, range }
}
