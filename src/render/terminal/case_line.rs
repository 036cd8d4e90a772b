//! The line of a case that passed, does not count, was skipped, or was not begun.

use unicode_width::UnicodeWidthStr;

use super::failure::shown_warning;
use crate::{
    conversation::CaseName,
    outcome::{CaseOutcome, SnapshotWritten, Verdict},
    text::layout::{Style, WIDTH, brief, count, duration},
};

/// The line of a case that needs no more.
pub(super) fn case_line(outcome: &CaseOutcome, style: Style) -> String {
    let name = &outcome.case;
    match outcome.verdict {
        Verdict::Passed => passed(outcome, style),
        Verdict::Skipped => {
            let reason = brief(outcome.reason.as_deref().unwrap_or_default(), WIDTH - 5);
            row(("skip", &|text| style.warning(text)), name, &[(&reason, &|text| style.dim(text))])
        }
        Verdict::Quarantined => {
            let reason = brief(outcome.reason.as_deref().unwrap_or_default(), WIDTH - 5);
            let line = row(
                ("quarantined", &|text| style.warning(text)),
                name,
                &[(&reason, &|text| style.dim(text))],
            );
            with_warnings(line, outcome)
        }
        Verdict::Failed | Verdict::Flaky | Verdict::Errored => row(
            ("stop", &|text| style.warning(text)),
            name,
            &[("not played", &|text| style.dim(text))],
        ),
    }
}

/// A text, and how it is coloured.
type Painted<'a> = (&'a str, &'a dyn Fn(&str) -> String);

/// A case's name after a word, and what is said of it: beside it where there is room, else below.
fn row(word: Painted<'_>, case: &CaseName, said: &[Painted<'_>]) -> String {
    let (word, paint) = word;
    let mut row = format!("{} {case}", paint(word));
    let mut used = word.width() + 1 + case.as_str().width();
    for (text, paint) in said.iter().filter(|(text, _)| !text.is_empty()) {
        if used + 2 + text.width() > WIDTH {
            row += "\n     ";
            used = 5;
        } else {
            row += "  ";
            used += 2;
        }
        row += &paint(text);
        used += text.width();
    }
    row
}

fn passed(outcome: &CaseOutcome, style: Style) -> String {
    let mut played = outcome.tally().unwrap_or_default();
    if let Some(play) = outcome.shown().filter(|_| played.is_empty()) {
        played = format!("{}, {}", count(play.answered_turns(), "turn"), duration(play.duration));
        if play.attempts > 1 {
            played += &format!(", on attempt {}", play.attempts);
        }
    }
    let note = match &outcome.snapshot {
        Some(SnapshotWritten::Accepted(_)) => "snapshot accepted",
        Some(SnapshotWritten::Outdated(_)) => "snapshot follows the conversation: rehearsal accept",
        Some(SnapshotWritten::Pending(_)) => "snapshot pending",
        None => "",
    };
    let said: [Painted<'_>; 2] =
        [(&played, &|text| style.dim(text)), (note, &|text| style.warning(text))];
    with_warnings(row(("  ok", &|text| style.good(text)), &outcome.case, &said), outcome)
}

fn with_warnings(line: String, outcome: &CaseOutcome) -> String {
    let warnings = outcome.warnings.iter().map(|warning| shown_warning(warning));
    std::iter::once(line).chain(warnings).collect::<Vec<_>>().join("\n")
}
