//! JUnit XML, for the test views of GitHub, GitLab, Jenkins and everything else.

use std::{collections::HashMap, sync::Arc};

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestRerun,
    TestSuite, XmlString,
};

use super::{CaseRecord, RunRecord, Verdict, latency::of_milliseconds, record::ErrorRecord};
use crate::text::printable;

/// A run as JUnit XML: a suite for every project and environment, a test case for every case.
///
/// A mismatch is a `failure`, what could not be played an `error`; earlier attempts are
/// `flakyError` or `rerunError`. Facts are properties of the test case, which parsers read although
/// the oldest schemas know them of suites only.
///
/// # Errors
/// Never in practice: what XML cannot hold is written as an escape.
pub fn render(run: &RunRecord) -> Result<String, SerializeError> {
    let mut report = Report::new("rehearsal");
    report.set_time(std::time::Duration::from_millis(run.summary.duration_ms));
    let suites =
        run.cases.chunk_by(|a, b| (&a.project, &a.environment) == (&b.project, &b.environment));
    let mut words = Words::default();
    report.add_test_suites(suites.map(|cases| suite(cases, &mut words)));
    if run.summary.interrupted || run.cases.is_empty() {
        report.add_test_suite(cut_short(run));
    }
    report.to_string()
}

fn suite(cases: &[Arc<CaseRecord>], words: &mut Words) -> TestSuite {
    let first = &cases[0];
    let mut suite = TestSuite::new(xml(&format!("{} · {}", first.project, first.environment)));
    suite.add_property(words.property("project", &first.project));
    suite.add_property(words.property("environment", &first.environment));
    let started = cases.iter().map(|case| case.started).min().unwrap_or_default();
    suite.timestamp = started.to_string().parse().ok();
    suite.set_time(cases.iter().map(|case| of_milliseconds(case.duration_ms)).sum());
    suite.add_test_cases(cases.iter().map(|case| test_case(case, words)));
    suite
}

fn test_case(case: &CaseRecord, words: &mut Words) -> TestCase {
    let mut test = TestCase::new(xml(case.case.as_str()), status(case));
    let folder = case.case.conversation().rsplit_once('/').map(|(folder, _)| folder);
    let class = match folder {
        Some(folder) => format!("{}.{}", case.project, folder.replace('/', ".")),
        None => case.project.clone(),
    };
    test.classname = Some(words.word(&class));
    test.set_time(of_milliseconds(case.duration_ms));
    test.properties = properties(case, words);
    test
}

fn status(case: &CaseRecord) -> TestCaseStatus {
    let reason = xml(case.reason.as_deref().unwrap_or_default());
    let (kind, what) = match case.verdict {
        Verdict::Passed => {
            let mut status = TestCaseStatus::success();
            status.add_reruns(case.earlier_errors.iter().map(rerun));
            return status;
        }
        Verdict::Skipped => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason);
            return status;
        }
        Verdict::Failed => (NonSuccessKind::Failure, "mismatch"),
        Verdict::Errored => (NonSuccessKind::Error, "not played"),
    };
    let first = case.mismatches.first().map(|mismatch| mismatch.matcher.clone());
    let code = case.error.as_ref().and_then(|error| error.error_code.clone());
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(reason);
    status.set_type(xml(&first.or(code).unwrap_or_else(|| what.to_owned())));
    status.set_description(xml(case.failure.as_deref().unwrap_or_default()));
    status.add_reruns(case.earlier_errors.iter().map(rerun));
    status
}

/// An earlier attempt, which could not be played.
fn rerun(error: &ErrorRecord) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Error);
    rerun.set_message(xml(&error.message));
    rerun.set_type(xml(error.error_code.as_deref().unwrap_or("not played")));
    let ids = [("correlation id", &error.correlation_id), ("error_id", &error.error_id)];
    let facts = ids.into_iter().filter_map(|(name, id)| Some(format!("{name}: {}", id.as_ref()?)));
    let facts = facts.chain(error.curl.clone()).collect::<Vec<_>>().join("\n");
    rerun.set_description(xml(&facts));
    rerun
}

fn properties(case: &CaseRecord, words: &mut Words) -> Vec<Property> {
    let mut properties = vec![words.property("environment", &case.environment)];
    for (name, value) in [("variant", &case.variant), ("variant_id", &case.variant_id)] {
        properties.extend(value.as_ref().map(|value| words.property(name, value)));
    }
    if !case.tags.is_empty() {
        properties.push(words.property("tags", &case.tags.join(", ")));
    }
    let own = [
        ("conversation_id", case.conversation_id.clone()),
        ("started", Some(case.started.to_string())),
        ("file", Some(case.path.clone())),
    ];
    for (name, value) in own {
        let value = value.map(|value| Property::new(words.word(name), xml(&value)));
        properties.extend(value);
    }
    properties
}

/// What stands in many places, made fit for XML once.
#[derive(Default)]
struct Words(HashMap<String, XmlString>);

impl Words {
    fn word(&mut self, text: &str) -> XmlString {
        if let Some(word) = self.0.get(text) {
            return word.clone();
        }
        let word = XmlString::new(xml(text));
        self.0.insert(text.to_owned(), word.clone());
        word
    }

    fn property(&mut self, name: &str, value: &str) -> Property {
        Property { name: self.word(name), value: self.word(value) }
    }
}

/// What stands for the cases of a run that did not end: a report of it must not be green.
fn cut_short(run: &RunRecord) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    let what = match run.lost() {
        0 if run.cases.is_empty() => {
            "the run did not end; nothing is known of its cases".to_owned()
        }
        0 => "the run is not whole: it was stopped, or a part of it is missing".to_owned(),
        lost => format!("the run did not end; nothing is known of {lost} of its cases"),
    };
    status.set_message(what);
    status.set_type("not played");
    let mut suite = TestSuite::new("rehearsal");
    suite.add_test_case(TestCase::new("the whole run", status));
    suite
}

/// Text with everything that XML cannot hold, or that would do something, as an escape.
fn xml(text: &str) -> String {
    let text = printable(text);
    let forbidden = |c: char| matches!(u32::from(c) & 0xffff, 0xfffe | 0xffff);
    if !text.contains(forbidden) {
        return text.into_owned();
    }
    text.chars().fold(String::new(), |mut safe, c| {
        if forbidden(c) {
            safe.extend(c.escape_unicode())
        } else {
            safe.push(c)
        }
        safe
    })
}
