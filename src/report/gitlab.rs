//! GitLab's code quality report: what does not hold, at its line of the merge request.

use serde_json::{Value, json};

use super::{CaseRecord, Repository, RunRecord};
use crate::{config::FILE_NAME, text::one_line};

/// Every mismatch, and every case that could not be played, as GitLab's code quality JSON.
#[must_use]
pub fn code_quality(run: &RunRecord, repository: &Repository) -> String {
    let bad = run.cases.iter().filter(|case| case.is_bad());
    let mut issues: Vec<Value> = bad.flat_map(|case| issues(case, repository)).collect();
    if run.summary.interrupted || run.cases.is_empty() {
        issues.push(not_whole());
    }
    // Nothing in these values cannot be written as JSON.
    serde_json::to_string_pretty(&issues).unwrap_or_default() + "\n"
}

fn issues(case: &CaseRecord, repository: &Repository) -> Vec<Value> {
    let issue = |what: &str, message: &str, line: Option<usize>, key: &str| {
        json!({
            "description": one_line(&format!("{}: {message}", case.case)),
            "check_name": format!("rehearsal/{what}"),
            "fingerprint": fingerprint(&[&case.project, &case.environment, case.case.as_str(), key]),
            "severity": if what == "not-played" { "minor" } else { "major" },
            "location": {
                "path": repository.path(&case.path),
                "lines": { "begin": line.unwrap_or(1) },
            },
        })
    };
    let mut issues: Vec<Value> = (0..)
        .zip(&case.mismatches)
        .map(|(number, one)| {
            let key = format!("{number} {} {}", one.turn, one.matcher);
            issue(&one.matcher, &one.message, one.line, &key)
        })
        .collect();
    if issues.is_empty() {
        let line = case.unanswered.iter().chain(&case.not_reached).find_map(|turn| turn.line);
        let reason = case.reason.as_deref().unwrap_or_default();
        issues.push(issue("not-played", reason, line, "not played"));
    }
    issues
}

/// What stands for a run that did not end, so that no clean report is left of it.
fn not_whole() -> Value {
    json!({
        "description": "the run is not whole: it was stopped, or a part of it is missing",
        "check_name": "rehearsal/not-whole",
        "fingerprint": fingerprint(&["not whole"]),
        "severity": "blocker",
        "location": { "path": FILE_NAME, "lines": { "begin": 1 } },
    })
}

/// The same for the same problem in every run, and another for every other: FNV-1a in 64 bits.
fn fingerprint(parts: &[&str]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
