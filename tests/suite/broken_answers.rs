//! What is made of answers that are not as documented, or do not come.

use std::net::SocketAddr;

use crate::common::{
    Team,
    recorder::{Recorder, Reply, reply},
};
use axum::{body::Body, http::Response};
use serde_json::json;
use socket2::{Domain, Socket, Type};

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
