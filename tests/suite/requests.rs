//! What goes over the wire: exactly one create, one respond a turn and one close, with the
//! documented fields.

use crate::common::{
    Team,
    recorder::{Recorder, reply},
};
use serde_json::{Value, json};

const FULL: &str = r#"
variants: [downtown]
channel: sms
language: en-GB
integration_attributes: { tier: premium, visits: 3, vip: true, basket: { items: [1, 2.5, null] } }
turns:
  - user: ""
    metadata: { user_action: clicked_button, button_id: confirm }
    integration_attributes: { page: 2 }
    asr_lang_code: es-ES
    tts_lang_code: es-MX
    expect: { contains: You said }
  - user: plain
    expect: { equals: "You said: plain" }
"#;

#[test]
fn a_case_is_one_create_one_respond_a_turn_and_one_close() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write("conversations/full.yaml", FULL);
    team.run(&["run"]).expect(0);

    let requests = server.requests();
    assert_eq!(server.operations(), ["create", "respond", "respond", "close"]);
    let methods: Vec<&str> = requests.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(methods, ["POST", "POST", "POST", "PUT"]);
    assert_eq!(requests[0].path, "/v1/acme%20uk%2F1/PROJECT-1/chat/create");
    assert_eq!(
        requests[0].body,
        json!({
            "integration_attributes": {
                "tier": "premium", "visits": 3, "vip": true, "basket": { "items": [1, 2.5, null] },
            },
            "variant_id": "VARIANT-1",
            "channel": "sms",
            "asr_lang_code": "en-GB",
            "tts_lang_code": "en-GB",
        })
    );
    assert_eq!(
        requests[1].body,
        json!({
            "conversation_id": "CONV-1",
            "message": "",
            "integration_attributes": { "page": 2 },
            "metadata": { "user_action": "clicked_button", "button_id": "confirm" },
            "asr_lang_code": "es-ES",
            "tts_lang_code": "es-MX",
        })
    );
    let plain = json!({
        "conversation_id": "CONV-1",
        "message": "plain",
        "asr_lang_code": "es-ES",
        "tts_lang_code": "es-MX",
    });
    assert_eq!(requests[2].body, plain);
    assert_eq!(requests[3].body, json!({ "conversation_id": "CONV-1" }));
}

/// The platform keeps no language: a message without codes is heard in its fallback.
#[test]
fn the_language_goes_with_create_and_every_message_and_a_turns_own_holds_from_there_on() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    let turns = "turns:
  - { user: one, expect: { contains: one } }
  - { user: two, tts_lang_code: es-MX, expect: { contains: two } }
  - { user: three, asr_lang_code: fr-FR, expect: { contains: three } }
  - { user: four, language: de-DE, expect: { contains: four } }
  - { user: five, expect: { contains: five } }
";
    team.write("conversations/named.yaml", &format!("language: en-US\n{turns}"));
    let codes = |body: &Value| {
        ["asr_lang_code", "tts_lang_code"]
            .map(|key| body[key].as_str().unwrap_or_default().to_owned())
    };
    let sent = |team: &Team| {
        let before = server.requests().len();
        team.run(&["run"]).expect(0);
        let requests = server.requests();
        let spoken = requests[before..].iter().filter(|one| one.method == "POST");
        spoken.map(|request| codes(&request.body)).collect::<Vec<_>>()
    };
    let pairs =
        |codes: &[[&str; 2]]| codes.iter().map(|two| two.map(str::to_owned)).collect::<Vec<_>>();
    let expected = [
        ["en-US", "en-US"],
        ["en-US", "en-US"],
        ["en-US", "es-MX"],
        ["fr-FR", "es-MX"],
        ["de-DE", "de-DE"],
        ["de-DE", "de-DE"],
    ];
    assert_eq!(sent(&team), pairs(&expected));

    team.write("conversations/named.yaml", turns);
    let expected = [
        ["", ""],
        ["", ""],
        ["", "es-MX"],
        ["fr-FR", "es-MX"],
        ["de-DE", "de-DE"],
        ["de-DE", "de-DE"],
    ];
    assert_eq!(sent(&team), pairs(&expected));
}

#[test]
fn every_request_carries_the_credentials_and_a_unique_id() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write("conversations/full.yaml", FULL);
    team.run(&["run"]).expect(0);
    let mut ids = Vec::new();
    for request in server.requests() {
        let header = |name: &str| request.headers[name].to_str().expect("text").to_owned();
        assert_eq!(header("x-api-key"), "fake-key-for-tests");
        assert_eq!(header("x-token"), "fake-token-for-tests");
        assert_eq!(header("content-type"), "application/json");
        ids.push(header("x-polyai-correlation-id"));
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
fn what_is_not_given_is_not_sent() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write("conversations/bare.yaml", "turns: [{ user: hi, expect: { contains: hi } }]");
    team.run(&["run"]).expect(0);
    let bodies: Vec<Value> = server.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies[0], json!({}));
    assert_eq!(bodies[1], json!({ "conversation_id": "CONV-1", "message": "hi" }));
}

#[test]
fn nothing_is_sent_after_the_agent_ended_the_conversation() {
    let server = Recorder::agent(|message| {
        (message == "bye").then(
            || json!({ "conversation_id": "CONV-1", "response": "Bye.", "end_conversation": true }),
        )
    });
    let team = Team::remote(&server.base_url);
    team.write(
        "conversations/bye.yaml",
        "turns: [{ user: bye, expect: { contains: Bye, end_conversation: true } }]",
    );
    team.run(&["run"]).expect(0);
    assert_eq!(server.operations(), ["create", "respond"]);

    team.write(
        "conversations/bye.yaml",
        "turns: [{ user: bye, expect: { contains: Bye, end_conversation: true } }, { user: more }]",
    );
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("not reached: 1 turn"), "{}", ran.all());
    assert_eq!(server.operations(), ["create", "respond", "create", "respond"]);
}

#[test]
fn create_may_end_or_hand_off_at_once() {
    let server = Recorder::start(|request| match request.operation() {
        "create" => reply(
            201,
            json!({
                "conversation_id": "CONV-1", "response": "Closed.", "end_conversation": true,
                "handoff": { "destination": "NIGHT", "reason": null }, "unknown": [1],
            }),
        ),
        other => panic!("{other} is not expected"),
    });
    let team = Team::remote(&server.base_url);
    team.write(
        "conversations/night.yaml",
        "greeting: { contains: Closed, handoff: NIGHT, end_conversation: true }",
    );
    team.run(&["run"]).expect(0);
    team.write("conversations/night.yaml", "turns: [{ user: hello }]");
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("handoff in the greeting"), "{}", ran.all());
    assert!(ran.stdout.contains("end in the greeting"), "{}", ran.all());
    assert_eq!(server.operations(), ["create", "create"]);
}

#[test]
fn missing_credentials_stop_the_run_before_any_request() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: hello }]");
    let ran = team.run_with(&[("REHEARSAL_TEST_TOKEN", "")], &["run"]).expect(2);
    assert!(ran.stderr.contains("REHEARSAL_TEST_TOKEN is not set"), "{}", ran.all());
    let ran = team.run_with(&[("REHEARSAL_TEST_TOKEN", "abc\n")], &["run"]).expect(2);
    assert!(
        ran.stderr.contains("REHEARSAL_TEST_TOKEN starts or ends with whitespace"),
        "{}",
        ran.all()
    );
    assert_eq!(server.operations(), [""; 0]);
}

#[test]
fn an_empty_map_is_sent_where_it_is_written() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write(
        "conversations/a.yaml",
        "integration_attributes: {}\nturns: [{ user: hi, metadata: {}, expect: { contains: hi } }]",
    );
    team.run(&["run"]).expect(0);
    assert_eq!(server.requests()[0].body, json!({ "integration_attributes": {} }));
    assert_eq!(server.requests()[1].body["metadata"], json!({}));
}

#[test]
fn an_agent_cannot_forge_annotations() {
    let filler = format!("{} {}", "x".repeat(60), "y".repeat(9));
    let server = Recorder::agent(move |_| {
        Some(json!({
            "conversation_id": "CONV-1", "end_conversation": false,
            "response": format!("::error::a\n  ::set-output name=x::y\n{filler} ::warning::b ##[error]c ##vso[task]d"),
            "handoff": { "destination": "D\n::error::forged\n##vso[x]", "reason": "::notice::" },
        }))
    });
    let team = Team::remote(&server.base_url);
    team.write(
        "conversations/a.yaml",
        "turns: [{ user: hi, expect: { contains: never } }, { user: hi }]",
    );
    let ran = team.run(&["run"]).expect(1);
    for line in ran.stdout.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##["), "{line}");
        assert!(!line.contains("##vso["), "{line}");
    }
}
