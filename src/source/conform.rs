//! Comparing a tree with the shape it should have, and reporting every departure.

use std::{sync::Arc, time::Duration};

use super::{
    diagnostic::{Diagnostic, Problems},
    file::SourceFile,
    node::{Entry, Node, Value},
    shape::{Kind, Shape},
    suggest,
};
use crate::text::Pattern;

/// Compares a tree with what it should be and reports every departure.
pub fn conform(file: &Arc<SourceFile>, node: &Node, kind: &Kind, problems: &mut Problems) {
    Conformer { file, problems }.value(node, kind, "the file");
}

struct Conformer<'a> {
    file: &'a Arc<SourceFile>,
    problems: &'a mut Problems,
}

impl Conformer<'_> {
    /// `of` names the value in messages: "`within`", "an item of `turns`" …
    fn value(&mut self, node: &Node, kind: &Kind, of: &str) {
        if !kind.takes(&node.value) {
            return self.wrong_kind(node, kind, of);
        }
        match kind {
            Kind::Text | Kind::Bool | Kind::Scalar | Kind::Word(_) => {}
            Kind::SomeText => self.some_text(node, of),
            Kind::Regex => self.regex(node, of),
            Kind::Duration => self.duration(node),
            Kind::Count => self.count(node, of),
            Kind::Rate => self.rate(node, of),
            Kind::Json => self.json(node),
            Kind::List(item) => self.list(node, item, of),
            Kind::OneOrMany(item) => match node.value {
                Value::List(_) => self.list(node, item, of),
                _ => self.value(node, item, of),
            },
            Kind::Map(shape) => self.map(node, shape),
            Kind::Named(item) => {
                for entry in node.entries() {
                    self.value(&entry.node, item, &format!("`{}`", entry.key));
                }
            }
            Kind::Either(kinds) => {
                if let Some(kind) = kinds.iter().find(|kind| kind.takes(&node.value)) {
                    self.value(node, kind, of);
                }
            }
        }
    }

    fn wrong_kind(&mut self, node: &Node, kind: &Kind, of: &str) {
        let wants_text = kind.is_text()
            || matches!(kind, Kind::Either(kinds) if kinds.iter().any(Kind::is_text))
            || matches!(kind, Kind::OneOrMany(kind) if kind.is_text())
            || matches!(kind, Kind::Scalar | Kind::Json);
        let scalar =
            matches!(node.value, Value::Bool(_) | Value::Number(_) | Value::Ambiguous { .. });
        let found = node.value.kind();
        if let (Value::Text(text), Kind::Word(words)) = (&node.value, kind) {
            let diagnostic =
                Diagnostic::error(self.file, node.span, format!("{of} cannot be `{text}`"))
                    .label(format!("expected {}", kind.describe()))
                    .maybe_help(
                        suggest::closest(text, words.iter().copied())
                            .map(|word| format!("did you mean `{word}`?")),
                    );
            self.problems.push(diagnostic);
        } else if wants_text && scalar {
            let written = self.file.text.get(node.span.range()).unwrap_or_default();
            self.problems.push(
                Diagnostic::error(
                    self.file,
                    node.span,
                    format!("{of} is text, but YAML reads {found} here"),
                )
                .label("quote it")
                .help(format!("write '{written}'")),
            );
        } else {
            self.problems.push(
                Diagnostic::error(self.file, node.span, format!("{of} cannot be {found}"))
                    .label(format!("expected {}", kind.describe())),
            );
        }
    }

    fn some_text(&mut self, node: &Node, of: &str) {
        if node.text().is_some_and(|text| text.trim().is_empty()) {
            self.empty(node, of, "text that is not empty");
        }
    }

    fn empty(&mut self, node: &Node, of: &str, expected: &str) {
        self.problems.push(
            Diagnostic::error(self.file, node.span, format!("{of} is empty"))
                .label(format!("expected {expected}"))
                .help("leave the key out if nothing is meant; an empty one would check nothing"),
        );
    }

    fn regex(&mut self, node: &Node, of: &str) {
        let Some(pattern) = node.text() else { return };
        if pattern.is_empty() {
            return self.empty(node, of, "a regular expression");
        }
        if let Err(problem) = Pattern::new(pattern) {
            self.problems.push(
                Diagnostic::error(
                    self.file,
                    node.span,
                    format!("{of} is not a valid regular expression"),
                )
                .label(problem.to_string())
                .maybe_help(problem.help()),
            );
        }
    }

    fn duration(&mut self, node: &Node) {
        let Some(text) = node.text() else { return };
        if parse_duration(text).is_none() {
            self.problems.push(
                Diagnostic::error(self.file, node.span, format!("`{text}` is not a duration"))
                    .label("expected a number and a unit, above zero")
                    .help("units are ms, s, m and h: `500ms`, `5s`, `1m 30s`"),
            );
        }
    }

    fn count(&mut self, node: &Node, of: &str) {
        if node.count().is_none_or(|count| count == 0 || u32::try_from(count).is_err()) {
            let title = format!("{of} must be a whole number from 1");
            self.problems.push(Diagnostic::error(self.file, node.span, title));
        }
    }

    fn rate(&mut self, node: &Node, of: &str) {
        if node.number().is_none_or(|number| number <= 0.0) {
            let title = format!("{of} must be above 0");
            self.problems.push(Diagnostic::error(self.file, node.span, title));
        }
    }

    fn json(&mut self, node: &Node) {
        match &node.value {
            Value::List(items) => {
                items.iter().for_each(|item| self.value(item, &Kind::Json, "the item"))
            }
            Value::Map(entries) => entries.iter().for_each(|entry| {
                self.value(&entry.node, &Kind::Json, &format!("`{}`", entry.key))
            }),
            _ => {}
        }
    }

    fn list(&mut self, node: &Node, item: &Kind, of: &str) {
        if node.items().is_empty() {
            return self.empty(node, of, "at least one item");
        }
        for one in node.items() {
            self.value(one, item, &format!("an item of {of}"));
        }
    }

    fn map(&mut self, node: &Node, shape: &Shape) {
        for entry in node.entries() {
            match shape.keys.iter().find(|key| key.name == entry.key) {
                Some(key) => self.value(&entry.node, &key.kind, &format!("`{}`", key.name)),
                None => self.unknown_key(entry, shape),
            }
        }
        for key in shape.keys.iter().filter(|key| key.required) {
            if node.get(key.name).is_none() {
                self.problems.push(
                    Diagnostic::error(
                        self.file,
                        node.span,
                        format!("{} needs the key `{}`", shape.what, key.name),
                    )
                    .label("it is not here")
                    .help(format!("`{}`: {}", key.name, key.doc)),
                );
            }
        }
    }

    fn unknown_key(&mut self, entry: &Entry, shape: &Shape) {
        let diagnostic = Diagnostic::error(
            self.file,
            entry.key_span,
            format!("{} has no key `{}`", shape.what, entry.key),
        );
        let diagnostic = if is_credential(&entry.key) {
            diagnostic
                .without_excerpt()
                .help("keys are not written in files: name an environment variable with `api_key_env` and `token_env` in rehearsal.toml")
        } else {
            let names = shape.keys.iter().map(|key| key.name);
            diagnostic.label("unknown key").maybe_help(suggest::help(
                &entry.key,
                "the keys are",
                names,
            ))
        };
        self.problems.push(diagnostic);
    }
}

fn is_credential(key: &str) -> bool {
    let key = key.to_lowercase().replace(['-', '_'], "");
    ["apikey", "xapikey", "token", "xtoken", "secret", "password"].contains(&key.as_str())
}

/// A length of time as files have it; `None` unless it is above zero.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let signed: jiff::SignedDuration = text.trim().parse().ok()?;
    let duration = Duration::try_from(signed).ok()?;
    (!duration.is_zero()).then_some(duration)
}
