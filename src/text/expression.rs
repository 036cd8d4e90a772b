//! A regular expression that is read at once and compiled when it is first searched for.
//!
//! Reading says everything that can be wrong with an expression, except that it is too large, which a
//! bound rules out for most. Compiling takes ten times as long, and most of what is read by `list`,
//! `check` or one shard of a run is never searched for.

use std::sync::{Arc, OnceLock};

use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::{findable::is_findable, pattern::PatternError};

/// The largest that an expression may be once it is compiled, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// An expression without references. Cloning shares what was compiled.
#[derive(Clone, Debug)]
pub(super) struct Expression(Arc<ExpressionSource>);

#[derive(Debug)]
struct ExpressionSource {
    source: String,
    groups: Vec<String>,
    /// Whether it can never match of zero length.
    finds_something: bool,
    /// Whether there is a text in which it is found.
    is_findable: bool,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    /// Reads an expression.
    pub fn read(source: &str) -> Result<Self, PatternError> {
        let hir = regex_syntax::parse(source).map_err(|error| syntax_error(&error, source))?;
        let mut groups = Vec::new();
        collect_groups(&hir, &mut groups);
        let expression = Self(Arc::new(ExpressionSource {
            source: source.to_owned(),
            groups,
            finds_something: hir.properties().minimum_len() != Some(0),
            is_findable: is_findable(&hir),
            compiled: OnceLock::new(),
        }));
        let fits = most_bytes(&hir) <= SIZE_LIMIT || expression.regex().is_some();
        if fits { Ok(expression) } else { Err(PatternError::TooLarge) }
    }

    /// The names of its groups, in their order.
    pub fn groups(&self) -> &[String] {
        &self.0.groups
    }

    /// The compiled expression.
    pub fn regex(&self) -> Option<&Regex> {
        let compile =
            || regex::RegexBuilder::new(&self.0.source).size_limit(SIZE_LIMIT).build().ok();
        self.0.compiled.get_or_init(compile).as_ref()
    }

    /// Whether there is a text in which it is found.
    pub fn is_findable(&self) -> bool {
        self.0.is_findable
    }

    /// Whether it is found in every text.
    pub fn is_always_found(&self) -> bool {
        let everywhere = |regex: &Regex| ["", "-", "a b"].iter().all(|text| regex.is_match(text));
        !self.0.finds_something && self.regex().is_some_and(everywhere)
    }
}

fn collect_groups(hir: &Hir, names: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            names.extend(capture.name.as_deref().map(str::to_owned));
            collect_groups(&capture.sub, names);
        }
        HirKind::Repetition(repetition) => collect_groups(&repetition.sub, names),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| collect_groups(part, names));
        }
        _ => {}
    }
}

/// No fewer bytes than the expression takes once it is compiled; usually far more.
fn most_bytes(hir: &Hir) -> usize {
    const STATE: usize = 128;
    let below = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len() * STATE,
        HirKind::Class(class) => most_bytes_of_class(class),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            (most_bytes(&repetition.sub) + STATE).saturating_mul(times + 1)
        }
        HirKind::Capture(capture) => {
            2 * capture.name.as_ref().map_or(0, |name| name.len()) + most_bytes(&capture.sub)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(most_bytes).fold(0, usize::saturating_add)
        }
    };
    below.saturating_add(2 * STATE)
}

/// A range of characters beyond ASCII becomes several ranges of bytes.
fn most_bytes_of_class(class: &Class) -> usize {
    match class {
        Class::Unicode(class) if class.is_ascii() => class.ranges().len() * 16,
        Class::Unicode(class) => 4096 + class.ranges().len() * 256,
        Class::Bytes(class) => class.ranges().len() * 16,
    }
}

fn syntax_error(error: &regex_syntax::Error, source: &str) -> PatternError {
    let (message, range) = match error {
        regex_syntax::Error::Parse(error) => {
            (error.kind().to_string(), error.span().start.offset..error.span().end.offset)
        }
        regex_syntax::Error::Translate(error) => {
            (error.kind().to_string(), error.span().start.offset..error.span().end.offset)
        }
        _ => ("it does not compile".to_owned(), 0..source.len()),
    };
    PatternError::Syntax { message, range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_fit_compiles_within_the_limit() {
        let pieces = [r"\w", r"\d", ".", "[a-z]", "[^x]", r"\p{Greek}", "é", "(?i)straße", r"\b"];
        let mut fitting = 0;
        for piece in pieces {
            for times in [1, 3, 10, 40, 200, 1000] {
                for around in ["(%){#}", "(?<g>%){1,#}", "(%+ ){#}", "x|(%?){#}$"] {
                    let source = around.replace('%', piece).replace('#', &times.to_string());
                    let hir = regex_syntax::parse(&source).expect("an expression");
                    if most_bytes(&hir) > SIZE_LIMIT {
                        continue;
                    }
                    fitting += 1;
                    let built = regex::RegexBuilder::new(&source).size_limit(SIZE_LIMIT).build();
                    assert!(built.is_ok(), "{source}");
                }
            }
        }
        assert!(fitting > 80, "{fitting}");
    }
}
