//! Regular expressions as conversations write them.

use std::{borrow::Cow, ops::Range};

use regex::Regex;

use super::template::{Bindings, Template, TemplateError, Unbound, is_name};

/// The largest that an expression may be once it is compiled, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

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
    /// It holds a control character, as `"\b"` in double quotes becomes one.
    #[error("it holds a control character, which a backslash in double quotes makes")]
    Control,
    /// A named group could not be written as `${name}`.
    #[error("`${{{name}}}` could not be written for the group `{name}`")]
    GroupName {
        /// The name.
        name: String,
    },
    /// The expression needs too much memory.
    #[error("too large: it would need more than 1 MiB once compiled")]
    TooLarge,
}

impl PatternError {
    /// Where in the pattern the mistake is, in bytes.
    #[must_use]
    pub fn range(&self) -> Option<Range<usize>> {
        match self {
            Self::Reference(error) => Some(error.range.clone()),
            Self::Syntax { range, .. } => Some(range.clone()),
            Self::Control | Self::GroupName { .. } | Self::TooLarge => None,
        }
    }

    /// What to do about it, where there is something to say.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Reference(_) => r"a literal `${` is written `\$\{` in a regular expression",
            Self::Control => {
                "write regular expressions in single quotes, or double every backslash"
            }
            Self::GroupName { .. } => "use letters, digits and `_`, not starting with a digit",
            Self::TooLarge => "write smaller repetition counts",
            Self::Syntax { message, .. } => syntax_help(message)?,
        };
        Some(help.to_owned())
    }
}

fn syntax_help(message: &str) -> Option<&'static str> {
    let says = |word: &str| message.contains(word);
    if says("look-around") {
        Some("say it with two expectations, or with `not`")
    } else if says("repetition operator missing") {
        Some(r"`*`, `+` and `?` repeat what stands before them; `\?` is a question mark")
    } else if says("unclosed") || says("unopened") || says("repetition quantifier") {
        Some("a bracket or brace that is meant literally needs a backslash")
    } else {
        None
    }
}

impl Pattern {
    /// Reads and compiles a pattern.
    ///
    /// # Errors
    /// When it is not a valid expression, or too large.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        if source.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(PatternError::Control);
        }
        let template = Template::parse_pattern(source)?;
        if template.names().next().is_none() {
            let regex = compile(source)?;
            let groups = group_names(&regex)?;
            return Ok(Self { template, regex: Some(regex), groups });
        }
        // A value may stand for anything; `x` shows whether the rest is well-formed.
        let names = template.names().map(|name| (name.to_owned(), "x".to_owned()));
        let probe = template.expand(&names.collect()).unwrap_or_default().into_owned();
        let groups = group_names(&compile(&probe)?)?;
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

    /// Whether it is found in every text, so that it says nothing: `.*`, `(sorry)?`.
    #[must_use]
    pub fn is_always_found(&self) -> bool {
        let names = self.names().map(|name| (name.to_owned(), "x".to_owned()));
        let bindings: Bindings = names.collect();
        let everywhere = |regex: &Regex| ["", "-", "a b"].iter().all(|text| regex.is_match(text));
        self.groups.is_empty() && self.regex(&bindings).is_ok_and(|regex| everywhere(&regex))
    }

    /// The expression with its references filled in, as literal text.
    ///
    /// # Errors
    /// When a name has no value, or when the expression only makes sense without one (a
    /// reference within a class or a group's name).
    pub fn regex(&self, bindings: &Bindings) -> Result<Cow<'_, Regex>, Unbound> {
        if let Some(regex) = &self.regex {
            return Ok(Cow::Borrowed(regex));
        }
        let escape = |value| Cow::Owned(regex::escape(value));
        let source = self.template.expand_with(bindings, escape)?;
        compile(&source).map(Cow::Owned).map_err(|_| Unbound { name: source.into_owned() })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

fn group_names(regex: &Regex) -> Result<Vec<String>, PatternError> {
    let names: Vec<String> = regex.capture_names().flatten().map(str::to_owned).collect();
    match names.iter().find(|name| !is_name(name)) {
        Some(name) => Err(PatternError::GroupName { name: name.clone() }),
        None => Ok(names),
    }
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
            (error.kind().to_string(), error.span().start.offset..error.span().end.offset)
        }
        Err(regex_syntax::Error::Translate(error)) => {
            (error.kind().to_string(), error.span().start.offset..error.span().end.offset)
        }
        _ => ("it does not compile".to_owned(), 0..source.len()),
    };
    PatternError::Syntax { message, range }
}
