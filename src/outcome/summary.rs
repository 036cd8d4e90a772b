//! The sum of a run.

use serde::Serialize;

use super::{CaseOutcome, Latencies, SnapshotWritten, Verdict};
use crate::{conversation::CaseName, player::OpenConversation};

/// Counts over all cases of a run.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Cases in which everything holds.
    pub passed: usize,
    /// Cases with at least one mismatch.
    pub failed: usize,
    /// Cases that failed, and passed when they were played again.
    pub flaky: usize,
    /// How many of them count as passed, with a warning.
    pub flaky_warned: usize,
    /// Cases that failed only in what is quarantined.
    pub quarantined: usize,
    /// Cases that could not be played.
    pub errored: usize,
    /// Cases that were not played, because their files say so.
    pub skipped: usize,
    /// Cases that passed only on a later attempt.
    pub retried: usize,
    /// Plays of all cases, each a conversation of its own, also those that could not be played.
    pub conversations: usize,
    /// Turns that were answered.
    pub turns: usize,
    /// How long the answers to turns took.
    pub(crate) latency_ms: Latencies,
    /// Requests that were sent.
    pub requests: usize,
    /// Snapshots that wait for a decision.
    pub pending: usize,
    /// Snapshots that were accepted at once.
    pub accepted: usize,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
    /// Cases that were not begun, because the run was aborted. They count as errored.
    pub not_played: usize,
    /// Requests that were sent again because the platform was too busy.
    pub repeated_requests: usize,
    /// Why the run was aborted, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halted: Option<String>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// Conversations that may still be open on the platform.
    pub(crate) maybe_open: Vec<OpenConversation>,
    /// How many more conversations may be open whose ids are not known.
    pub maybe_created: usize,
    /// Whether it is right that nothing was played: the cases are in another shard.
    #[serde(skip)]
    pub(crate) may_be_empty: bool,
    /// Whether it is a part of a run that is joined with the others.
    #[serde(skip)]
    pub(crate) is_shard: bool,
    /// What else should be known of the run, a sentence each.
    #[serde(skip)]
    pub notes: Vec<String>,
    /// The cases that did not pass, without those that were not begun.
    #[serde(skip)]
    pub(crate) failing: Vec<(CaseName, Verdict)>,
    /// The cases that were skipped, and why.
    #[serde(skip)]
    pub(crate) skips: Vec<(CaseName, String)>,
    /// The flaky cases that count as passed, and how their plays came out.
    #[serde(skip)]
    pub(crate) flaky_cases: Vec<(CaseName, String)>,
    /// The cases that failed only in what is quarantined.
    #[serde(skip)]
    pub(crate) quarantined_cases: Vec<QuarantinedCase>,
    /// The cases that passed only on a later attempt, and why the first ones could not be played.
    #[serde(skip)]
    pub(crate) retries: Vec<(CaseName, String)>,
}

/// A case that failed only in what is quarantined.
#[derive(Clone, Debug)]
pub(crate) struct QuarantinedCase {
    pub case: CaseName,
    /// Until when and by whom it is quarantined, and what does not hold.
    pub tally: String,
    /// Why it is quarantined.
    pub reason: String,
}

impl Summary {
    /// Adds one case.
    #[doc(hidden)]
    pub fn add(&mut self, outcome: &CaseOutcome) {
        match outcome.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Flaky => self.flaky += 1,
            Verdict::Quarantined => self.quarantined += 1,
            Verdict::Errored => self.errored += 1,
            Verdict::Skipped => self.skipped += 1,
        }
        let warned = outcome.verdict == Verdict::Flaky && !outcome.is_failing();
        self.flaky_warned += usize::from(warned);
        self.conversations += outcome.plays.len();
        self.retried += usize::from(outcome.passed_on_retry());
        self.not_played += usize::from(outcome.never_begun());
        self.pending += usize::from(outcome.pending_snapshot().is_some());
        let accepted = matches!(outcome.snapshot, Some(SnapshotWritten::Accepted(_)));
        self.accepted += usize::from(accepted);
        for play in &outcome.plays {
            self.maybe_created += play.maybe_created;
            self.repeated_requests += play.repeated_requests;
            self.requests += play.requests;
            for exchange in play.turns.iter().filter(|exchange| !exchange.turn.is_greeting()) {
                self.turns += 1;
                self.latency_ms.add(exchange.latency);
            }
        }
        self.name(outcome);
    }

    /// Keeps the name of what has to be named at the end.
    fn name(&mut self, outcome: &CaseOutcome) {
        let case = || outcome.case.clone();
        if outcome.is_failing() && !outcome.never_begun() {
            self.failing.push((case(), outcome.verdict));
        } else if outcome.verdict == Verdict::Skipped {
            self.skips.push((case(), outcome.reason.clone().unwrap_or_default()));
        } else if outcome.verdict == Verdict::Flaky {
            self.flaky_cases.push((case(), outcome.tally().unwrap_or_default()));
        } else if outcome.verdict == Verdict::Quarantined {
            let tally = outcome.tally().unwrap_or_default();
            let reason = outcome.quarantine().map(|one| one.reason.clone()).unwrap_or_default();
            self.quarantined_cases.push(QuarantinedCase { case: case(), tally, reason });
        } else if outcome.passed_on_retry() {
            let retried = outcome.plays.iter().find(|play| play.attempts > 1);
            let last = retried.and_then(|play| Some((play, play.earlier_errors.last()?)));
            let why = last.map(|(play, error)| {
                // The request stands before it in the whole message, and takes up the line.
                format!("passed on attempt {}: {}", play.attempts, error.what())
            });
            self.retries.push((case(), why.unwrap_or_default()));
        }
    }

    /// Whether nothing passed and nothing counts against the run, for all that was played is
    /// quarantined.
    #[must_use]
    pub(crate) fn is_all_quarantined(&self) -> bool {
        let others = self.passed + self.failed + self.flaky + self.errored;
        others == 0 && self.quarantined > 0
    }

    /// How many cases count against the run.
    #[must_use]
    pub(crate) fn counts_against(&self) -> usize {
        self.failed + self.flaky.saturating_sub(self.flaky_warned) + self.errored
    }

    /// How many cases there were.
    #[must_use]
    pub fn cases(&self) -> usize {
        let failed = self.failed + self.flaky + self.quarantined;
        self.passed + failed + self.errored + self.skipped
    }

    /// The exit status of the run: 0 when at least one case passed and no other counts against it,
    /// 1 for a case that failed, 3 for one that could not be decided, 2 when nothing was played,
    /// unless that is right. A run in which all that was played is quarantined shows nothing, and
    /// is 1; a shard of one is left to whoever joins the shards.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        let passed = self.passed + self.flaky_warned;
        if self.failed > 0 || self.flaky > self.flaky_warned {
            1
        } else if self.errored > 0 || self.interrupted {
            3
        } else if passed == 0 && self.quarantined > 0 {
            u8::from(!self.is_shard)
        } else if passed == 0 && !self.may_be_empty {
            2
        } else {
            0
        }
    }
}
