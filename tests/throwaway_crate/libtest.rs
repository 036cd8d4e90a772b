//! `cargo test`: flags, selection, failures.

use crate::{expect, team};

#[test]
fn cargo_test_runs_every_conversation_with_the_flags_of_libtest() {
    let team = team();
    let test = |arguments: &[&str], status: i32| {
        let arguments = [&["test", "--quiet", "--test", "conversations", "--"], arguments].concat();
        expect(&team, &arguments, &[], status)
    };
    let output = expect(&team, &["test"], &[], 0);
    assert!(output.contains("test billing/twice@downtown"), "{output}");
    assert!(output.contains("ignored (Not built yet)"), "{output}");
    assert!(output.contains("4 passed; 0 failed; 1 ignored"), "{output}");

    let listed = test(&["--list"], 0);
    let names: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    assert_eq!(
        names,
        [
            "billing/twice@downtown",
            "hours@downtown",
            "later@downtown",
            "slow@downtown",
            "slow@uptown"
        ]
    );
    assert!(test(&["billing", "hours"], 0).contains("2 passed"));
    assert!(test(&["--skip", "slow", "--skip", "later"], 0).contains("2 passed"));
    assert!(test(&["--exact", "slow@uptown"], 0).contains("1 passed"));
    assert!(test(&["--exact", "slow@uptown", "hours@downtown"], 0).contains("2 passed"));
    assert!(test(&["--test-threads", "1"], 0).contains("4 passed"));
    assert!(test(&["--ignored"], 101).contains("0 passed; 1 failed"));
    let json = test(&["-Z", "unstable-options", "--format", "json"], 0);
    let line = json.lines().find(|line| line.contains("hours@downtown") && line.contains("\"ok\""));
    assert!(
        line.is_some_and(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
        "{json}"
    );
    assert!(test(&["nothing-like-this"], 101).contains("no case is selected"));
}

#[test]
fn a_failure_is_complete_inside_the_block_of_libtest() {
    let team = team();
    team.write(
        "conversations/billing/twice.yaml",
        "turns: [{ user: twice, expect: { contains: through, handoff: BILLING } }]",
    );
    let output = expect(&team, &["test", "--quiet"], &[], 101);
    let block = output.split("---- billing/twice@downtown ----").nth(1).expect("a block");
    for part in [
        "handoff in turn 1: the agent handed off to FRONT_DESK",
        "--> conversations/billing/twice.yaml:1:",
        "a handoff to BILLING",
        "CONV-",
        "rehearsal run --environment local --exact billing/twice@downtown",
        "cargo test --test conversations -- \\",
    ] {
        assert!(block.contains(part), "{part}\n{output}");
    }
    assert!(output.contains("3 passed; 1 failed; 1 ignored"), "{output}");
}

#[test]
fn a_mistake_in_a_file_or_no_conversation_at_all_is_red() {
    let team = team();
    team.write("conversations/wrong.yaml", "turns: [{ usr: x }]");
    let output = expect(&team, &["test", "--quiet"], &[], 101);
    assert!(
        output.contains("did you mean `user`?") && output.contains("1 mistake; nothing was played"),
        "{output}"
    );
    std::fs::remove_file(team.path("conversations/wrong.yaml")).expect("a file");
    let output = expect(&team, &["test", "--quiet"], &[("REHEARSAL_VARIANT", "downtwon")], 101);
    assert!(output.contains("did you mean `downtown`?"), "{output}");
    std::fs::remove_dir_all(team.path("conversations")).expect("a folder");
    let output = expect(&team, &["test", "--quiet"], &[], 101);
    assert!(output.contains("there are no conversations"), "{output}");
}

#[test]
fn variables_stand_in_for_flags_that_libtest_does_not_have() {
    let team = team();
    let output = expect(&team, &["test", "--quiet"], &[("REHEARSAL_VARIANT", "uptown")], 0);
    assert!(output.contains("1 passed"), "{output}");
    let output = expect(&team, &["test", "--quiet"], &[("REHEARSAL_ENVIRONMENT", "live")], 101);
    assert!(output.contains("there is no environment `live`"), "{output}");
}

#[test]
fn a_selection_of_nothing_by_variables_is_red_also_where_tests_are_only_listed() {
    let team = team();
    let list = ["test", "--quiet", "--test", "conversations", "--", "--list"];
    let output = expect(&team, &list, &[("REHEARSAL_TAG", "smokk")], 101);
    assert!(output.contains("with the tag `smokk`"), "{output}");
    let listed = expect(&team, &[&list[..], &["nothing-like-this"]].concat(), &[], 0);
    assert!(!listed.contains(": test"), "{listed}");
    let only = ["test", "--quiet", "--test", "conversations", "--", "later"];
    let output = expect(&team, &only, &[], 101);
    assert!(output.contains("every selected conversation is skipped"), "{output}");
    let ignored = [
        "test",
        "--quiet",
        "--test",
        "conversations",
        "--",
        "--exact",
        "later@downtown",
        "--ignored",
    ];
    let output = expect(&team, &ignored, &[], 101);
    assert!(output.contains("has not been accepted yet"), "{output}");
}

#[test]
fn tests_of_which_none_is_played_are_never_green() {
    let team = team();
    let test = |arguments: &[&str], vars: &[(&str, &str)], says: &str| {
        let arguments = [&["test", "--quiet", "--test", "conversations", "--"], arguments].concat();
        let output = expect(&team, &arguments, vars, 101);
        assert!(output.contains(says), "{says}: {output}");
    };
    let none_is_skipped = "--ignored plays what is skipped, and none of the selected";
    test(&["hours", "--ignored"], &[], none_is_skipped);
    test(&["hours", "--ignored", "--include-ignored"], &[], none_is_skipped);
    test(&["--bench"], &[], "--bench runs benchmarks");
    test(&["--skip", "twcie"], &[], "--skip `twcie` leaves out no case: did you mean `twice`?");
    test(&["--list", "--skip", "twcie"], &[], "leaves out no case");
    for name in ["ENVIRONMENT", "PROJECT", "VARIANT", "TAG", "CONFIG", "JSON", "JUNIT", "HTML"] {
        let name = format!("REHEARSAL_{name}");
        test(&[], &[(&name, "")], &format!("{name} is set and empty"));
    }
}

#[test]
fn a_run_without_threads_is_refused() {
    let team = team();
    let test = ["test", "--quiet", "--test", "conversations", "--", "--test-threads", "0"];
    let output = expect(&team, &test, &[], 101);
    assert!(output.contains("error: --test-threads 0 would play nothing"), "{output}");
}

#[test]
fn a_failure_names_the_commands_of_cargo_that_play_and_accept_it() {
    let team = team();
    team.write("conversations/hours.yaml", "turns: [{ user: hours? }]");
    let vars = [("REHEARSAL_ENVIRONMENT", "local")];
    let output = expect(&team, &["test", "hours"], &vars, 101);
    let command = "REHEARSAL_ENVIRONMENT=local cargo test --test conversations --";
    for (word, command) in
        [("play", command.to_owned()), ("accept", format!("INSTA_UPDATE=always {command}"))]
    {
        let shown = format!("{command} \\\n                  --exact hours@downtown");
        let one_line = format!("{command} --exact hours@downtown");
        assert!(output.contains(&shown) || output.contains(&one_line), "{word}: {output}");
    }
    let accept = ["test", "--test", "conversations", "--", "--exact", "hours@downtown"];
    expect(&team, &accept, &[vars[0], ("INSTA_UPDATE", "always")], 0);
    expect(&team, &accept, &vars, 0);
}
