//! A crate outside of this repository that depends on it by path: `cargo test`, nextest and
//! cargo-insta are run in it for real.

#[path = "suite/common/mod.rs"]
mod common;

use std::{
    path::Path,
    process::{Command, Output},
    sync::OnceLock,
};

use common::{
    Team, at_terminal, is_ours,
    recorder::{Recorder, reply},
};

const MANIFEST: &str = r#"[package]
name = "team"
version = "0.0.0"
edition = "2024"
publish = false

[lib]
path = "lib.rs"

[dev-dependencies]
rehearsal = { path = "REPOSITORY", default-features = false }

[[test]]
name = "conversations"
harness = false

[workspace]
"#;

const AGENT: &str = r#"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: twice }
    say: I will put you through.
    handoff: { destination: FRONT_DESK }
    end_conversation: true
"#;

/// The crate, with a green suite. Built once; what it builds lies in this package's own target
/// folder, where most of it is built already.
fn team() -> Team {
    static LOCK: OnceLock<String> = OnceLock::new();
    let repository = env!("CARGO_MANIFEST_DIR");
    let lock = LOCK.get_or_init(|| {
        std::fs::read_to_string(Path::new(repository).join("Cargo.lock")).expect("a lock file")
    });
    let team = Team::with_agent(AGENT);
    team.write("Cargo.toml", &MANIFEST.replace("REPOSITORY", repository));
    team.write("Cargo.lock", lock);
    team.write("lib.rs", "");
    team.write(
        "tests/conversations.rs",
        "fn main() -> std::process::ExitCode {\n    rehearsal::harness()\n}\n",
    );
    team.write("conversations/hours.yaml", "turns: [{ user: hours?, expect: { contains: noon } }]");
    team.write(
        "conversations/billing/twice.yaml",
        "turns: [{ user: twice, expect: { contains: through, handoff: FRONT_DESK } }]",
    );
    team.write(
        "conversations/slow.yaml",
        "variants: all\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.write("conversations/later.yaml", "skip: Not built yet\nturns: [{ user: hello }]");
    team
}

/// Runs cargo in the crate; the output without colour.
fn cargo(team: &Team, arguments: &[&str], vars: &[(&str, &str)]) -> (i32, String) {
    let output = command(team, arguments, vars).output().expect("cargo runs");
    let Output { status, stdout, stderr } = output;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code().unwrap_or(-1), text(&stdout) + &text(&stderr))
}

fn command(team: &Team, arguments: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(team.path("")).args(arguments);
    for name in ["CI", "RUST_BACKTRACE", "CARGO_TERM_COLOR"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars().filter(|(name, _)| is_ours(name)) {
        command.env_remove(name);
    }
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("throwaway"));
    command.envs(vars.iter().copied());
    command
}

#[track_caller]
fn expect(team: &Team, arguments: &[&str], vars: &[(&str, &str)], status: i32) -> String {
    let (got, output) = cargo(team, arguments, vars);
    assert_eq!(got, status, "cargo {}\n{output}", arguments.join(" "));
    output
}

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
#[ignore = "needs cargo-insta"]
fn cargo_insta_finds_accepts_and_judges_the_snapshots() {
    let team = team();
    team.write("conversations/pinned.yaml", "turns:\n  - user: hours?\n");
    expect(&team, &["test", "--quiet"], &[], 101);
    let pending = "snapshots/pinned@downtown.snap.new";
    let written = team.read(pending);
    let output = expect(&team, &["insta", "pending-snapshots"], &[], 0);
    assert!(output.contains("pinned@downtown.snap"), "{output}");
    expect(&team, &["insta", "accept"], &[], 0);
    let by_insta = team.read("snapshots/pinned@downtown.snap");
    assert!(!team.exists(pending));

    // What `rehearsal accept` writes is the same, byte for byte.
    team.write(pending, &written);
    std::fs::remove_file(team.path("snapshots/pinned@downtown.snap")).expect("a file");
    team.run(&["accept"]).expect(0);
    assert_eq!(team.read("snapshots/pinned@downtown.snap"), by_insta);
    expect(&team, &["test", "--quiet"], &[], 0);

    // `cargo insta test` gives the verdict itself.
    expect(&team, &["insta", "test", "--unreferenced=reject"], &[], 0);
    team.write(
        "snapshots/gone@downtown.snap",
        "---\nsource: conversations/gone.yaml\n---\n- user: x\n  agent: y\n",
    );
    let output = expect(&team, &["insta", "test", "--unreferenced=reject"], &[], 1);
    assert!(output.contains("gone@downtown.snap"), "{output}");
    std::fs::remove_file(team.path("snapshots/gone@downtown.snap")).expect("a file");

    let agent = team.read("agents/agent.yaml").replace("at noon", "at one");
    team.write("agents/agent.yaml", &agent);
    for file in ["hours", "slow"] {
        std::fs::remove_file(team.path(format!("conversations/{file}.yaml"))).expect("a file");
    }
    expect(&team, &["insta", "test"], &[], 1);
    assert!(team.read(pending).contains("at one"));
    expect(&team, &["insta", "test", "--accept"], &[], 0);
    assert!(team.read("snapshots/pinned@downtown.snap").contains("at one"));
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs cargo-insta"]
fn cargo_insta_reviews_and_rejects_turns_as_it_does_any_snapshot() {
    let team = team();
    let accepted = "snapshots/pinned@downtown.snap";
    let pending = "snapshots/pinned@downtown.snap.new";
    team.write("conversations/pinned.yaml", "turns:\n  - user: hours?\n  - user: hours again?\n");
    for file in ["hours", "slow"] {
        std::fs::remove_file(team.path(format!("conversations/{file}.yaml"))).expect("a file");
    }
    expect(&team, &["test", "--quiet"], &[], 101);
    expect(&team, &["insta", "reject"], &[], 0);
    assert!(!team.exists(pending) && !team.exists(accepted));

    expect(&team, &["test", "--quiet"], &[], 101);
    let ran = at_terminal("a", &command(&team, &["insta", "review"], &[])).expect(0);
    assert!(ran.stdout.contains("hours again?"), "{}", ran.all());
    assert!(team.exists(accepted) && !team.exists(pending));

    let agent = team.read("agents/agent.yaml").replace("at noon", "at one");
    team.write("agents/agent.yaml", &agent);
    let before = team.read(accepted);
    at_terminal("r", &command(&team, &["insta", "test", "--review"], &[]));
    assert_eq!(team.read(accepted), before);
    assert!(!team.exists(pending));

    // A placeholder that somebody put into one turn outlives the change of the other.
    team.write(accepted, &before.replacen("at noon", "at {{any}}", 1));
    expect(&team, &["insta", "test", "--accept"], &[], 0);
    let kept = team.read(accepted);
    assert!(kept.contains("at {{any}}") && kept.contains("at one"), "{kept}");
}

#[test]
#[ignore = "needs cargo-insta and cargo-nextest"]
fn cargo_insta_under_nextest_judges_which_snapshots_are_used() {
    let team = team();
    team.write("conversations/pinned.yaml", "turns:\n  - user: hours?\n");
    for file in ["hours", "slow"] {
        std::fs::remove_file(team.path(format!("conversations/{file}.yaml"))).expect("a file");
    }
    let test = ["insta", "test", "--test-runner", "nextest", "--unreferenced=reject"];
    expect(&team, &test, &[], 1);
    expect(&team, &["insta", "accept"], &[], 0);
    expect(&team, &test, &[], 0);
    team.write(
        "snapshots/gone@downtown.snap",
        "---\nsource: conversations/gone.yaml\n---\n- user: x\n  agent: y\n",
    );
    let output = expect(&team, &test, &[], 1);
    assert!(output.contains("gone@downtown.snap"), "{output}");
}

#[test]
fn a_run_without_threads_is_refused() {
    let team = team();
    let test = ["test", "--quiet", "--test", "conversations", "--", "--test-threads", "0"];
    let output = expect(&team, &test, &[], 101);
    assert!(output.contains("error: --test-threads 0 would play nothing"), "{output}");
}

#[test]
fn a_reader_that_goes_away_fails_no_test_and_leaves_no_conversation_open() {
    let team = team();
    for threads in ["--test-threads=1", "--test-threads=4"] {
        let arguments = ["test", "--quiet", "--test", "conversations", "--", threads];
        let (reader, closed) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = command(&team, &arguments, &[("REHEARSAL_JSON", "run.jsonl")]);
        let output = command.stdout(closed).output().expect("cargo runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        let lines = team.read("run.jsonl");
        let end = lines.lines().last().expect("a line");
        assert!(end.contains(r#""event":"run_finished","passed":4"#), "{lines}");
    }
}

#[test]
fn a_run_of_cargo_test_is_written_as_json_lines() {
    let team = team();
    let arguments = ["test", "--quiet", "--test", "conversations"];
    expect(&team, &arguments, &[("REHEARSAL_JSON", "out/run.jsonl")], 0);
    let ran = team.run(&["report", "out/run.jsonl"]).expect(0);
    assert!(ran.stdout.contains("4 passed, 1 skipped"), "{}", ran.all());
    assert!(ran.stderr.is_empty(), "{}", ran.all());
    // A report that this build does not have is refused, not left out.
    let output = expect(&team, &arguments, &[("REHEARSAL_HTML", "r.html")], 101);
    assert!(output.contains("features = [\"reports\"]"), "{output}");
    assert!(!team.exists("r.html"));
}

#[test]
fn no_output_of_cargo_test_replaces_a_file_of_the_suite_or_anything_but_a_report() {
    let team = team();
    team.write("notes.txt", "mine");
    let test = |arguments: &[&str], vars: &[(&str, &str)]| {
        let arguments = [&["test", "--quiet", "--test", "conversations", "--"], arguments].concat();
        let output = expect(&team, &arguments, vars, 101);
        assert!(output.contains("would replace"), "{output}");
    };
    let read = |path: &str| std::fs::read(team.path(path)).expect("a file");
    let paths = ["rehearsal.toml", "agents/agent.yaml", "conversations/hours.yaml", "notes.txt"];
    let before = paths.map(read);
    for path in paths {
        for name in ["REHEARSAL_JSON", "REHEARSAL_JUNIT", "REHEARSAL_HTML"] {
            test(&[], &[(name, path)]);
        }
    }
    test(&["--logfile", "rehearsal.toml"], &[]);
    assert_eq!(paths.map(read), before);
    // The file that one case writes, in a folder of them.
    team.write("out/local/hours@downtown.jsonl", "mine");
    let arguments = ["test", "--quiet", "--test", "conversations", "--", "hours"];
    let output = expect(&team, &arguments, &[("REHEARSAL_JSON", "out/")], 101);
    assert!(output.contains("would replace something else"), "{output}");
    assert_eq!(team.read("out/local/hours@downtown.jsonl"), "mine");
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

#[test]
fn a_credential_is_kept_out_of_the_list_of_what_may_be_open() {
    let server = Recorder::start(|request| {
        let status = if request.operation() == "close" { 500 } else { 200 };
        let id = "CONV-fake-key-for-tests";
        reply(status, serde_json::json!({ "conversation_id": id, "response": "We open at noon." }))
    });
    let team = team();
    let remote = Team::remote(&server.base_url);
    team.write("rehearsal.toml", &remote.read("rehearsal.toml"));
    team.write("conversations/slow.yaml", "turns: [{ user: x, expect: { contains: noon } }]");
    let vars = [
        ("REHEARSAL_TEST_KEY", "fake-key-for-tests"),
        ("REHEARSAL_TEST_TOKEN", "fake-token-for-tests"),
    ];
    let arguments = ["test", "--quiet", "--test", "conversations", "--", "hours"];
    let output = expect(&team, &arguments, &vars, 0);
    assert!(output.contains("may still be open on the platform"), "{output}");
    assert!(output.contains("--environment sandbox 'CONV-[credential]'"), "{output}");
    assert!(!output.contains("fake-key"), "{output}");
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
