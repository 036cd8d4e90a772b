//! Comparing a tree with the shape it should have, and reporting every departure.

use std::{fmt, sync::Arc, time::Duration};

use jiff::civil::Date;

use super::{
    diagnostic::{Diagnostic, Problems},
    file::SourceFile,
    node::{MapEntry, Node, Value},
    secrets,
    shape::{Shape, ValueKind},
    suggest,
};
use crate::text::Pattern;

/// Compares a tree with what it should be and reports every departure.
pub fn conform(file: &Arc<SourceFile>, node: &Node, kind: &ValueKind, problems: &mut Problems) {
    Conformer { file, problems }.value(node, kind, ValueName::File);
}

struct Conformer<'a> {
    file: &'a Arc<SourceFile>,
    problems: &'a mut Problems,
}

/// How messages name a value; put into words only where there is something to say.
#[derive(Clone, Copy)]
enum ValueName<'a> {
    File,
    Key(&'a str),
    Within(&'a ValueName<'a>),
    Item,
}

impl fmt::Display for ValueName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Key(key) => write!(f, "`{key}`"),
            Self::Within(of) => write!(f, "an item of {of}"),
            Self::Item => f.write_str("the item"),
        }
    }
}

impl Conformer<'_> {
    fn value(&mut self, node: &Node, kind: &ValueKind, of: ValueName<'_>) {
        if !kind.takes(&node.value) {
            return self.wrong_kind(node, kind, of);
        }
        match kind {
            ValueKind::Text | ValueKind::Bool | ValueKind::Scalar | ValueKind::Word(_) => {}
            ValueKind::SomeText => self.some_text(node, of),
            ValueKind::Regex => self.regex(node, of),
            ValueKind::Duration => self.duration(node),
            ValueKind::Count => self.count(node, of, 1),
            ValueKind::CountOrZero => self.count(node, of, 0),
            ValueKind::Rate => self.rate(node, of),
            ValueKind::Percent => self.percent(node),
            ValueKind::Date => self.date(node),
            ValueKind::Json => self.json(node),
            ValueKind::List(item) => self.list(node, item, of),
            ValueKind::OneOrMany(item) => match node.value {
                Value::List(_) => self.list(node, item, of),
                _ => self.value(node, item, of),
            },
            ValueKind::Map(shape) => self.map(node, shape),
            ValueKind::Named(item) => {
                for entry in node.entries() {
                    self.value(&entry.node, item, ValueName::Key(&entry.key));
                }
            }
            ValueKind::Either(kinds) => {
                if let Some(kind) = kinds.iter().find(|kind| kind.takes(&node.value)) {
                    self.value(node, kind, of);
                }
            }
        }
    }

    fn error(&self, node: &Node, title: impl Into<String>) -> Diagnostic {
        Diagnostic::error(self.file, node.span, title)
    }

    fn wrong_kind(&mut self, node: &Node, kind: &ValueKind, of: ValueName<'_>) {
        let found = node.value.kind();
        let written = self.file.text.get(node.span.range()).unwrap_or_default();
        let expected = format!("expected {}", kind.describe());
        let diagnostic = match (&node.value, kind) {
            (Value::Null, kind) => {
                let quote = wants_text(kind)
                    .then(|| "empty text is written `\"\"`; text that starts with `#` or `&` must be quoted".to_owned());
                self.error(node, format!("{of} has no value")).label(expected).maybe_help(quote)
            }
            (Value::Map(_), kind) if wants_text(kind) => self
                .error(node, format!("{of} cannot be a map"))
                .label(expected)
                .help("text that starts with `{` or holds `: ` must be quoted"),
            (Value::Text(text), ValueKind::Word(words)) => {
                let close = suggest::closest(text, words.iter().copied());
                self.error(node, format!("{of} cannot be `{text}`"))
                    .label(expected)
                    .maybe_help(close.map(|word| format!("did you mean `{word}`?")))
            }
            (Value::Number(_), ValueKind::Duration) => self
                .error(node, format!("{of} needs a unit"))
                .label(expected)
                .help(format!("write {}", self.quoted(&format!("{written}s")))),
            (Value::Ambiguous { text, lookalike: "a boolean" }, ValueKind::Bool) => {
                let meant = matches!(text.to_lowercase().as_str(), "yes" | "on");
                self.error(node, format!("{of} cannot be `{text}`"))
                    .label(expected)
                    .help(format!("write `{meant}`"))
            }
            (value, kind) if is_unquoted(value) && wants_text(kind) => {
                let secret = secrets::may_hold(self.file.line(node.span.start));
                let help = (!secret).then(|| format!("write {}", self.quoted(written)));
                self.error(node, format!("{of} is text, and this reads as {found}"))
                    .label("quote it")
                    .maybe_help(help)
            }
            (value, kind) => {
                let list = takes_list_of(kind, value).then(|| format!("write [{written}]"));
                let title = format!("{of} cannot be {found}");
                self.error(node, title).label(expected).maybe_help(list)
            }
        };
        self.problems.push(diagnostic);
    }

    /// A value in the quotes that the file's format has for it.
    fn quoted(&self, value: &str) -> String {
        if self.file.format() == "YAML" { format!("'{value}'") } else { format!("\"{value}\"") }
    }

    fn some_text(&mut self, node: &Node, of: ValueName<'_>) {
        if node.text().is_some_and(|text| text.trim().is_empty()) {
            self.empty(node, of, "text that is not empty");
        }
    }

    fn empty(&mut self, node: &Node, of: ValueName<'_>, expected: &str) {
        let diagnostic = self.error(node, format!("{of} is empty"));
        self.problems.push(
            diagnostic.label(format!("expected {expected}")).help("leave the key out instead"),
        );
    }

    fn regex(&mut self, node: &Node, of: ValueName<'_>) {
        let Some(pattern) = node.text() else { return };
        if pattern.is_empty() {
            return self.empty(node, of, "a regular expression");
        }
        if let Err(problem) = Pattern::new(pattern) {
            let part =
                problem.range().and_then(|range| self.file.within(node.span, pattern, range));
            let title = format!("{of} is not a valid regular expression");
            self.problems.push(
                Diagnostic::error(self.file, part.unwrap_or(node.span), title)
                    .label(problem.to_string())
                    .maybe_help(problem.help()),
            );
        }
    }

    fn duration(&mut self, node: &Node) {
        let Some(text) = node.text() else { return };
        if parse_duration(text).is_none() {
            let diagnostic = self.error(node, format!("`{text}` is not a duration"));
            self.problems.push(
                diagnostic
                    .label("expected a number and a unit, above zero")
                    .help("units are ms, s, m and h: `500ms`, `5s`, `1m 30s`"),
            );
        }
    }

    fn count(&mut self, node: &Node, of: ValueName<'_>, least: u64) {
        if node.count().is_none_or(|count| count < least || u32::try_from(count).is_err()) {
            let title = match least {
                0 => format!("{of} must be a whole number, 0 or above"),
                _ => format!("{of} must be a whole number above 0"),
            };
            self.problems.push(self.error(node, title));
        }
    }

    fn percent(&mut self, node: &Node) {
        let Some(text) = node.text() else { return };
        if parse_percent(text).is_none() {
            let diagnostic = self.error(node, format!("`{text}` is not a percentage"));
            self.problems.push(diagnostic.label("expected a number from 0 to 100 and `%`: `10%`"));
        }
    }

    fn date(&mut self, node: &Node) {
        let Some(text) = node.plain_text() else { return };
        if parse_date(text).is_none() {
            let diagnostic = self.error(node, format!("`{text}` is not a date"));
            self.problems.push(diagnostic.label("expected year, month and day: `2026-12-15`"));
        }
    }

    fn rate(&mut self, node: &Node, of: ValueName<'_>) {
        if !node.number().is_some_and(|number| (0.001..=1e6).contains(&number)) {
            self.problems.push(self.error(node, format!("{of} must be between 0.001 and 1000000")));
        }
    }

    fn json(&mut self, node: &Node) {
        for item in node.items() {
            self.value(item, &ValueKind::Json, ValueName::Item);
        }
        for entry in node.entries() {
            self.value(&entry.node, &ValueKind::Json, ValueName::Key(&entry.key));
        }
    }

    fn list(&mut self, node: &Node, item: &ValueKind, of: ValueName<'_>) {
        if node.items().is_empty() {
            return self.empty(node, of, "at least one item");
        }
        for one in node.items() {
            self.value(one, item, ValueName::Within(&of));
        }
    }

    fn map(&mut self, node: &Node, shape: &Shape) {
        for entry in node.entries() {
            match shape.keys.iter().find(|key| key.name == entry.key) {
                Some(key) => self.value(&entry.node, &key.kind, ValueName::Key(key.name)),
                None => self.unknown_key(entry, shape),
            }
        }
        for key in shape.keys.iter().filter(|key| key.required) {
            if node.get(key.name).is_none() && !is_misspelt(key.name, node, shape) {
                let title = format!("{} needs the key `{}`", shape.what, key.name);
                self.problems.push(
                    self.error(node, title)
                        .label("missing here")
                        .help(format!("`{}`: {}", key.name, key.doc)),
                );
            }
        }
    }

    fn unknown_key(&mut self, entry: &MapEntry, shape: &Shape) {
        let title = match entry.key.as_str() {
            "" => "a key is missing before the colon".to_owned(),
            key => format!("{} has no key `{key}`", shape.what),
        };
        let diagnostic = Diagnostic::error(self.file, entry.key_span, title).label("unknown key");
        let help = if secrets::is_credential_key(&entry.key) {
            Some(
                "keys are not written in files: name an environment variable with \
                 `api_key_env` and `token_env` in rehearsal.toml"
                    .to_owned(),
            )
        } else {
            likely_meaning(entry, shape)
        };
        self.problems.push(diagnostic.maybe_help(help));
    }
}

/// Whether an unknown key of a map was probably meant to be this one.
fn is_misspelt(name: &str, node: &Node, shape: &Shape) -> bool {
    let names = || shape.keys.iter().map(|key| key.name);
    node.entries()
        .iter()
        .filter(|entry| !names().any(|known| known == entry.key))
        .any(|entry| suggest::closest(&entry.key, names()) == Some(name))
}

/// What an unknown key was probably meant to be.
fn likely_meaning(entry: &MapEntry, shape: &Shape) -> Option<String> {
    let names = || shape.keys.iter().map(|key| key.name).filter(|name| !name.starts_with('$'));
    if let Some(close) = suggest::closest(&entry.key, names()) {
        return Some(format!("did you mean `{close}`?"));
    }
    if let Some(above) = lower_place(&entry.key, shape) {
        return Some(format!("`{}` belongs below `{above}`", entry.key));
    }
    if matches!(entry.node.value, Value::Null) && entry.key.contains(' ') {
        return Some("text that holds a comma must be quoted inside { }".to_owned());
    }
    if matches!(entry.node.value, Value::Text(_)) && entry.key.contains(' ') {
        return Some("text that holds `: ` must be quoted".to_owned());
    }
    suggest::help(&entry.key, "the keys are", names())
}

/// The key below which a key belongs that stands one level too high.
fn lower_place(key: &str, shape: &Shape) -> Option<&'static str> {
    let holds = |kind: &ValueKind| match kind {
        ValueKind::Map(below) => below.keys.iter().any(|known| known.name == key),
        _ => false,
    };
    shape.keys.iter().find(|known| holds(&known.kind)).map(|above| above.name)
}

/// A boolean, a number, a date: what is text once it is quoted.
fn is_unquoted(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::Ambiguous { .. })
}

/// Whether a list of what stands here would do.
fn takes_list_of(kind: &ValueKind, value: &Value) -> bool {
    match kind {
        ValueKind::List(item) => item.takes(value),
        ValueKind::Either(kinds) => kinds.iter().any(|kind| takes_list_of(kind, value)),
        _ => false,
    }
}

fn wants_text(kind: &ValueKind) -> bool {
    match kind {
        ValueKind::Text
        | ValueKind::SomeText
        | ValueKind::Regex
        | ValueKind::Scalar
        | ValueKind::Json => true,
        ValueKind::Either(kinds) => kinds.iter().any(wants_text),
        ValueKind::OneOrMany(kind) => wants_text(kind),
        _ => false,
    }
}

/// A length of time as files have it; `None` unless it is above zero.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let signed: jiff::SignedDuration = text.trim().parse().ok()?;
    let duration = Duration::try_from(signed).ok()?;
    (!duration.is_zero()).then_some(duration)
}

/// A share as files have it, from 0 to 1: `10%` is 0.1.
#[must_use]
pub fn parse_percent(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

/// A day as files have it.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    // jiff takes dates with a time as well, of which the time would be lost.
    (text.len() == "2026-12-15".len()).then(|| text.parse().ok()).flatten()
}
