//! What varies from run to run, replaced by its name.

use std::ops::Range;

use regex::Regex;

use crate::text::placeholder;
use crate::{config::Redaction, text::Bindings};

/// The redactions of a configuration, ready for use.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    redactions: Vec<(String, Regex)>,
}

impl Redactor {
    /// From the configuration. Its reader has made sure that no pattern refers to `${names}`.
    #[must_use]
    pub fn new(redactions: &[Redaction]) -> Self {
        let none = Bindings::new();
        let redactions = redactions.iter().filter_map(|redaction| {
            let regex = redaction.pattern.regex(&none).ok()?.into_owned();
            Some((redaction.name.clone(), regex))
        });
        Self { redactions: redactions.collect() }
    }

    /// What the agent said, as it stands in a snapshot: line ends normalised, redacted parts
    /// as `{{name}}`, and any other `{{` written as `{{{{`.
    #[must_use]
    pub fn redact(&self, response: &str) -> String {
        let text = normalise(response);
        let mut redacted = String::with_capacity(text.len());
        let mut at = 0;
        for (range, name) in self.spans(&text) {
            redacted.push_str(&placeholder::escape(&text[at..range.start]));
            redacted.push_str("{{");
            redacted.push_str(name);
            redacted.push_str("}}");
            at = range.end;
        }
        redacted.push_str(&placeholder::escape(&text[at..]));
        redacted
    }

    /// The ranges to replace, in order; where two overlap, the redaction that is defined first.
    fn spans(&self, text: &str) -> Vec<(Range<usize>, &str)> {
        let mut spans: Vec<(Range<usize>, &str)> = Vec::new();
        for (name, regex) in &self.redactions {
            for found in regex.find_iter(text).filter(|found| !found.is_empty()) {
                let range = found.range();
                let overlaps = |(other, _): &(Range<usize>, &str)| {
                    range.start < other.end && other.start < range.end
                };
                if !spans.iter().any(overlaps) {
                    spans.push((range, name));
                }
            }
        }
        spans.sort_by_key(|(range, _)| range.start);
        spans
    }

    /// The regular expression behind a placeholder: a built-in one or a redaction.
    #[must_use]
    pub fn pattern(&self, name: &str) -> Option<String> {
        if let Some(pattern) = placeholder::built_in(name) {
            return Some(pattern.to_owned());
        }
        let (_, regex) = self.redactions.iter().find(|(known, _)| known == name)?;
        // Written out again, flags and comments of the pattern end where it ends.
        Some(regex_syntax::parse(regex.as_str()).ok()?.to_string())
    }

    /// Where the value of a placeholder that begins at `at` ends, were it found there alone.
    pub(super) fn find_at(&self, name: &str, text: &str, at: usize) -> Option<usize> {
        let found = self.regex(name)?.find_at(text, at)?;
        (found.start() == at).then_some(found.end())
    }

    /// Whether a value of a placeholder is found anywhere; one that means nothing stands for itself.
    pub(super) fn is_found(&self, name: &str, text: &str) -> bool {
        self.regex(name).is_none_or(|regex| regex.is_match(text))
    }

    fn regex(&self, name: &str) -> Option<&Regex> {
        let own = || self.redactions.iter().find(|(known, _)| known == name).map(|(_, own)| own);
        placeholder::built_in_regex(name).or_else(own)
    }

    /// The names of all placeholders there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.redactions.iter().map(|(name, _)| name.as_str());
        placeholder::BUILT_IN.iter().copied().chain(own)
    }
}

/// Text as it is compared: `\r\n` is `\n`, and space at the end does not count (as in insta).
#[must_use]
pub fn normalise(text: &str) -> String {
    let text = text.trim_end();
    if text.contains('\r') { text.replace("\r\n", "\n") } else { text.to_owned() }
}
