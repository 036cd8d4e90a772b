//! What goes over the wire: exactly one create, one respond a turn and one close, with the
//! documented fields; and what is made of answers that are not as documented.

use crate::common::{
    Team, interruptible,
    recorder::{Recorder, Reply, reply},
    send_signal,
};
use axum::{body::Body, http::Response};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use std::net::SocketAddr;

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
fn every_request_carries_the_credentials_and_an_id_of_its_own() {
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
fn a_redirect_is_not_followed() {
    let server = Recorder::start(|request| match request.operation() {
        "create" => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = axum::http::StatusCode::TEMPORARY_REDIRECT;
            let location = "/elsewhere?token=x".parse().expect("a header");
            response.headers_mut().insert("location", location);
            response
        }
        other => panic!("{other} is not expected"),
    });
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: hello }]");
    let ran = team.run(&["run"]).expect(3);
    assert!(ran.words().contains("HTTP 307, a redirect to /elsewhere when"), "{}", ran.all());
    assert_eq!(server.operations(), ["create"]);
}

/// A body that is no answer, and what is said of it.
#[test]
fn answers_that_are_not_as_documented_are_errors_and_the_conversation_is_closed() {
    let wrong: [(u16, &str, &str); 12] = [
        (200, "<html>Sign in</html>", "the answer is not JSON"),
        (200, "[1]", "the answer is not a JSON object"),
        (200, "{\"response\": \"cut", "the answer was cut off"),
        (200, "{\"response\": 5}", "`response` in the answer is a number, not text"),
        (
            200,
            "{\"conversation_id\": \"CONV-2\", \"response\": \"x\"}",
            "for another conversation, `CONV-2`",
        ),
        (
            410,
            "{\"error_code\": \"CHAT_CONVERSATION_ENDED\", \"error_id\": \"e-1\"}",
            "HTTP 410 CHAT_CONVERSATION_ENDED",
        ),
        (400, "{\"error_message\": \"No such field\"}", "HTTP 400: No such field"),
        (503, "<html>\n<b>Busy</b>", "HTTP 503: <html> <b>Busy</b>"),
        (200, "{}", "the answer has no `response`"),
        (200, "{\"message\": \"no Route matched\"}", "HTTP 200: no Route matched"),
        (200, "{\"error_code\": \"CHAT_TIMEOUT\"}", "HTTP 200 CHAT_TIMEOUT"),
        (200, "{\"error_code\": \"E\", \"end_conversation\": false}", "HTTP 200 E when turn 1"),
    ];
    for (status, body, says) in wrong {
        let server = Recorder::start(move |request| match request.operation() {
            "create" => reply(200, json!({ "conversation_id": "CONV-1", "response": "Hello." })),
            "close" => reply(200, json!({ "success": true })),
            _ => {
                let mut response = reply(status, json!(null));
                *response.body_mut() = Body::from(body);
                response
            }
        });
        let team = Team::remote(&server.base_url);
        // What is only ruled out is not said in such an answer either.
        let turns =
            "turns: [{ user: hello, expect: { not: { contains: Nothing } } }, { user: more }]";
        team.write("conversations/a.yaml", turns);
        let ran = team.run(&["run"]).expect(3);
        let text = ran.words();
        assert!(text.contains(says), "{says}\n{}", ran.all());
        assert!(text.contains("/v1/acme%20uk%2F1/PROJECT-1/chat/respond"), "{}", ran.all());
        assert_eq!(server.operations(), ["create", "respond", "close"], "{says}");
    }
}

#[test]
fn an_answer_that_does_not_come_ends_the_case_in_time_and_is_not_asked_for_again() {
    let server = Recorder::start(|request| match request.operation() {
        "respond" => Reply::Never,
        _ => reply(
            200,
            json!({ "conversation_id": "CONV-1", "response": "Hello.", "success": true }),
        )
        .into(),
    });
    let team = Team::remote(&server.base_url);
    team.set("turn_timeout = \"2s\"");
    team.write("conversations/a.yaml", "turns: [{ user: hello }, { user: more }]");
    let ran = team.run(&["run"]).expect(3);
    assert!(ran.stdout.contains("no answer within 2s"), "{}", ran.all());
    assert_eq!(server.operations(), ["create", "respond", "close"]);
}

#[test]
fn a_server_that_is_not_there_is_an_error_with_advice() {
    // The port is taken, so that no other program listens there, but nobody listens.
    let taken = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    taken.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a port");
    let address = taken.local_addr().expect("an address").as_socket().expect("a port");
    let team = Team::remote(&format!("http://{address}"));
    team.write("conversations/a.yaml", "turns: [{ user: hello }]");
    let ran = team.run(&["run"]).expect(3);
    assert!(ran.stdout.contains("refused the connection"), "{}", ran.all());
    assert!(ran.words().contains("is the server running?"), "{}", ran.all());
}

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
fn a_repeated_create_that_may_have_been_heard_counts_as_a_conversation_that_may_be_open() {
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
fn missing_credentials_stop_the_run_before_any_request() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: hello }]");
    let ran = team.run_with(&[("REHEARSAL_TEST_TOKEN", "")], &["run"]).expect(2);
    assert!(ran.stderr.contains("REHEARSAL_TEST_TOKEN is not set"), "{}", ran.all());
    let ran = team.run_with(&[("REHEARSAL_TEST_TOKEN", "abc\n")], &["run"]).expect(2);
    assert!(ran.stderr.contains("REHEARSAL_TEST_TOKEN begins or ends with space"), "{}", ran.all());
    assert_eq!(server.operations(), [""; 0]);
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
fn an_expectation_whose_names_stand_for_nothing_fails() {
    let server = Recorder::agent(|_| None);
    let team = Team::remote(&server.base_url);
    team.write(
        "conversations/a.yaml",
        "turns:\n  - { user: hi, expect: { matches: 'hi(?P<ref>[0-9]*)' } }\n  - { user: hi, expect: { matches: '${ref}' } }\n  - { user: hi, expect: { contains: '${ref}' } }\n",
    );
    let ran = team.run(&["run"]).expect(1);
    assert_eq!(
        ran.stdout.matches("is empty here, so it would check nothing").count(),
        2,
        "{}",
        ran.all()
    );
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
        let ran = crate::common::Ran::of(child.wait_with_output().expect("it ends")).expect(3);
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
