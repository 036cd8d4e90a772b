//! The line of a case that passed, was skipped, or was not begun.

use unicode_width::UnicodeWidthStr;

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
            row(style.warning("skip"), name, &[(&reason, &|text| style.dim(text))])
        }
        Verdict::Quarantined => {
            let reason = brief(outcome.reason.as_deref().unwrap_or_default(), WIDTH - 5);
            row(style.warning("quarantined"), name, &[(&reason, &|text| style.dim(text))])
        }
        Verdict::Failed | Verdict::Flaky | Verdict::Errored => {
            row(style.warning("stop"), name, &[("not played", &|text| style.dim(text))])
        }
    }
}

/// How a text is coloured.
type Paint<'a> = &'a dyn Fn(&str) -> String;

/// A case's name after a word of four letters, and what is said of it: beside it where there is
/// room, else below.
fn row(word: String, case: &CaseName, said: &[(&str, Paint<'_>)]) -> String {
    let mut row = format!("{word} {case}");
    let mut used = 5 + case.as_str().width();
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
    let mut played = String::new();
    if let Some(play) = outcome.shown() {
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
    let said: [(&str, Paint<'_>); 2] =
        [(&played, &|text| style.dim(text)), (note, &|text| style.warning(text))];
    let mut text = row(style.good("  ok"), &outcome.case, &said);
    for warning in &outcome.warnings {
        text += &format!("\n{warning}");
    }
    text
}
