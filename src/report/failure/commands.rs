//! The commands that play a case again and accept what is new of it.

use std::path::Path;

use super::Failure;
use crate::{
    report::SnapshotNote,
    text::layout::{WIDTH, shell_word},
};

impl Failure<'_> {
    pub(super) fn commands(&mut self) {
        let report = self.report;
        let name = shell_word(report.case.as_str());
        let path = |path: &Path| shell_word(&path.to_string_lossy());
        let config = report.surroundings.config.as_deref();
        let config = config.map(|config| format!(" --config {}", path(config))).unwrap_or_default();
        let environment = shell_word(&report.environment);
        let run = format!("rehearsal run{config} --environment {environment}");
        self.command("play again", &run, &name);
        if !report.is_acceptable() {
            return;
        }
        match (&report.snapshot, &report.error) {
            (SnapshotNote::Pending(_), _) => {
                let folder = report.surroundings.pending_dir.as_deref();
                let folder = folder.map(|folder| format!(" --pending-dir {}", path(folder)));
                let accept = format!("rehearsal accept{config}{}", folder.unwrap_or_default());
                self.command("accept", &accept, &name);
            }
            (_, None) => {
                self.pair("accept", "nothing is written here; play it at your desk, then");
                self.pair("", "`rehearsal accept`");
            }
            (_, Some(_)) => {}
        }
    }

    /// A command for one case, on two lines where one would be too long.
    fn command(&mut self, word: &str, command: &str, name: &str) {
        let dashes = if name.starts_with('-') { "-- " } else { "" };
        let whole = format!("{command} --exact {dashes}{name}");
        if whole.chars().count() + 16 <= WIDTH {
            return self.pair(word, &whole);
        }
        self.pair(word, &format!("{command} \\"));
        self.pair("", &format!("  --exact {dashes}{name}"));
    }
}
