//! What became of a case or a play, as it is coloured and marked.

use crate::outcome::{CaseOutcome, Standing, Verdict};

/// The verdict on a case, as it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictClass {
    /// Something does not hold.
    Failed,
    /// It could not be played.
    Errored,
    /// It failed, and passed when that was confirmed.
    Flaky,
    /// It failed only in what is quarantined.
    Quarantined,
    /// It passed.
    Passed,
    /// It was skipped.
    Skipped,
}

impl VerdictClass {
    /// That of a case.
    pub fn of(case: &CaseOutcome) -> Self {
        match case.verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed => Self::Failed,
            Verdict::Flaky => Self::Flaky,
            Verdict::Quarantined => Self::Quarantined,
            Verdict::Errored => Self::Errored,
            Verdict::Skipped => Self::Skipped,
        }
    }

    /// That of a play of a case.
    pub fn of_play(standing: Standing) -> Self {
        match standing {
            Standing::Passed => Self::Passed,
            Standing::Quarantined => Self::Quarantined,
            Standing::Forgivable | Standing::New | Standing::Unforgivable => Self::Failed,
            Standing::Errored => Self::Errored,
        }
    }

    /// The class in the style sheet, and the word in the filters.
    pub fn class(self) -> &'static str {
        match self {
            Self::Failed => "f",
            Self::Errored => "e",
            Self::Flaky => "y",
            Self::Quarantined => "q",
            Self::Passed => "p",
            Self::Skipped => "s",
        }
    }

    /// The sign that stands for it where there is no room for a word.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Failed => "✗",
            Self::Errored => "!",
            Self::Flaky => "↻",
            Self::Quarantined => "‖",
            Self::Passed => "✓",
            Self::Skipped => "–",
        }
    }

    /// Its place among the others: what needs a look stands first.
    pub fn rank(self) -> usize {
        self as usize
    }
}
