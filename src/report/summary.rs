//! The sum of a run.

use serde::Serialize;

use super::{CaseRecord, Latencies, Verdict};
use crate::{plan::CaseName, replay::OpenConversation};

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
    /// How long the answers to turns took.
    pub latency_ms: Latencies,
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
    /// The cases that were skipped, and why.
    #[serde(skip)]
    pub skips: Vec<(CaseName, String)>,
    /// The cases that passed only on a later attempt, and why the first ones could not be played.
    #[serde(skip)]
    pub flaky: Vec<(CaseName, String)>,
}

impl Summary {
    /// Adds one case.
    pub fn add(&mut self, record: &CaseRecord) {
        match record.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Errored => self.errored += 1,
            Verdict::Skipped => self.skipped += 1,
        }
        self.retried += usize::from(record.is_flaky());
        self.not_played += usize::from(record.never_begun);
        self.maybe_created += record.maybe_created;
        self.repeated_requests += record.repeated_requests;
        self.requests += record.requests;
        self.pending += usize::from(record.pending_snapshot.is_some());
        self.accepted += usize::from(record.accepted_snapshot.is_some());
        for turn in record.turns.iter().filter(|turn| turn.turn > 0) {
            self.turns += 1;
            self.latency_ms.add(turn.latency_ms);
        }
        self.name(record);
    }

    /// Keeps the name of what has to be named at the end.
    fn name(&mut self, record: &CaseRecord) {
        let case = || record.case.clone();
        let reason = || record.reason.clone().unwrap_or_default();
        if record.is_bad() && !record.never_begun {
            self.bad.push((case(), record.verdict));
        } else if record.verdict == Verdict::Skipped {
            self.skips.push((case(), reason()));
        } else if record.is_flaky() {
            let last = record.earlier_errors.last().map(|error| error.message.as_str());
            // The request stands before it, and takes up the line.
            let why = last.map(|message| message.split_once(": ").map_or(message, |(_, why)| why));
            let why = why.unwrap_or_default();
            self.flaky.push((case(), format!("passed on attempt {}: {why}", record.attempts)));
        }
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
}
