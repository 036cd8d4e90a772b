//! Why a case failed or could not be played, in one line.

use super::super::{CaseError, CaseReport, describe};
use crate::text::layout;

/// Why a case failed or could not be played, in one line.
#[must_use]
pub fn reason(report: &CaseReport) -> String {
    let mut mismatches = report.mismatches();
    let first =
        mismatches.next().map(|(exchange, mismatch)| describe::one_line(&mismatch.kind, exchange));
    let more = mismatches.count();
    match (first, &report.error) {
        (Some(first), _) if more > 0 => format!("{first}; and {more} more"),
        (Some(first), _) => first,
        (None, Some(error)) => error_line(error),
        (None, None) if !report.not_reached.is_empty() => {
            format!("{} not reached", layout::count(report.not_reached.len(), "turn"))
        }
        (None, None) => String::new(),
    }
}

/// Why a case could not be played, in one line.
pub(in crate::report) fn error_line(error: &CaseError) -> String {
    match error {
        CaseError::Chat(error) => error.to_string(),
        CaseError::Interrupted => "the run was stopped".to_owned(),
        CaseError::NotPlayed(reason) => format!("not played: {reason}"),
        CaseError::OutOfTime { limit } => {
            format!("it took longer than {} (`case_timeout`)", layout::duration(*limit))
        }
        CaseError::BudgetSpent { after } => {
            let after = after.as_ref().map(|error| format!("; before that, {error}"));
            let after = after.unwrap_or_default();
            format!("the run may send no more requests (--max-requests){after}")
        }
        CaseError::Files(reason) => reason.clone(),
        CaseError::Internal(reason) => format!("a fault of Rehearsal itself: {reason}"),
    }
}
