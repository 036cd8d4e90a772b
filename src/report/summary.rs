//! The sum of a run.

use std::time::Duration;

use serde::Serialize;

use super::{CaseReport, SnapshotNote, Verdict};
use crate::text::layout::{Style, count, duration, shell_word};

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
    /// The flags that name where the run played.
    #[serde(skip)]
    pub target: String,
    /// Conversations that may still be open on the platform.
    pub maybe_open: Vec<String>,
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
        if self.target.is_empty() {
            let words = [&report.project, &report.environment].map(|word| shell_word(word));
            self.target = format!(" --project {} --environment {}", words[0], words[1]);
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
    /// was played.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        if self.failed > 0 {
            1
        } else if self.errored > 0 || self.interrupted {
            3
        } else if self.passed == 0 {
            2
        } else {
            0
        }
    }

    /// The summary in lines.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let mut verdicts = Vec::new();
        if self.failed > 0 {
            verdicts.push(style.headline(format!("{} failed", self.failed)));
        }
        if self.errored > self.not_played {
            let broken = self.errored - self.not_played;
            verdicts.push(style.headline(format!("{broken} could not be played")));
        }
        if self.not_played > 0 {
            verdicts.push(style.headline(format!("{} not played", self.not_played)));
        }
        if self.passed > 0 {
            verdicts.push(style.good(format!("{} passed", self.passed)));
        }
        if self.skipped > 0 {
            verdicts.push(style.warning(format!("{} skipped", self.skipped)));
        }
        if self.retried > 0 {
            verdicts.push(style.warning(format!("{} of them on a later attempt", self.retried)));
        }
        let mut lines = vec![
            verdicts.join(", "),
            style.dim(format!(
                "{}, {}, {} in {}",
                count(self.cases() - self.skipped - self.not_played, "conversation"),
                count(self.turns, "turn"),
                count(self.requests, "request"),
                duration(Duration::from_millis(self.duration_ms))
            )),
        ];
        if self.pending > 0 {
            let verb = if self.pending == 1 { "waits" } else { "wait" };
            lines.push(format!(
                "{} {verb} for a decision: rehearsal accept, or reject",
                count(self.pending, "pending snapshot")
            ));
        }
        if self.accepted > 0 {
            lines.push(style.warning(format!(
                "{} accepted, because INSTA_UPDATE says so",
                count(self.accepted, "snapshot")
            )));
        }
        if self.repeated_requests > 0 {
            let repeated = count(self.repeated_requests, "request");
            lines.push(
                style.dim(format!(
                    "{repeated} sent again, which the agent cannot have heard before"
                )),
            );
        }
        if let Some(reason) = &self.halted {
            lines.push(style.headline(format!("the run went no further: {reason}")));
        }
        if self.interrupted {
            lines.push(style.headline("the run was stopped before its end"));
        }
        if self.cases() > 0 && self.cases() == self.skipped {
            lines
                .push(style.headline("nothing was played: every selected conversation is skipped"));
        }
        if !self.maybe_open.is_empty() {
            lines.push(style.warning("may still be open on the platform; this closes them:"));
            let ids: Vec<String> = self.maybe_open.iter().map(|id| shell_word(id)).collect();
            lines.push(format!("  rehearsal close{} {}", self.target, ids.join(" ")));
        }
        lines.join("\n")
    }
}
