//! Redactions that leave nothing of an answer: a snapshot would then accept every other one.

use crate::text::{Bindings, Pattern};

/// Answers of which no redaction that looks for something should leave nothing: short and long,
/// in one line and in several, with and without figures.
const ANSWERS: &[&str] = &[
    "We open at noon.",
    "sure, what would you like to do next",
    "Your table for 8 is booked for Friday at 19:30, and we will hold it for 15 minutes.",
    "Thank you for calling. I have looked into this for you: the second charge was a hold by \
     your bank, it drops off within five working days, and nobody has to do anything about it. \
     Is there anything else that I can help you with today?",
    "There are three ways to pay:\n- by card\n- in cash\n- with a voucher",
];

/// Whether these patterns together take every letter and digit out of an ordinary answer.
pub(super) fn swallow<'a>(patterns: impl Iterator<Item = &'a Pattern> + Clone) -> bool {
    ANSWERS.iter().any(|answer| leaves_nothing(patterns.clone(), answer))
}

fn leaves_nothing<'a>(patterns: impl Iterator<Item = &'a Pattern>, answer: &str) -> bool {
    let none = Bindings::new();
    let mut left: Vec<bool> = answer.bytes().map(|byte| byte.is_ascii_alphanumeric()).collect();
    for pattern in patterns {
        let Ok(regex) = pattern.regex(&none) else { continue };
        for found in regex.find_iter(answer) {
            left[found.range()].fill(false);
        }
    }
    left.iter().all(|left| !left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swallows(sources: &[&str]) -> bool {
        let patterns: Vec<Pattern> =
            sources.iter().map(|source| Pattern::new(source).expect("a pattern")).collect();
        swallow(patterns.iter())
    }

    #[test]
    fn a_redaction_that_leaves_nothing_of_an_ordinary_answer_is_found() {
        for source in [
            r"[\s\S]+",
            ".+",
            "(?s).+",
            ".",
            r"\S+",
            r"\w+",
            "[^\n]+",
            "^.*$",
            "(?s)^.*$",
            "[A-Z].*",
            "(?i)[a-z ,.]+",
            "[^0-9]+",
            r"\b\w.*",
            ".{5,}",
            ".{80,}",
            "(?m)^.+$",
            "[^.]+",
            r"(?s)\A\p{L}.*",
        ] {
            assert!(swallows(&[source]), "{source}");
        }
        assert!(swallows(&["[a-z]+", "[A-Z]+"]), "both together");
    }

    #[test]
    fn a_redaction_that_looks_for_something_is_not() {
        for source in [
            "BK-[0-9]{6}",
            "[0-9]+",
            "[0-9a-f-]{36}",
            r"[A-Z][a-z]+",
            r"\S+@\S+",
            r"\d{1,2}:\d{2}",
            "[A-Z][a-z]+ [A-Z][a-z]+",
            "Dear .*,",
            r"(?i)monday|friday",
            r"reference \S+",
            r"£\d+",
            "(?s)Transcript:.*",
            r"\b[A-Z0-9]{6}\b",
        ] {
            assert!(!swallows(&[source]), "{source}");
        }
    }
}
