//! Conversations that are closed: by a run, by a signal, afterwards.

use crate::common::{
    Ran, Team, interruptible,
    recorder::{Recorder, Reply, reply},
    send_signal,
};
use serde_json::json;

#[test]
fn a_close_that_is_not_confirmed_changes_no_verdict_but_is_told() {
    let server = Recorder::start(|request| match request.operation() {
        "close" => reply(200, json!({ "success": false })),
        "create" => reply(200, json!({ "conversation_id": "CONV-1", "response": "Hello." })),
        _ => reply(
            200,
            json!({ "conversation_id": "CONV-1", "response": "ok", "end_conversation": false }),
        ),
    });
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: hi, expect: { contains: ok } }]");
    let ran = team.run(&["run"]).expect(0);
    let close = "rehearsal close --project demo --environment sandbox CONV-1";
    assert!(ran.stdout.contains(close), "{}", ran.all());
    assert!(ran.stdout.contains("6 requests"), "{}", ran.all());
    assert_eq!(server.operations(), ["create", "respond", "close", "close", "close", "close"]);
}

#[cfg(unix)]
#[test]
fn a_signal_closes_what_is_open_and_ends_the_run_in_red() {
    let server = Recorder::start(|request| match request.operation() {
        "respond" => Reply::Never,
        _ => reply(
            200,
            json!({ "conversation_id": "CONV-1", "response": "Hello.", "success": true }),
        )
        .into(),
    });
    for (before, signal) in ["-INT", "-TERM", "-HUP"].into_iter().enumerate() {
        let team = Team::remote(&server.base_url);
        team.write("conversations/a.yaml", "turns: [{ user: hi }, { user: more }]");
        let mut command = interruptible(&team.command(&["run"]));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let child = command.spawn().expect("it starts");
        server.wait_for("respond", before + 1);
        send_signal(&child, signal);
        let ran = Ran::of(child.wait_with_output().expect("it ends")).expect(3);
        assert!(ran.stdout.contains("the run is not whole: it was stopped"), "{}", ran.all());
        assert_eq!(server.operations()[3 * before..], ["create", "respond", "close"], "{signal}");
    }
}

#[test]
fn close_closes_what_a_run_left_open() {
    let server = Recorder::start(|request| match request.body["conversation_id"].as_str() {
        Some("CONV-gone") => reply(410, json!({ "error_code": "CHAT_CONVERSATION_ENDED" })),
        Some("CONV-stuck") => reply(500, json!({})),
        _ => reply(200, json!({ "success": true })),
    });
    let team = Team::remote(&server.base_url);
    let ran = team.run(&["close", "CONV-1", "CONV-gone"]).expect(0);
    assert!(ran.stdout.starts_with("closed CONV-1\nover   CONV-gone"), "{}", ran.all());
    let ran = team.run(&["close", "CONV-stuck", "CONV-2"]).expect(3);
    assert!(ran.stderr.contains("CONV-stuck: PUT"), "{}", ran.all());
    assert_eq!(server.operations(), ["close", "close", "close", "close"]);
    let local = Team::with_agent("  - { say: hi }\n");
    let ran = local.run(&["close", "CONV-1"]).expect(2);
    assert!(ran.stderr.contains("is answered by the embedded agent"), "{}", ran.all());
}
