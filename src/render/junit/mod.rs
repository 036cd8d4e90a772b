//! JUnit XML, for the test views of GitHub, GitLab, Jenkins and everything else.

mod case;
mod plays;

use std::{
    io::{self, Write},
    path::Path,
    time::Duration,
};

use jiff::Timestamp;

use self::case::test_case;
use super::{
    Document, Repository,
    spool::{Part, Spool},
    xml::Elements,
};
use crate::{
    config::Place,
    conversation::CaseName,
    outcome::{CaseOutcome, RunInfo, Summary, Verdict},
    text::Scrubber,
};

/// A run as JUnit XML: a suite for every project and environment, a test case for every case, made
/// as soon as the case is over.
///
/// What failed is a `failure`, what could not be played an `error`, what is quarantined `skipped`.
/// Of a case that passed after all, the plays that did not are `flakyFailure` and `flakyError`; of
/// one that did not pass the other plays are `rerunFailure` and `rerunError`, as Maven Surefire and
/// cargo-nextest write them. Attempts that could not be played are errors of the same kind. What else is known is a property of the test case, which parsers
/// read although the oldest schemas know them of suites only; `file` and `line` of the test case
/// are what annotators go by.
#[derive(Debug)]
pub struct JUnit {
    /// The test cases, as they came.
    cases: Spool,
    suites: Vec<TestSuite>,
    expected: usize,
    scrubber: Scrubber,
    repository: Repository,
    /// A test case at the depth it has in the report; what was written stays here for the next.
    scratch: Elements<Vec<u8>>,
}

/// The cases of one project in one environment.
#[derive(Debug)]
struct TestSuite {
    place: Place,
    /// Where the test case stands among all.
    cases: Vec<(CaseName, Part)>,
    counts: TestCounts,
    duration: Duration,
    started: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default)]
struct TestCounts {
    tests: usize,
    skipped: usize,
    errors: usize,
    failures: usize,
}

impl JUnit {
    /// The report of a run that begins. What does not fit into memory lies in a folder.
    #[must_use]
    pub fn new(
        folder: Option<&Path>,
        run: &RunInfo,
        repository: &Repository,
        scrubber: Scrubber,
    ) -> Self {
        let mut scratch = Elements::new(Vec::new());
        for element in ["testsuites", "testsuite"] {
            // Memory can be written to.
            let _ = scratch.open(element, &[]);
        }
        let cases = Spool::new(folder);
        let repository = repository.clone();
        Self { cases, suites: Vec::new(), expected: run.cases, scrubber, repository, scratch }
    }

    fn suite(&mut self, case: &CaseOutcome) -> &mut TestSuite {
        let known = self.suites.iter().position(|suite| case.is_in(&suite.place));
        let at = known.unwrap_or_else(|| {
            self.suites.push(TestSuite::new(case.place()));
            self.suites.len() - 1
        });
        &mut self.suites[at]
    }
}

impl Document for JUnit {
    fn add(&mut self, case: &CaseOutcome) -> io::Result<()> {
        self.scratch.out().clear();
        test_case(&mut self.scratch, case, &self.repository)?;
        let text = std::str::from_utf8(self.scratch.out()).unwrap_or_default();
        let part = self.cases.add(&self.scrubber.scrub_markup(text))?;
        self.suite(case).add(case, part);
        Ok(())
    }

    fn write(mut self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self.suites.sort_by(|a, b| a.place.cmp(&b.place));
        let known: usize = self.suites.iter().map(|suite| suite.cases.len()).sum();
        let whole = !summary.interrupted && known > 0;
        let mut counts = if whole { TestCounts::default() } else { TestCounts::ERROR };
        self.suites.iter().for_each(|suite| counts.add(suite.counts));
        let mut xml = Elements::new(out);
        xml.declare()?;
        let time = seconds(Duration::from_millis(summary.duration_ms));
        counts.open(&mut xml, "testsuites", "rehearsal", &[("time", &time)])?;
        for suite in self.suites {
            suite.write(&mut self.cases, &self.scrubber, &mut xml)?;
        }
        if !whole {
            cut_short(&mut xml, known, self.expected.saturating_sub(known))?;
        }
        xml.close("testsuites")?;
        xml.end()
    }
}

impl TestSuite {
    fn new(place: Place) -> Self {
        let counts = TestCounts::default();
        Self { place, cases: Vec::new(), counts, duration: Duration::ZERO, started: None }
    }

    fn add(&mut self, case: &CaseOutcome, part: Part) {
        self.counts.add(TestCounts::of(case));
        self.duration = self.duration.saturating_add(case.duration());
        if let Some(play) = case.plays.first() {
            self.started = Some(self.started.map_or(play.started, |first| first.min(play.started)));
        }
        self.cases.push((case.case.clone(), part));
    }

    fn write<W: Write>(
        mut self,
        cases: &mut Spool,
        scrubber: &Scrubber,
        xml: &mut Elements<W>,
    ) -> io::Result<()> {
        self.cases.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let started = self.started.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00");
        let times = [("timestamp", &*started.to_string()), ("time", &*seconds(self.duration))];
        let Place { project, environment } = &self.place;
        let name = format!("{project} · {environment}");
        self.counts.open(xml, "testsuite", &scrubber.scrub(&name), &times)?;
        properties(xml, &[("project", project), ("environment", environment)])?;
        for (_, part) in self.cases {
            cases.copy(&part, xml.out())?;
        }
        xml.close("testsuite")
    }
}

impl TestCounts {
    /// One that could not be played.
    const ERROR: Self = Self { tests: 1, skipped: 0, errors: 1, failures: 0 };

    fn of(case: &CaseOutcome) -> Self {
        let one = Self { tests: 1, ..Self::default() };
        match case.verdict {
            Verdict::Skipped | Verdict::Quarantined => Self { skipped: 1, ..one },
            Verdict::Errored => Self::ERROR,
            _ if case.is_failing() => Self { failures: 1, ..one },
            _ => one,
        }
    }

    fn add(&mut self, other: Self) {
        self.tests += other.tests;
        self.skipped += other.skipped;
        self.errors += other.errors;
        self.failures += other.failures;
    }

    /// Begins an element that has a name and these numbers.
    fn open<W: Write>(
        self,
        xml: &mut Elements<W>,
        element: &str,
        name: &str,
        more: &[(&str, &str)],
    ) -> io::Result<()> {
        let numbers = [self.tests, self.skipped, self.errors, self.failures];
        let [tests, skipped, errors, failures] = &numbers.map(|number| number.to_string());
        let mut all = vec![
            ("name", name),
            ("tests", tests),
            ("skipped", skipped),
            ("failures", failures),
            ("errors", errors),
        ];
        all.extend(more);
        xml.open(element, &all)
    }
}

/// What stands for the cases of a run that did not end: a report of it must not be green.
fn cut_short<W: Write>(xml: &mut Elements<W>, known: usize, lost: usize) -> io::Result<()> {
    let what = match lost {
        0 if known == 0 => "the run did not end; nothing is known of its cases".to_owned(),
        0 => "the run is not whole: it was stopped, or a part of it is missing".to_owned(),
        lost => format!("the run did not end; nothing is known of {lost} of its cases"),
    };
    TestCounts::ERROR.open(xml, "testsuite", "rehearsal", &[])?;
    xml.open("testcase", &[("name", "the whole run")])?;
    xml.empty("error", &[("message", &what), ("type", "not played")])?;
    xml.close("testcase")?;
    xml.close("testsuite")
}

fn properties<W: Write>(xml: &mut Elements<W>, all: &[(&str, &str)]) -> io::Result<()> {
    xml.open("properties", &[])?;
    for (name, value) in all {
        xml.empty("property", &[("name", name), ("value", value)])?;
    }
    xml.close("properties")
}

fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}
