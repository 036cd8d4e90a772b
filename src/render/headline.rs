//! The outcome of a run, in a few words.

use crate::{outcome::Summary, text::layout::count};

/// `2 of 48 conversations failed`
#[must_use]
pub fn headline(summary: &Summary) -> String {
    let all = summary.cases();
    let of = |number: usize| format!("{number} of {}", count(all, "conversation"));
    match summary.exit_status() {
        0 if summary.skipped == 0 => match all {
            1 => "The conversation passed".to_owned(),
            all => format!("All {all} conversations passed"),
        },
        0 => format!("{} passed, none failed", of(summary.passed)),
        1 => format!("{} failed", of(summary.failed)),
        _ if summary.errored > 0 => format!("{} could not be played", of(summary.errored)),
        _ if summary.interrupted => "The run did not end".to_owned(),
        _ => "Nothing was played".to_owned(),
    }
}
