//! The embedded agent answers as the platform does: statuses, bodies, headers, state.

use std::{path::Path, time::Duration};

use crate::common::Team;
use rehearsal::{
    agent::{AgentScript, AgentServer, Faults, ServedProject},
    source::Problems,
};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

/// The shipped agent, served for one account and one project.
async fn serve() -> (AgentServer, Client) {
    let mut problems = Problems::default();
    let script = AgentScript::read_file(Path::new("agents/bistro.yaml"), &mut problems);
    assert!(problems.is_empty());
    let known = ServedProject {
        account_id: Some("acme uk".to_owned()),
        project_id: Some("P-1".to_owned()),
    };
    let server = AgentServer::start(script.expect("an agent"), known, Faults::default(), 0)
        .await
        .expect("a port");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(5)).build();
    (server, client.expect("a client"))
}

async fn send(
    server: &AgentServer,
    client: &Client,
    method: Method,
    path: &str,
    body: &Value,
) -> Response {
    let url = format!("{}/v1/acme%20uk/P-1/chat/{path}", server.base_url());
    let request = client.request(method, url).header("X-API-KEY", "k").header("X-TOKEN", "t");
    request.body(body.to_string()).send().await.expect("an answer")
}

async fn ok(response: Response) -> Value {
    assert_eq!(response.status(), 200);
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}

/// Fails unless this is a refusal with the documented body.
async fn refused(response: Response, status: u16, code: &str) {
    assert_eq!(response.status(), status);
    let id = response.headers()["x-polyai-correlation-id"].to_str().expect("text").to_owned();
    let body: Value =
        serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(body["error_code"], code);
    assert_eq!(body["success"], false);
    assert_eq!(body["error_id"], id);
    assert!(body["error_message"].is_string() && body["data"].is_null());
}

#[tokio::test]
async fn a_conversation_is_created_answered_and_closed() {
    let (server, client) = serve().await;
    let created = ok(send(&server, &client, Method::POST, "create", &json!({})).await).await;
    let id = created["conversation_id"].as_str().expect("an id").to_owned();
    assert!(created["response"].as_str().is_some_and(|text| !text.is_empty()));
    let other = ok(send(&server, &client, Method::POST, "create", &json!({})).await).await;
    assert_ne!(other["conversation_id"], created["conversation_id"]);

    let body = json!({ "conversation_id": id, "message": "Where are you?" });
    let answer = ok(send(&server, &client, Method::POST, "respond", &body).await).await;
    assert_eq!(
        (&answer["conversation_id"], &answer["end_conversation"]),
        (&json!(id), &json!(false))
    );
    assert!(answer.get("handoff").is_none());

    let close = json!({ "conversation_id": id });
    assert_eq!(
        ok(send(&server, &client, Method::PUT, "close", &close).await).await,
        json!({ "success": true })
    );
    refused(
        send(&server, &client, Method::POST, "respond", &body).await,
        410,
        "CHAT_CONVERSATION_ENDED",
    )
    .await;
    refused(
        send(&server, &client, Method::PUT, "close", &close).await,
        410,
        "CHAT_CONVERSATION_ENDED",
    )
    .await;
}

#[tokio::test]
async fn the_language_of_one_message_is_forgotten_by_the_next() {
    let (server, client) = serve().await;
    let spanish = json!({ "asr_lang_code": "es-ES", "tts_lang_code": "es-ES" });
    let created = ok(send(&server, &client, Method::POST, "create", &spanish).await).await;
    assert!(created["response"].as_str().is_some_and(|text| text.starts_with("Hola")));
    let mut body =
        json!({ "conversation_id": created["conversation_id"], "message": "¿Dónde están?" });
    let answer = async |body: &Value| {
        let answer = ok(send(&server, &client, Method::POST, "respond", body).await).await;
        answer["response"].as_str().expect("text").to_owned()
    };
    let unheard = answer(&body).await;
    assert!(!unheard.contains("está en"), "{unheard}");
    body["asr_lang_code"] = json!("es-ES");
    let heard = answer(&body).await;
    assert!(heard.contains("está en"), "{heard}");
}

#[tokio::test]
async fn a_handoff_ends_the_conversation_and_forgets_it() {
    let (server, client) = serve().await;
    let created = ok(send(&server, &client, Method::POST, "create", &json!({})).await).await;
    let body =
        json!({ "conversation_id": created["conversation_id"], "message": "I was charged twice" });
    let answer = ok(send(&server, &client, Method::POST, "respond", &body).await).await;
    assert_eq!(answer["handoff"], json!({ "destination": "BILLING", "reason": "DOUBLE_CHARGE" }));
    assert_eq!(answer["end_conversation"], true);
    refused(
        send(&server, &client, Method::POST, "respond", &body).await,
        410,
        "CHAT_CONVERSATION_ENDED",
    )
    .await;
}

#[tokio::test]
async fn what_the_platform_refuses_is_refused() {
    let (server, client) = serve().await;
    let create = |body: &str| {
        let url = format!("{}/v1/acme%20uk/P-1/chat/create", server.base_url());
        client
            .post(url)
            .header("X-API-KEY", "k")
            .header("X-TOKEN", "t")
            .body(body.to_owned())
            .send()
    };
    for body in [
        "[]",
        "{",
        "{\"variant_id\": 5}",
        "{\"integration_attributes\": []}",
        "{\"variant_id\": \"nobody\"}",
    ] {
        refused(create(body).await.expect("an answer"), 400, "SCHEMA_VALIDATION_FAILED").await;
    }
    assert_eq!(create("").await.expect("an answer").status(), 200);
    refused(
        send(&server, &client, Method::POST, "respond", &json!({ "message": "x" })).await,
        400,
        "SCHEMA_VALIDATION_FAILED",
    )
    .await;
    refused(send(&server, &client, Method::POST, "nothing", &json!({})).await, 404, "NOT_FOUND")
        .await;
    refused(
        send(&server, &client, Method::POST, "close", &json!({})).await,
        405,
        "METHOD_NOT_ALLOWED",
    )
    .await;
    let url = |account: &str, project: &str| {
        format!("{}/v1/{account}/{project}/chat/create", server.base_url())
    };
    for (account, project, code) in
        [("acme", "P-1", "ACCOUNT_NOT_FOUND"), ("acme%20uk", "P-2", "PROJECT_NOT_FOUND")]
    {
        let request =
            client.post(url(account, project)).header("X-API-KEY", "k").header("X-TOKEN", "t");
        refused(request.send().await.expect("an answer"), 404, code).await;
    }
    for header in ["X-API-KEY", "X-TOKEN"] {
        let request = client.post(url("acme%20uk", "P-1")).header(header, "only one");
        refused(request.send().await.expect("an answer"), 401, "AUTH_USER_INVALID_TOKEN").await;
    }
}

#[tokio::test]
async fn the_correlation_id_is_echoed_or_made() {
    let (server, client) = serve().await;
    let url = format!("{}/v1/acme%20uk/P-1/chat/create", server.base_url());
    let request = client.post(&url).header("X-API-KEY", "k").header("X-TOKEN", "t");
    let response =
        request.header("X-PolyAI-Correlation-Id", "mine-1").send().await.expect("an answer");
    assert_eq!(response.headers()["x-polyai-correlation-id"], "mine-1");
    let response = client.post(&url).send().await.expect("an answer");
    assert!(response.headers()["x-polyai-correlation-id"].len() >= 16);
}

#[test]
fn serve_prints_where_it_answers_and_a_command_to_try_it() {
    use std::io::{BufRead, BufReader};
    let team = Team::with_agent("  - { say: hi }\n");
    let mut child = team
        .command(&["serve", "agents/agent.yaml", "--port", "0"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    child.kill().expect("it stops");
    child.wait().expect("it stops");
    assert!(line.contains("answers at http://127.0.0.1:"), "{line}");
}
