//! The outcome of a run, in a few words.

use crate::{outcome::Summary, text::layout::count};

/// `2 of 48 conversations failed`
#[must_use]
pub fn headline(summary: &Summary) -> String {
    let all = summary.cases();
    let of = |number: usize| format!("{number} of {}", count(all, "conversation"));
    let flaky = summary.flaky - summary.flaky_warned;
    match summary.exit_status() {
        0 if summary.passed == all => match all {
            1 => "The conversation passed".to_owned(),
            all => format!("All {all} conversations passed"),
        },
        0 => format!("{} passed, none failed", of(summary.passed)),
        1 if summary.failed == 0 && flaky == 0 => {
            "Everything that was played is quarantined".to_owned()
        }
        1 if flaky == 0 => format!("{} failed", of(summary.failed)),
        1 if summary.failed == 0 && flaky == 1 => format!("{} is flaky", of(flaky)),
        1 if summary.failed == 0 => format!("{} are flaky", of(flaky)),
        1 => format!("{} failed, {flaky} more flaky", of(summary.failed)),
        _ if summary.errored > 0 => format!("{} could not be played", of(summary.errored)),
        _ if summary.interrupted => "The run did not end".to_owned(),
        _ => "Nothing was played".to_owned(),
    }
}
