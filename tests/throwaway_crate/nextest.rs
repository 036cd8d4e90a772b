//! `cargo nextest run`.

use crate::{expect, team};

#[test]
#[ignore = "needs cargo-nextest"]
fn nextest_runs_each_conversation_and_its_junit_has_the_short_reason() {
    let team = team();
    team.write(".config/nextest.toml", "[profile.ci.junit]\npath = \"junit.xml\"\n");
    let output = expect(&team, &["nextest", "run"], &[], 0);
    assert!(output.contains("4 tests run: 4 passed, 1 skipped"), "{output}");
    team.write(
        "conversations/billing/twice.yaml",
        "turns: [{ user: twice, expect: { contains: through, handoff: BILLING } }]",
    );
    let output = expect(&team, &["nextest", "run", "--profile", "ci", "--no-fail-fast"], &[], 100);
    assert!(output.contains("1 failed"), "{output}");
    let junit = team.read("target/nextest/ci/junit.xml");
    let failure = junit.split("<failure").nth(1).expect("a failure");
    let message = failure.split('>').next().unwrap_or_default();
    assert!(message.contains("turn 1: the agent handed off to FRONT_DESK"), "{junit}");
}

#[test]
#[ignore = "needs cargo-nextest"]
fn nextest_parts_the_conversations_among_machines() {
    let team = team();
    let mut passed = Vec::new();
    for partition in ["count:1/2", "count:2/2"] {
        let output = expect(&team, &["nextest", "run", "--partition", partition], &[], 0);
        let lines = output.lines().filter(|line| line.trim_start().starts_with("PASS"));
        let before = passed.len();
        passed.extend(lines.filter_map(|line| line.split_whitespace().last().map(str::to_owned)));
        assert!(passed.len() > before, "{output}");
    }
    passed.sort();
    let all = ["billing/twice@downtown", "hours@downtown", "slow@downtown", "slow@uptown"];
    assert_eq!(passed, all);
}

#[test]
#[ignore = "needs cargo-nextest"]
fn the_processes_of_nextest_are_joined_into_one_report() {
    let team = team();
    let arguments = ["nextest", "run", "--no-tests=pass", "--test", "conversations"];
    let output = expect(&team, &arguments, &[("REHEARSAL_JSON", "run.jsonl")], 104);
    assert!(output.contains("set REHEARSAL_JSON to a folder"), "{output}");
    assert!(!team.exists("run.jsonl"));

    expect(&team, &arguments, &[("REHEARSAL_JSON", "parts/")], 0);
    let ran = team.run(&["report", "parts", "--junit", "all.xml", "--html", "all.html"]).expect(0);
    assert!(ran.stdout.contains("4 passed"), "{}", ran.all());
    // nextest begins no process for a conversation that is skipped.
    assert_eq!(team.read("all.xml").matches("<testcase ").count(), 4);

    let wrong = "turns: [{ user: hours?, expect: { contains: never } }]";
    team.write("conversations/slow.yaml", wrong);
    let keep_on = [&arguments[..], &["--no-fail-fast"]].concat();
    expect(&team, &keep_on, &[("REHEARSAL_JSON", "parts/")], 100);
    let ran = team.run(&["report", "parts"]).expect(1);
    assert!(ran.stdout.contains("FAILED slow@downtown"), "{}", ran.all());
}
