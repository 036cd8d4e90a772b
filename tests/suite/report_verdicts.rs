//! What other programs are told of every verdict there is, and of every play behind it.

use std::collections::BTreeMap;

use crate::common::{filters, verdicts::team};

/// The report of a run of all verdicts, of which only a flaky case may pass or not.
fn junit(flaky: &str) -> String {
    let (team, _server) = team(flaky);
    team.run(&["run", "--junit", "junit.xml"]).expect(1);
    team.read("junit.xml")
}

/// The elements of each test case that say how it came out, in order.
fn results(junit: &str) -> BTreeMap<String, Vec<String>> {
    let element = regex::Regex::new(
        r#"<(testcase name|failure|error|skipped|flakyFailure|flakyError|rerunFailure|rerunError)[= ]"?([^ "]*)"#,
    );
    let mut results: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut case = String::new();
    for found in element.expect("a regex").captures_iter(junit) {
        match &found[1] {
            "testcase name" => {
                case = found[2].to_owned();
                results.entry(case.clone()).or_default();
            }
            other => results.entry(case.clone()).or_default().push(other.to_owned()),
        }
    }
    results
}

#[test]
fn junit_tells_every_play_that_did_not_pass_as_surefire_and_nextest_do() {
    let warned = results(&junit("warn"));
    let expected: [(&str, &[&str]); 8] = [
        ("errored", &["error", "rerunError"]),
        ("failed", &["failure", "rerunFailure", "rerunFailure"]),
        ("flaky", &["flakyFailure"]),
        ("passed", &[]),
        ("quarantined", &["skipped"]),
        ("skipped", &["skipped"]),
        ("varied", &["flakyFailure"]),
        ("ways", &["failure", "rerunFailure"]),
    ];
    for (case, elements) in expected {
        assert_eq!(warned[case], elements, "{case}");
    }
    let failing = results(&junit("fail"));
    assert_eq!(failing["flaky"], ["failure", "flakyFailure"]);
    let without = |mut all: BTreeMap<String, Vec<String>>| {
        all.remove("flaky");
        all
    };
    assert_eq!(without(failing), without(warned), "nothing else depends on it");
}

#[test]
fn the_counts_of_junit_are_those_of_its_elements() {
    for (flaky, numbers) in [
        ("warn", r#"tests="8" skipped="2" failures="2" errors="1""#),
        ("fail", r#"tests="8" skipped="2" failures="3" errors="1""#),
    ] {
        let junit = junit(flaky);
        assert_eq!(junit.matches(numbers).count(), 2, "testsuites and testsuite: {junit}");
        let results = results(&junit);
        let with = |element: &str| {
            results.values().filter(|all| all.iter().any(|one| one == element)).count()
        };
        let counted = format!(
            r#"tests="{}" skipped="{}" failures="{}" errors="{}""#,
            results.len(),
            with("skipped"),
            with("failure"),
            with("error")
        );
        assert_eq!(counted, numbers);
    }
}

#[test]
fn junit_of_every_verdict() {
    let junit = junit("fail");
    let varied = junit.split("<testcase name=\"varied\"").nth(1).expect("the case");
    let play = varied.split_once("<stackTrace>").expect("a play").1;
    assert!(play.starts_with("FAILED varied\n") && play.contains("    + No.\n"), "{play}");
    assert!(play.contains("\n  conversation  CONV-9  ") && play.contains("  as curl  "), "{play}");
    let mut settings = filters();
    settings.add_filter(r"(?s)>(FAILED|ERROR|FLAKY|quarantined) .*?</", ">[as at the terminal]</");
    settings.add_filter(r#" (time|timestamp)="[^"]*""#, "");
    settings.add_filter(r#"name="started" value="[^"]*""#, r#"name="started" value="[time]""#);
    settings.bind(|| insta::assert_snapshot!(junit));
}
