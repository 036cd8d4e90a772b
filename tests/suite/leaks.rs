//! Credentials that an agent or a proxy sends back, in whatever form, are written nowhere.

use std::fs;

use crate::common::{
    Ran, Team,
    recorder::{Recorder, Reply, reply},
    send_signal,
};
use serde_json::json;
use walkdir::WalkDir;

const KEY: &str = "sk/fake+key=for&tests/0";
const TOKEN: &str = "t0k%";

/// The same credentials as an agent, a proxy or a log could write them.
fn forms() -> Vec<String> {
    let mut forms = vec![
        KEY.to_owned(),
        "sk%2Ffake%2Bkey%3Dfor%26tests%2F0".to_owned(),
        "sk%2ffake%2bkey%3dfor%26tests%2f0".to_owned(),
        "sk&#x2F;fake&#x2B;key&#x3D;for&amp;tests&#x2F;0".to_owned(),
        "sk&#47;fake&#43;key&#61;for&#38;tests&#47;0".to_owned(),
        TOKEN.to_owned(),
        "t0k%25".to_owned(),
        "t0k&#37;".to_owned(),
    ];
    // printf '%s' '<before>sk/fake+key=for&tests/0<after>' | base64
    for base64 in [
        "c2svZmFrZStrZXk9Zm9yJnRlc3RzLzA=",
        "QXBpS2V5IHNrL2Zha2Ura2V5PWZvciZ0ZXN0cy8wLCBva2F5",
        "a2V5PXNrL2Zha2Ura2V5PWZvciZ0ZXN0cy8wLCBva2F5",
        "a2V5OiBzay9mYWtlK2tleT1mb3ImdGVzdHMvMCwgb2theQ==",
    ] {
        forms.push(base64.to_owned());
        forms.push(base64.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned());
    }
    forms
}

/// Everything that a run left in a team's folder.
fn written(team: &Team) -> Vec<(String, String)> {
    let files = WalkDir::new(team.path("")).into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file());
    let text = |path: &std::path::Path| fs::read_to_string(path).expect("UTF-8");
    files.map(|entry| (entry.path().display().to_string(), text(entry.path()))).collect()
}

fn team(server: &Recorder) -> Team {
    let team = Team::remote(&server.base_url)
        .var("REHEARSAL_TEST_KEY", KEY)
        .var("REHEARSAL_TEST_TOKEN", TOKEN);
    team.write(
        "conversations/a.yaml",
        "turns: [{ user: pinned }, { user: hi, expect: { contains: never } }, { user: error }]",
    );
    team
}

const REPORTS: &[&str] = &["--json", "r.jsonl", "--junit", "r.xml", "--html", "r.html"];

#[test]
fn a_credential_is_kept_out_of_everything_that_is_written_however_it_comes_back() {
    for form in forms() {
        let said = format!("before \"{form}\" after");
        let server = Recorder::agent(move |message| match message {
            "error" => Some(json!({ "success": false, "error_message": said, "error_code": said })),
            _ => Some(json!({
                "conversation_id": "CONV-1", "response": said, "end_conversation": false,
                "handoff": { "destination": said, "reason": said },
            })),
        });
        let team = team(&server);
        let ran = team.run(&[&["run", "--verbose"], REPORTS].concat()).expect(1);
        let mut all = written(&team);
        for name in ["a.snap.new", "r.jsonl", "r.xml", "r.html", ".rehearsal"] {
            assert!(all.iter().any(|(path, _)| path.contains(name)), "{name} was written");
        }
        all.push(("the terminal".to_owned(), ran.all()));
        for (path, text) in all {
            // Where a longer text begins differs with each form; the middle is in all of them.
            let middle = &form[form.len() / 2 - 2..form.len() / 2 + 2];
            let shown = if form.len() > 8 { middle } else { &form };
            assert!(!text.contains(shown), "{form} is in {path}:\n{text}");
        }
    }
}

#[test]
fn a_short_credential_is_kept_out_and_leaves_every_report_readable() {
    for key in ["1234", "case", "details"] {
        let said = format!("PIN {key}!");
        let server = Recorder::agent(move |_| {
            Some(json!({ "conversation_id": "CONV-1", "response": said, "ttl": 123_456 }))
        });
        let team = Team::remote(&server.base_url).var("REHEARSAL_TEST_KEY", key);
        team.write("conversations/a.yaml", "turns: [{ user: pinned }]");
        let ran = team.run(&[&["run"], REPORTS].concat()).expect(1);
        assert!(ran.stdout.contains("PIN [credential]!"), "{}", ran.all());
        assert!(team.read("snapshots/a.snap.new").contains("agent: PIN [credential]!"));
        assert!(team.read("r.html").contains("<details open class"));
        assert!(team.read("r.xml").contains("<testcase name"));
        team.run(&["report", "r.jsonl"]).expect(1);
        team.run(&["accept"]).expect(0);
        team.run(&["run"]).expect(0);
    }
}

#[test]
fn a_credential_that_could_not_be_kept_out_of_ordinary_text_is_refused() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url).var("REHEARSAL_TEST_KEY", "abc");
    team.write("conversations/a.yaml", "turns: [{ user: hello }]");
    let ran = team.run(&["run"]).expect(2);
    let says = "the value of REHEARSAL_TEST_KEY has fewer than 4 characters";
    assert!(ran.words().contains(says), "{}", ran.all());
    assert_eq!(server.operations(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_credential_is_kept_out_of_what_the_second_signal_lists() {
    let server = Recorder::start(|request| match request.operation() {
        "create" => {
            reply(200, json!({ "conversation_id": format!("CONV-{KEY}"), "response": "Hello." }))
                .into()
        }
        _ => Reply::Never,
    });
    let team = team(&server);
    let mut command = crate::common::interruptible(&team.command(&["run"]));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().expect("it starts");
    for operation in ["respond", "close"] {
        server.wait_for(operation, 1);
        send_signal(&child, "-INT");
    }
    let ran = Ran::of(child.wait_with_output().expect("it ends")).expect(130);
    assert!(ran.stderr.contains("may still be open"), "{}", ran.all());
    assert!(ran.stderr.contains("[credential]"), "{}", ran.all());
    assert!(!ran.all().contains("fake"), "{}", ran.all());
}

#[test]
fn credentials_that_come_back_are_shown_and_kept_nowhere() {
    let leak = "Your key is fake-key-for-tests, your token fake-token-for-tests.";
    let server = Recorder::agent(move |message| match message {
        "leak" => Some(json!({
            "conversation_id": "CONV-1", "response": leak, "end_conversation": false,
            "handoff": { "destination": "fake-key-for-tests", "reason": "fake-token-for-tests" },
        })),
        "error" => Some(json!({ "success": false, "error_message": leak, "error_code": "X" })),
        _ => None,
    });
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: leak }, { user: error }]");
    let ran = team.run(&["run", "--json", "run.jsonl"]).expect(1);
    assert!(ran.stdout.contains("Your key is [credential], your token"), "{}", ran.all());
    for file in ["snapshots/a.snap.new", "run.jsonl"] {
        let text = team.read(file);
        assert!(text.contains("[credential]"), "{text}");
        assert!(!text.contains("fake-key") && !text.contains("fake-token"), "{text}");
    }
}
