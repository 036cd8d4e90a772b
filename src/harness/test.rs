//! A case as a test.

use std::sync::Arc;

use libtest_mimic::{Completion, Failed};
use tokio::runtime::Handle;

use super::{note, reports::Reports};
use crate::{
    engine::Engine,
    outcome::{CaseOutcome, SnapshotWritten, Verdict},
    render::{Style, terminal},
    suite::Planned,
    text::layout::brief,
};

/// What every test needs.
#[derive(Clone)]
pub(super) struct TestContext {
    pub handle: Handle,
    pub engine: Arc<Engine>,
    pub reports: Arc<Reports>,
    pub style: Style,
    pub nextest: bool,
}

impl TestContext {
    pub fn play(&self, case: &Planned) -> Result<Completion, Failed> {
        let own_lines = self.reports.case_started(case);
        let outcome = self.handle.block_on(self.engine.play_to_the_end(case));
        self.reports.case_finished(&outcome, own_lines);
        match outcome.verdict {
            _ if outcome.is_failing() => Err(self.failed(&outcome)),
            Verdict::Skipped => {
                let reason = brief(outcome.reason.as_deref().unwrap_or_default(), 200);
                Ok(Completion::ignored_with(reason))
            }
            _ => {
                for notice in notices(&outcome) {
                    let notice = self.engine.scrubber().scrub(&notice).into_owned();
                    note(&format!("{}: {notice}", outcome.case));
                }
                Ok(Completion::Completed)
            }
        }
    }

    fn failed(&self, outcome: &CaseOutcome) -> Failed {
        let scrubber = self.engine.scrubber();
        if self.nextest {
            // nextest takes the short reason for its JUnit report from a line of this form.
            let reason = outcome.reason.as_deref().unwrap_or_default();
            note(&format!("Error: {}", brief(&scrubber.scrub(reason), 300)));
        }
        Failed::from(scrubber.scrub(&terminal::failure(outcome, self.style)))
    }
}

/// What should be known of a case although it passed.
fn notices(outcome: &CaseOutcome) -> Vec<String> {
    let mut notices = outcome.warnings.clone();
    let word = match outcome.verdict {
        Verdict::Flaky => Some("flaky: "),
        Verdict::Quarantined => Some("quarantined "),
        _ => None,
    };
    notices.extend(word.zip(outcome.tally()).map(|(word, tally)| format!("{word}{tally}")));
    match &outcome.snapshot {
        Some(SnapshotWritten::Accepted(_)) => {
            notices.push("its snapshot was accepted (INSTA_UPDATE)".to_owned());
        }
        Some(SnapshotWritten::Outdated(_)) => {
            notices.push("a pending snapshot follows the conversation".to_owned());
        }
        Some(SnapshotWritten::Pending(_)) | None => {}
    }
    let retried = outcome.plays.iter().find(|play| play.attempts > 1);
    notices.extend(retried.map(|play| format!("passed on attempt {}", play.attempts)));
    notices
}
