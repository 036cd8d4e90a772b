//! How long cases took in an earlier run.

use std::{collections::HashMap, fs, io, path::Path};

use serde::Deserialize;

use crate::conversation::CaseName;

/// How long cases took, in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Durations(HashMap<CaseName, u64>);

/// Why durations cannot be had from a file.
#[derive(Debug, thiserror::Error)]
pub enum DurationsError {
    /// The file cannot be read.
    #[error("cannot read it: {0}")]
    Io(#[from] io::Error),
    /// A line is not JSON.
    #[error("line {line} is not JSON; it must be the output of `rehearsal run --json`")]
    NotJson {
        /// The line, from 1.
        line: usize,
    },
    /// No case was finished in it.
    #[error("it has no finished case; it must be the output of `rehearsal run --json`")]
    Nothing,
}

/// The part of a line that is looked at.
#[derive(Deserialize)]
struct DurationLine {
    #[serde(default)]
    event: String,
    case: Option<String>,
    #[serde(default)]
    plays: Vec<PlayLength>,
}

#[derive(Deserialize)]
struct PlayLength {
    duration_ms: f64,
}

impl Durations {
    /// Reads what `rehearsal run --json` wrote; of a case that is in it more than once, the last.
    ///
    /// # Errors
    /// When the file cannot be read, is something else, or holds no finished case.
    pub fn read(path: &Path) -> Result<Self, DurationsError> {
        let text = fs::read_to_string(path)?;
        let mut durations = HashMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let not_json = |_| DurationsError::NotJson { line: index + 1 };
            let line: DurationLine = serde_json::from_str(line).map_err(not_json)?;
            if line.event != "case_finished" {
                continue;
            }
            let took: f64 = line.plays.iter().map(|play| play.duration_ms).sum();
            if let Some(case) = line.case.filter(|_| (0.0..1e12).contains(&took)) {
                // Less than 10^15 by the filter above.
                durations.insert(CaseName::new(case), (took * 1e3) as u64);
            }
        }
        if durations.is_empty() { Err(DurationsError::Nothing) } else { Ok(Self(durations)) }
    }

    /// How long a case took, in microseconds.
    #[must_use]
    pub fn of(&self, case: &CaseName) -> Option<u64> {
        self.0.get(case).copied()
    }

    /// The median of those of these cases that are known, in microseconds.
    #[must_use]
    pub fn median<'a>(&self, cases: impl Iterator<Item = &'a CaseName>) -> u64 {
        let mut known: Vec<u64> = cases.filter_map(|case| self.of(case)).collect();
        known.sort_unstable();
        known.get(known.len() / 2).copied().unwrap_or(1)
    }
}

impl FromIterator<(CaseName, u64)> for Durations {
    fn from_iter<T: IntoIterator<Item = (CaseName, u64)>>(durations: T) -> Self {
        Self(durations.into_iter().collect())
    }
}
