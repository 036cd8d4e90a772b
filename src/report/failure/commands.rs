//! The commands that play a case again and accept what is new of it.

use super::Failure;
use crate::{
    report::{SnapshotNote, Unwritten},
    text::layout::{WIDTH, shell_word},
};

impl Failure<'_> {
    pub(super) fn commands(&mut self) {
        let report = self.report;
        let name = shell_word(report.case.as_str());
        let flags = report.surroundings.flags();
        let config = report.surroundings.config.as_deref();
        let config =
            config.map(|path| format!(" --config {}", shell_word(&path.to_string_lossy())));
        let environment = shell_word(&report.environment);
        let config = config.unwrap_or_default();
        let run = format!("rehearsal run{config} --environment {environment}");
        let cargo = report.surroundings.cargo.as_deref();
        self.command("play again", &run, &name);
        if let Some(cargo) = cargo {
            self.command("or", &format!("{cargo} --"), &name);
        }
        if !report.is_acceptable() {
            return;
        }
        match (&report.snapshot, report.surroundings.unwritten) {
            (SnapshotNote::Pending(_), _) => {
                self.command("accept", &format!("rehearsal accept{flags}"), &name);
                if let Some(cargo) = cargo {
                    self.command("or", &format!("INSTA_UPDATE=always {cargo} --"), &name);
                }
            }
            // What could not be played says nothing about its snapshot.
            (_, _) if report.error.is_some() => {}
            (_, Some(Unwritten::InCi)) => {
                self.pair("accept", "nothing is written here; play it at your desk, then");
                self.pair("", "`rehearsal accept`");
            }
            (_, Some(Unwritten::AsAsked)) => {
                self.pair("accept", "INSTA_UPDATE=no writes nothing; play it without, then");
                self.pair("", "`rehearsal accept`");
            }
            (_, None) => {}
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
