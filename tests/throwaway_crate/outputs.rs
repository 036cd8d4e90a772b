//! What `cargo test` writes besides its lines.

use crate::{
    command,
    common::{
        Team,
        recorder::{Recorder, reply},
    },
    expect, team,
};

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
    assert!(output.contains("would replace a file that"), "{output}");
    assert_eq!(team.read("out/local/hours@downtown.jsonl"), "mine");
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
