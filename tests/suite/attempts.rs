//! What is tried again, and what never is.

use crate::common::{
    Team,
    recorder::{Recorder, reply},
};
use serde_json::json;

#[test]
fn a_case_that_could_not_be_played_is_begun_afresh_as_often_as_the_config_allows() {
    let creates = std::sync::atomic::AtomicUsize::new(0);
    let server = Recorder::start(move |request| match request.operation() {
        "create" => {
            let number = 1 + creates.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            reply(200, json!({ "conversation_id": format!("CONV-{number}"), "response": "Hello." }))
        }
        "close" => reply(200, json!({ "success": true })),
        _ if request.body["conversation_id"] == "CONV-1" => reply(500, json!({})),
        _ => reply(
            200,
            json!({ "conversation_id": "CONV-2", "response": "ok", "end_conversation": false }),
        ),
    });
    let team = Team::remote(&server.base_url);
    let config = team.read("rehearsal.toml") + "attempts = 2\n";
    team.write("rehearsal.toml", &config);
    team.write("conversations/a.yaml", "turns: [{ user: hello, expect: { contains: ok } }]");
    let ran = team.run(&["run"]).expect(0);
    assert!(ran.stdout.contains("on attempt 2"), "{}", ran.all());
    assert!(ran.stdout.contains("1 of them on a later attempt"), "{}", ran.all());
    let operations = ["create", "respond", "close", "create", "respond", "close"];
    assert_eq!(server.operations(), operations);
}

#[test]
fn a_repeated_create_that_may_have_arrived_counts_as_an_open_conversation() {
    for (status, may_be_open) in [(502, true), (503, true), (504, true), (429, false)] {
        let creates = std::sync::atomic::AtomicUsize::new(0);
        let server = Recorder::start(move |request| match request.operation() {
            "create" if creates.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 => {
                reply(status, json!({}))
            }
            _ => reply(
                200,
                json!({ "conversation_id": "CONV-1", "response": "ok", "success": true }),
            ),
        });
        let team = Team::remote(&server.base_url);
        team.write("conversations/a.yaml", "turns: [{ user: hi, expect: { contains: ok } }]");
        let ran = team.run(&["run", "--json", "run.jsonl"]).expect(0);
        let count = if may_be_open { 2 } else { 0 };
        assert!(team.read("run.jsonl").contains(&format!("\"maybe_created\":{count}")), "{status}");
        let lost = "2 conversations may have been started whose id never came";
        assert_eq!(ran.stdout.contains(lost), may_be_open, "{status}: {}", ran.all());
        assert!(ran.stdout.contains("2 requests sent again"), "{status}: {}", ran.all());
        let claim = "which the agent cannot have heard before";
        assert_eq!(ran.stdout.contains(claim), !may_be_open, "{status}: {}", ran.all());
    }
}

#[test]
fn a_failed_expectation_is_never_tried_again() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    let config = team.read("rehearsal.toml") + "attempts = 3\n";
    team.write("rehearsal.toml", &config);
    team.write(
        "conversations/a.yaml",
        "turns: [{ user: hello, expect: { equals: Good evening } }]",
    );
    team.run(&["run"]).expect(1);
    assert_eq!(server.operations(), ["create", "respond", "close"]);
}

#[test]
fn a_mismatch_before_a_broken_wire_is_a_failure_and_is_not_tried_again() {
    let server = Recorder::agent(|message| {
        (message == "break")
            .then(|| json!({ "success": false, "error_code": "FUNCTION_EXECUTION_FAILED" }))
    });
    let team = Team::remote(&server.base_url);
    let config = team.read("rehearsal.toml") + "attempts = 3\n";
    team.write("rehearsal.toml", &config);
    team.write(
        "conversations/a.yaml",
        "turns: [{ user: hi, expect: { contains: WRONG } }, { user: break }]",
    );
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("the response does not contain the text"), "{}", ran.all());
    assert!(ran.stdout.contains("FUNCTION_EXECUTION_FAILED"), "{}", ran.all());
    assert!(ran.stdout.contains("turn 2 of 2, conversations/a.yaml:1"), "{}", ran.all());
    assert_eq!(server.operations(), ["create", "respond", "respond", "close"]);
}
