//! The command that plays just what failed once more.

use std::collections::BTreeSet;

use crate::{outcome::Summary, text::layout::shell_word};

/// How many names a command may hold; with more, the line would be no help.
const MOST_NAMES: usize = 30;

/// Makes the command that plays once more what failed.
#[derive(Debug)]
pub struct Rerun {
    command: String,
    /// The flags that selected the cases, where what failed is remembered.
    selection: Option<String>,
}

impl Rerun {
    /// Cases of these environments, by name.
    #[must_use]
    pub fn of(environments: &BTreeSet<&str>) -> Self {
        let rerun = Self { command: "rehearsal run".to_owned(), selection: None };
        match environments.iter().collect::<Vec<_>>()[..] {
            [environment] => rerun.with("--environment", environment),
            _ => rerun,
        }
    }

    /// With one more flag.
    #[must_use]
    pub fn with(mut self, flag: &str, value: &str) -> Self {
        self.command += &format!(" {flag} {}", shell_word(value));
        self
    }

    /// By what is remembered of them, among those that were selected.
    #[must_use]
    pub fn remembered(mut self, selection: &str) -> Self {
        self.selection = Some(selection.to_owned());
        self
    }

    /// The command; none where nothing failed, or more than can be named, or where it would leave
    /// out what was not played at all. What is remembered holds what was not begun, too.
    #[must_use]
    pub fn command(&self, summary: &Summary) -> Option<String> {
        if summary.failing.is_empty() && summary.not_played == 0 {
            return None;
        }
        if let Some(selection) = &self.selection {
            return Some(format!("{} --rerun-failed{selection}", self.command));
        }
        if summary.not_played > 0 || summary.interrupted {
            return None;
        }
        let names: Vec<&str> = summary.failing.iter().map(|(case, _)| case.as_str()).collect();
        if names.len() > MOST_NAMES {
            return None;
        }
        let dashes = if names.iter().any(|name| name.starts_with('-')) { "-- " } else { "" };
        let names = names.into_iter().map(shell_word).collect::<Vec<_>>().join(" ");
        Some(format!("{} --exact {dashes}{names}", self.command))
    }
}
