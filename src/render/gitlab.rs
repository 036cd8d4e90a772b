//! GitLab's code quality report: what does not hold, at its line of the merge request.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Document, Repository};
use crate::{
    config::FILE_NAME,
    outcome::{CaseOutcome, Summary},
    text::{Scrubber, fnv, one_line},
};

/// Every mismatch, and every case that could not be played, as GitLab's code quality JSON.
pub struct CodeQuality {
    repository: Repository,
    scrubber: Scrubber,
    /// The issues of each case, with what cases are ordered by.
    cases: Vec<((String, String, String), Vec<Value>)>,
    added: usize,
}

impl CodeQuality {
    /// The report of a run that begins.
    pub fn new(repository: &Repository, scrubber: Scrubber) -> Self {
        Self { repository: repository.clone(), scrubber, cases: Vec::new(), added: 0 }
    }
}

impl Document for CodeQuality {
    fn add(&mut self, case: &CaseOutcome) -> io::Result<()> {
        self.added += 1;
        if case.is_failing() {
            let (project, environment, name) = case.key();
            let key = (project.to_owned(), environment.to_owned(), name.to_owned());
            self.cases.push((key, issues(case, &self.repository)));
        }
        Ok(())
    }

    fn write(mut self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self.cases.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut issues: Vec<Value> =
            self.cases.into_iter().flat_map(|(_, issues)| issues).collect();
        if summary.interrupted || self.added == 0 {
            issues.push(not_whole());
        }
        let text = serde_json::to_string_pretty(&issues)? + "\n";
        out.write_all(self.scrubber.scrub_json(&text).as_bytes())
    }
}

fn issues(case: &CaseOutcome, repository: &Repository) -> Vec<Value> {
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
    let Some(play) = case.shown() else { return Vec::new() };
    let mut issues: Vec<Value> = (0..)
        .zip(&play.mismatches)
        .map(|(number, one)| {
            let key = format!("{number} {} {}", one.turn.get(), one.kind.key());
            issue(one.kind.key(), &one.message, one.line(), &key)
        })
        .collect();
    if issues.is_empty() {
        let line = play.unanswered.iter().chain(&play.not_reached).map(|turn| turn.line).next();
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

/// The same for the same problem in every run, and another for every other.
fn fingerprint(parts: &[&str]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    format!("{:016x}", fnv::hash(bytes))
}
