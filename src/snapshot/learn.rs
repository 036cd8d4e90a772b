//! From what an agent said on several occasions to what should be accepted of it.

use serde::{Deserialize, Serialize};

use super::{accepted::covers, loosen::loosen, redact::Redactor};

/// How many answers are proposed beside one another.
const MOST_ALTERNATIVES: usize = 3;

/// What the answers to one message have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Learned {
    /// The answer was always the same.
    Same(String),
    /// One pattern accepts them all.
    Loosened(String),
    /// There are a few answers, each of which may be a pattern.
    Alternatives(Vec<String>),
    /// The answer was never the same, so that no snapshot can pin it.
    NeverAgreed {
        /// How many different answers there were.
        different: usize,
    },
}

impl Learned {
    /// The texts that are proposed; none where the answers never agreed.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Same(text) | Self::Loosened(text) => std::slice::from_ref(text),
            Self::Alternatives(texts) => texts,
            Self::NeverAgreed { .. } => &[],
        }
    }
}

/// What should be accepted of a turn that was answered like this, redacted, in several plays.
///
/// ```
/// use rehearsal::snapshot::{Redactor, learn::{Learned, learn}};
///
/// let answers = ["We open at 9.", "We open at 9.", "We open at 10."].map(str::to_owned);
/// let learned = learn(&answers, &Redactor::default());
/// assert_eq!(learned, Learned::Loosened("We open at {{number}}.".to_owned()));
/// ```
#[must_use]
pub fn learn(answers: &[String], redactor: &Redactor) -> Learned {
    let mut different: Vec<&String> = Vec::new();
    for answer in answers {
        if !different.contains(&answer) {
            different.push(answer);
        }
    }
    let mut alike: Vec<AnswerGroup<'_>> = Vec::new();
    for answer in &different {
        if !alike.iter_mut().any(|one| one.takes(answer, redactor)) {
            alike.push(AnswerGroup { pattern: (*answer).clone(), answers: vec![answer] });
        }
    }
    let patterns = || alike.iter().map(|one| one.pattern.clone());
    match alike.len() {
        1 if different.len() == 1 => Learned::Same(patterns().collect()),
        1 => Learned::Loosened(patterns().collect()),
        many if many <= MOST_ALTERNATIVES && many < answers.len() => {
            Learned::Alternatives(patterns().collect())
        }
        _ => Learned::NeverAgreed { different: different.len() },
    }
}

/// Answers that one pattern accepts.
struct AnswerGroup<'a> {
    pattern: String,
    answers: Vec<&'a String>,
}

impl<'a> AnswerGroup<'a> {
    /// Takes one more answer, where the pattern accepts it or can be loosened for it.
    fn takes(&mut self, answer: &'a String, redactor: &Redactor) -> bool {
        let Ok(pattern) = loosen(&self.pattern, answer, redactor) else { return false };
        self.answers.push(answer);
        if self.answers.iter().all(|one| covers(&pattern, one, redactor)) {
            self.pattern = pattern;
            return true;
        }
        self.answers.pop();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(answers: &[&str]) -> Learned {
        let answers: Vec<String> = answers.iter().map(|text| (*text).to_owned()).collect();
        learn(&answers, &Redactor::default())
    }

    #[test]
    fn what_never_varies_stays_as_it_is() {
        let text = "Your table for 4 is booked.";
        assert_eq!(learned(&[text, text, text]), Learned::Same(text.to_owned()));
    }

    #[test]
    fn a_few_ways_to_say_it_are_alternatives_each_loosened() {
        let answers = [
            "You are very welcome, Ana.",
            "My pleasure, goodbye for now.",
            "You are very welcome, Ben.",
            "My pleasure, goodbye for now.",
        ];
        assert_eq!(
            learned(&answers),
            Learned::Alternatives(vec![
                "You are very welcome, {{any}}.".to_owned(),
                "My pleasure, goodbye for now.".to_owned(),
            ])
        );
    }

    #[test]
    fn answers_whose_redacted_parts_stand_beside_what_varies_are_loosened() {
        let redaction = crate::config::Redaction {
            name: "reference".to_owned(),
            pattern: crate::text::Pattern::new("BK-[0-9]+").expect("a pattern"),
        };
        let redactor = Redactor::new(&[redaction]);
        let said = ["Booked for 3 guests: BK-12.", "Booked for 4 guests: BK-34."];
        let answers: Vec<String> = said.iter().map(|text| redactor.redact(text)).collect();
        let expected = "Booked for {{number}} guests: {{reference}}.".to_owned();
        assert_eq!(learn(&answers, &redactor), Learned::Loosened(expected));
    }

    #[test]
    fn answers_that_have_nothing_in_common_are_not_pinned() {
        let answers = ["It is sunny today.", "No idea, sorry!", "Let me look that up for you"];
        assert_eq!(learned(&answers), Learned::NeverAgreed { different: 3 });
    }
}
