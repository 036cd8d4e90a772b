//! The sum of a run.

use std::time::Duration;

use serde::Serialize;

use super::{CaseReport, SnapshotNote, Verdict};
use crate::{
    plan::CaseName,
    replay::{OpenConversation, close_commands},
    text::{
        layout::{Style, count, duration},
        one_line,
    },
};

/// Counts over all cases of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Cases in which everything holds.
    pub passed: usize,
    /// Cases with at least one mismatch.
    pub failed: usize,
    /// Cases that could not be played.
    pub errored: usize,
    /// Cases that were not played, because their files say so.
    pub skipped: usize,
    /// Cases that passed only on a later attempt.
    pub retried: usize,
    /// Turns that were answered.
    pub turns: usize,
    /// Requests that were sent.
    pub requests: usize,
    /// Snapshots that wait for a decision.
    pub pending: usize,
    /// Snapshots that were accepted at once.
    pub accepted: usize,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// Cases that were not begun, because the run went no further. They count as errored.
    pub not_played: usize,
    /// Requests that were sent again because the platform was too busy.
    pub repeated_requests: usize,
    /// Why the run went no further, if it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halted: Option<String>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// Conversations that may still be open on the platform.
    pub maybe_open: Vec<OpenConversation>,
    /// How many more may be open, whose ids are not known.
    pub maybe_created: usize,
    /// Whether it is right that nothing was played: the cases are in another shard.
    #[serde(skip)]
    pub may_be_empty: bool,
    /// The cases that did not pass, without those that were not begun.
    #[serde(skip)]
    pub bad: Vec<(CaseName, Verdict)>,
}

impl Summary {
    /// Adds one case.
    pub fn add(&mut self, report: &CaseReport) {
        match report.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Errored => self.errored += 1,
            Verdict::Skipped => self.skipped += 1,
        }
        self.retried +=
            usize::from(report.verdict == Verdict::Passed && !report.earlier.is_empty());
        self.maybe_created += report.maybe_created;
        let bad = matches!(report.verdict, Verdict::Failed | Verdict::Errored);
        if bad && !report.never_begun() {
            self.bad.push((report.case.clone(), report.verdict));
        }
        self.turns += report.exchanges.iter().filter(|exchange| exchange.turn > 0).count();
        self.not_played += usize::from(report.never_begun());
        self.repeated_requests += report.repeated;
        self.requests += report.requests;
        self.pending += usize::from(matches!(
            report.snapshot,
            SnapshotNote::Pending(_) | SnapshotNote::Outdated(_)
        ));
        self.accepted += usize::from(matches!(report.snapshot, SnapshotNote::Accepted(_)));
    }

    /// How many cases there were.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.passed + self.failed + self.errored + self.skipped
    }

    /// The exit status of the run: 0 when at least one case passed and none did anything else
    /// but be skipped, 1 for a mismatch, 3 for a case that could not be played, 2 when nothing
    /// was played, unless that is right.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.failed > 0 {
            1
        } else if self.errored > 0 || self.interrupted {
            3
        } else if self.passed == 0 && !self.may_be_empty {
            2
        } else {
            0
        }
    }

    /// The summary in lines.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let mut lines = self.bad_cases(style);
        lines.push(self.verdicts(style));
        lines.push(style.dim(format!(
            "{}, {}, {} in {}",
            count(self.cases() - self.skipped - self.not_played, "conversation"),
            count(self.turns, "turn"),
            count(self.requests, "request"),
            duration(Duration::from_millis(self.duration_ms))
        )));
        lines.extend(self.notes(style));
        lines.extend(self.open(style));
        lines.join("\n")
    }

    /// The names of what did not pass, where they are scattered above.
    fn bad_cases(&self, style: Style) -> Vec<String> {
        const MOST: usize = 30;
        if self.bad.len() < 2 {
            return Vec::new();
        }
        let line = |(case, verdict): &(CaseName, Verdict)| {
            let word = if *verdict == Verdict::Failed { "failed" } else { "error " };
            format!("{} {}", style.bad(word), one_line(case.as_str()))
        };
        let mut lines: Vec<String> = self.bad.iter().take(MOST).map(line).collect();
        if self.bad.len() > MOST {
            lines.push(style.dim(format!("and {} more", self.bad.len() - MOST)));
        }
        lines.push(String::new());
        lines
    }

    fn verdicts(&self, style: Style) -> String {
        let broken = self.errored - self.not_played;
        let all = [
            (self.failed, style.headline(format!("{} failed", self.failed))),
            (broken, style.headline(format!("{broken} could not be played"))),
            (self.not_played, style.headline(format!("{} not played", self.not_played))),
            (self.passed, style.good(format!("{} passed", self.passed))),
            (self.skipped, style.warning(format!("{} skipped", self.skipped))),
            (self.retried, style.warning(format!("{} of them on a later attempt", self.retried))),
        ];
        let some = all.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words);
        some.collect::<Vec<_>>().join(", ")
    }

    fn notes(&self, style: Style) -> Vec<String> {
        let mut notes = Vec::new();
        if self.pending > 0 {
            let verb = if self.pending == 1 { "waits" } else { "wait" };
            let pending = count(self.pending, "pending snapshot");
            notes
                .push(format!("{pending} {verb} for a decision: rehearsal review, accept, reject"));
        }
        if self.accepted > 0 {
            let accepted = count(self.accepted, "snapshot");
            notes.push(style.warning(format!("{accepted} accepted, because INSTA_UPDATE says so")));
        }
        if self.repeated_requests > 0 {
            let repeated = count(self.repeated_requests, "request");
            notes.push(
                style.dim(format!(
                    "{repeated} sent again, which the agent cannot have heard before"
                )),
            );
        }
        if let Some(reason) = &self.halted {
            notes.push(style.headline(format!("the run went no further: {}", one_line(reason))));
        }
        if self.interrupted {
            notes.push(style.headline("the run was stopped before its end"));
        }
        if self.cases() > 0 && self.cases() == self.skipped && !self.may_be_empty {
            notes
                .push(style.headline("nothing was played: every selected conversation is skipped"));
        }
        notes
    }

    fn open(&self, style: Style) -> Vec<String> {
        let mut lines = Vec::new();
        if self.maybe_created > 0 {
            let more = count(self.maybe_created, "conversation");
            lines.push(style.warning(format!("{more} may have been started whose id never came")));
        }
        if !self.maybe_open.is_empty() {
            lines.push(style.warning("may still be open on the platform; this closes them:"));
            let commands = close_commands(&self.maybe_open);
            lines.extend(commands.iter().map(|command| format!("  {}", one_line(command))));
        }
        lines
    }
}
