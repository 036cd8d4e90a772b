//! Regular expressions as conversations write them.

use std::{
    borrow::Cow,
    collections::HashMap,
    ops::Range,
    sync::{LazyLock, Mutex, PoisonError},
};

use regex::Regex;

use super::{
    expression::Expression,
    template::{Bindings, Template, TemplateError, UndefinedVariable, is_name},
};

/// How many patterns are remembered, because many conversations use the same ones.
const REMEMBERED: usize = 128;

static KNOWN: LazyLock<Mutex<HashMap<String, Pattern>>> = LazyLock::new(Mutex::default);

/// A regular expression that may hold `${name}` references, which stand for their literal text.
///
/// The syntax is that of the `regex` crate: case-sensitive unless `(?i)` is written, named
/// groups as `(?P<name>…)` or `(?<name>…)`. It is checked when it is made.
#[derive(Clone, Debug)]
pub struct Pattern {
    template: Template,
    /// The expression; where references have to be filled in first, one with `x` in their places.
    expression: Expression,
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
    #[error("it contains a control character: in double quotes, a backslash starts an escape")]
    Control,
    /// A named group could not be written as `${name}`.
    #[error("`${{{name}}}` could not be written for the group `{name}`")]
    GroupName {
        /// The name.
        name: String,
    },
    /// It can be found in no text.
    #[error("it can never match")]
    NeverFound,
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
            Self::Control | Self::GroupName { .. } | Self::NeverFound | Self::TooLarge => None,
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
            Self::NeverFound => {
                "`^` is the beginning of the text and `$` its end; with `(?m)`, those of a line"
            }
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
        Some(r"`*`, `+` and `?` repeat what comes before them; `\?` is a question mark")
    } else if says("unclosed") || says("unopened") || says("repetition quantifier") {
        Some("a bracket or brace that is meant literally needs a backslash")
    } else {
        None
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When it is not a valid expression, or too large.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = known().get(source) {
            return Ok(pattern.clone());
        }
        let pattern = Self::read(source)?;
        let mut known = known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(source.to_owned(), pattern.clone());
        Ok(pattern)
    }

    fn read(source: &str) -> Result<Self, PatternError> {
        if source.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(PatternError::Control);
        }
        let template = Template::parse_pattern(source)?;
        let expression = if template.names().next().is_none() {
            let expression = Expression::read(source)?;
            if !expression.is_findable() {
                return Err(PatternError::NeverFound);
            }
            expression
        } else {
            // A value may stand for anything; `x` shows whether the rest is well-formed.
            let names = template.names().map(|name| (name.to_owned(), "x".to_owned()));
            Expression::read(&template.expand(&names.collect()).unwrap_or_default())?
        };
        match expression.groups().iter().find(|name| !is_name(name)) {
            Some(name) => Err(PatternError::GroupName { name: name.clone() }),
            None => Ok(Self { template, expression }),
        }
    }

    /// The pattern as written.
    #[must_use]
    pub fn source(&self) -> &str {
        self.template.source()
    }

    /// The names of its named groups.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        self.expression.groups()
    }

    /// The names it refers to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.template.names()
    }

    /// The first name it refers to whose value is blank (see [`Template::blank_name`]).
    #[must_use]
    pub fn blank_name(&self, bindings: &Bindings) -> Option<&str> {
        self.template.blank_name(bindings)
    }

    /// Whether it is found in every text, so that it says nothing: `.*`, `(sorry)?`.
    #[must_use]
    pub fn is_always_found(&self) -> bool {
        self.groups().is_empty() && self.expression.is_always_found()
    }

    /// The expression with its references filled in, as literal text.
    ///
    /// # Errors
    /// When a name has no value, or when the expression only makes sense without one (a
    /// reference within a class or a group's name).
    pub fn regex(&self, bindings: &Bindings) -> Result<Cow<'_, Regex>, UndefinedVariable> {
        if self.names().next().is_none() {
            let unusable = || UndefinedVariable { name: self.source().to_owned() };
            return self.expression.regex().map(Cow::Borrowed).ok_or_else(unusable);
        }
        let escape = |value| Cow::Owned(regex::escape(value));
        let source = self.template.expand_with(bindings, escape)?;
        let filled = Expression::read(&source).ok();
        let regex = filled.and_then(|expression| expression.regex().cloned());
        regex.map(Cow::Owned).ok_or_else(|| UndefinedVariable { name: source.into_owned() })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}
