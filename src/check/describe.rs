//! A mismatch in words: what an error's `Display` is to an error.

use std::fmt;

use super::mismatch::{ExpectedHandoff, ExpectedText, MismatchKind};
use crate::{
    backend::Handoff,
    snapshot::filled::filled,
    text::{layout, word_diff},
};

impl MismatchKind {
    /// What happened, in one line that stands above an excerpt or a difference.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Equals { .. } => "the response is another text".to_owned(),
            Self::Contains { .. } => "the response does not contain the text".to_owned(),
            Self::Matches { .. } => "the pattern is not found in the response".to_owned(),
            Self::Not { matcher, .. } => {
                format!("the response has what `not: {}` rules out", matcher.key())
            }
            Self::Any { alternatives } if alternatives.len() == 1 => {
                "the alternative does not hold".to_owned()
            }
            Self::Any { alternatives } => {
                format!("none of the {} alternatives holds", alternatives.len())
            }
            Self::NewText { .. } => "the response has not been accepted yet".to_owned(),
            Self::ChangedText { accepted, .. } if accepted.len() > 1 => {
                format!("the response is none of the {} accepted ones", accepted.len())
            }
            Self::ChangedText { .. } => "the response is not the accepted one".to_owned(),
            Self::Forbidden { pattern, .. } => {
                format!("the response matches `forbid` {}", layout::brief(pattern, 40))
            }
            Self::Handoff { expected, actual } => handoff_title(expected, actual.as_ref()),
            Self::End { expected: true } => "the agent did not end the conversation".to_owned(),
            Self::End { expected: false } => "the agent ended the conversation".to_owned(),
            Self::Latency { actual, .. } => {
                format!("the response took {}", layout::duration(*actual))
            }
            Self::Silence => "the agent said nothing".to_owned(),
            Self::Empty { name, written } => {
                let name = format!("${{{name}}}");
                let checks = if *written == name {
                    "it".to_owned()
                } else {
                    format!("`{}`", layout::brief(written, 40))
                };
                format!("`{name}` is empty here, so {checks} would check nothing")
            }
            Self::Unbound { name } => format!("`${{{name}}}` was never captured"),
        }
    }
}

impl fmt::Display for MismatchKind {
    /// The title, with what was expected where that fits on a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.title();
        match self {
            Self::Handoff { expected, actual: Some(_) } if *expected != ExpectedHandoff::None => {
                write!(f, "{title} (expected {})", layout::brief(&expected.to_string(), 60))
            }
            Self::Contains { expected: text } | Self::Matches { pattern: text } => {
                write!(f, "{title}: {}", layout::brief(text, 60))
            }
            Self::ChangedText { accepted, actual, .. } => {
                let nearest = word_diff::nearest(accepted, actual);
                let nearest = filled(nearest, actual);
                write!(f, "{title}: {}", word_diff::first_change(&nearest, actual))
            }
            _ => f.write_str(&title),
        }
    }
}

fn handoff_title(expected: &ExpectedHandoff, actual: Option<&Handoff>) -> String {
    let to = |destination: &str| layout::brief(destination, 40);
    match actual.map(|actual| actual.destination.as_deref()) {
        None => {
            format!("no handoff, where {} was expected", layout::brief(&expected.to_string(), 60))
        }
        Some(destination) if *expected == ExpectedHandoff::None => {
            let to = destination.map(|name| format!(" to {}", to(name))).unwrap_or_default();
            format!("the agent handed off{to}")
        }
        Some(Some(name)) => {
            format!("the agent handed off to {}, which is not as expected", to(name))
        }
        Some(None) => "the agent handed off, but named no destination".to_owned(),
    }
}

impl fmt::Display for ExpectedHandoff {
    /// `no handoff`, `a handoff`, or `a handoff to BILLING, reason DOUBLE_CHARGE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no handoff"),
            Self::Any => f.write_str("a handoff"),
            Self::To { destination, reason } => {
                f.write_str("a handoff")?;
                if let Some(destination) = destination {
                    write!(f, " to {destination}")?;
                }
                match reason {
                    Some(reason) => write!(f, ", reason {reason}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for ExpectedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Matches(pattern) => write!(f, "/{pattern}/"),
        }
    }
}

/// A handoff in words, safe to be shown: `a handoff to BILLING, reason DOUBLE_CHARGE`.
#[must_use]
pub fn handoff(handoff: Option<&Handoff>) -> String {
    let Some(handoff) = handoff else { return "no handoff".to_owned() };
    let mut text = match &handoff.destination {
        Some(destination) => format!("a handoff to {}", layout::brief(destination, 100)),
        None => "a handoff without a destination".to_owned(),
    };
    if let Some(reason) = &handoff.reason {
        text += &format!(", reason {}", layout::brief(reason, 100));
    }
    text
}
