//! How often a case is played, and what decides it.

use serde::{Deserialize, Serialize};

use crate::source::{Diagnostic, Node, Problems, SourceFile};
use std::sync::Arc;

/// How often a case is played, and how many of those plays have to pass.
///
/// One setting, although it has two keys: a `pass` without its `plays` means nothing, so neither
/// is ever combined with the other of another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayCount {
    /// How many valid plays there are at most.
    pub plays: u32,
    /// How many of them have to pass.
    pub pass: u32,
}

/// What a case counts that failed and passed when it was played again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlakyCounts {
    /// As failed.
    #[default]
    Fail,
    /// As passed, with a warning.
    Warn,
}

/// What decides a case: how often it is played, and what its failures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRule {
    /// How many valid plays there are at most.
    pub plays: u32,
    /// How many of them have to pass.
    pub pass: u32,
    /// How often a case of one play that failed is played again.
    #[serde(default)]
    pub confirm_failures: u32,
    /// What it counts where one of those plays passes.
    #[serde(default)]
    pub flaky: FlakyCounts,
}

impl PlayCount {
    /// So many plays, all of which have to pass.
    #[must_use]
    pub fn all_of(plays: u32) -> Self {
        let plays = plays.max(1);
        Self { plays, pass: plays }
    }

    /// `plays` and `pass` of a map; every mistake in them goes to `problems`.
    pub fn read(node: &Node, file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Self> {
        let count = |key: &str| node.get(key)?.count().and_then(|count| u32::try_from(count).ok());
        let (plays, pass) = (count("plays"), count("pass"));
        let mut mistake = |title: String, help: &str| {
            let span = node.get("pass").map_or(node.span, |pass| pass.span);
            problems.push(Diagnostic::error(file, span, title).help(help));
        };
        match (plays, pass) {
            (None, Some(_)) if node.get("plays").is_none() => mistake(
                "`pass` without `plays`".to_owned(),
                "add `plays`, which says of how many plays they are",
            ),
            (_, Some(0)) => mistake(
                "`pass: 0` would pass without a play that passed".to_owned(),
                "write how many plays have to pass, from 1 to `plays`",
            ),
            (Some(plays), Some(pass)) if pass > plays && plays > 0 => mistake(
                format!("`pass` is {pass}, and there are {plays} plays"),
                "at most `plays` can pass; leave `pass` out where all of them have to",
            ),
            (Some(plays), pass) if plays > 0 => {
                return Some(Self { plays, pass: pass.unwrap_or(plays) });
            }
            _ => {}
        }
        None
    }
}

impl VerdictRule {
    /// The rule of a case that is played once.
    pub const ONCE: Self =
        Self { plays: 1, pass: 1, confirm_failures: 0, flaky: FlakyCounts::Fail };

    /// How many valid plays may fail.
    #[must_use]
    pub fn may_fail(&self) -> u32 {
        self.plays.saturating_sub(self.pass)
    }

    /// Whether a case that failed is played again, to see whether it fails again.
    #[must_use]
    pub fn confirms(&self) -> bool {
        self.plays == 1 && self.confirm_failures > 0
    }

    pub(crate) fn is_once(&self) -> bool {
        *self == Self::ONCE
    }
}

impl Default for VerdictRule {
    fn default() -> Self {
        Self::ONCE
    }
}
