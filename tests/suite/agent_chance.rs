//! What the embedded agent leaves to chance is decided by a seed, and what it remembers keeps its
//! type.

use std::{path::Path, sync::Arc, time::Duration};

use crate::common::Team;
use rehearsal::{
    agent::{AgentScript, AgentServer, Faults, ServedProject},
    source::{Problems, SourceFile},
};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

const UNSTEADY: &str = "\
greeting:
  - say: [{ text: Hello., odds: 3 }, Good day.]
rules:
  - when: { message: table }
    make: { reference: BK-###### }
    say: Booked as ${reference}.
  - when: { message: bill }
    say:
      - { text: I can help with that., odds: 9 }
      - text: I'll put you through.
        handoff: { destination: BILLING }
        end_conversation: true
fallback:
  say: [{ text: one, odds: 9 }, { text: two, odds: 1 }]
";

async fn serve(text: &str, seed: u64) -> AgentServer {
    let mut problems = Problems::default();
    let file = SourceFile::new(Path::new("agent.yaml"), text);
    let script = AgentScript::from_file(&file, &mut problems).expect("an agent");
    assert!(problems.is_empty());
    let script = script.seeded(seed);
    AgentServer::start(script, ServedProject::default(), Faults::default(), 0)
        .await
        .expect("a port")
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client")
}

async fn post(server: &AgentServer, client: &Client, path: &str, body: Value) -> Value {
    let url = format!("{}/v1/acme/bistro/chat/{path}", server.base_url());
    let request = client.post(url).header("X-API-KEY", "k").header("X-TOKEN", "t");
    let response = request.body(body.to_string()).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
}

async fn say(server: &AgentServer, client: &Client, created: &Value, message: &str) -> Value {
    let body = json!({ "conversation_id": created["conversation_id"], "message": message });
    let mut answer = post(server, client, "respond", body).await;
    answer.as_object_mut().expect("an object").remove("conversation_id");
    answer
}

/// So many conversations, created one after the other.
async fn create(server: &AgentServer, client: &Client, count: usize) -> Vec<Value> {
    let mut created = Vec::new();
    for _ in 0..count {
        created.push(post(server, client, "create", json!({})).await);
    }
    created
}

#[tokio::test]
async fn answers_come_as_often_as_their_odds_say() {
    let (server, client) = (serve(UNSTEADY, 1).await, client());
    let created = create(&server, &client, 1000).await;
    let greeted = created.iter().filter(|one| one["response"] == "Good day.").count();
    let (mut two_first, mut two_second, mut both, mut handed_off) = (0, 0, 0, 0);
    for one in &created {
        let first = say(&server, &client, one, "x").await["response"] == "two";
        let second = say(&server, &client, one, "x").await["response"] == "two";
        let third = say(&server, &client, one, "my bill").await;
        let handoff = third["handoff"]["destination"] == "BILLING";
        assert_eq!(third["end_conversation"], json!(handoff));
        two_first += usize::from(first);
        two_second += usize::from(second);
        both += usize::from(first && second);
        handed_off += usize::from(handoff);
    }
    // About 250, 100, 100, 10 and 100 of 1000; exact, because the seed decides.
    assert_eq!((greeted, two_first, two_second, both, handed_off), (260, 90, 112, 10, 92));
}

#[tokio::test]
async fn a_seed_gives_the_same_answers_in_whatever_order_messages_arrive() {
    let client = client();
    let (one, other) = (serve(UNSTEADY, 7).await, Arc::new(serve(UNSTEADY, 7).await));
    let created = create(&one, &client, 32).await;
    let again = create(&other, &client, 32).await;
    let greetings =
        |all: &[Value]| all.iter().map(|one| one["response"].clone()).collect::<Vec<_>>();
    assert_eq!(greetings(&created), greetings(&again));

    let mut in_order = Vec::new();
    for created in &created {
        in_order.push(talk(&one, &client, created).await);
    }
    // The last created first, and eight at the same time.
    let (mut at_once, mut waiting) = (Vec::new(), again.len());
    let mut talks = JoinSet::new();
    while at_once.len() < again.len() {
        while waiting > 0 && talks.len() < 8 {
            waiting -= 1;
            let (server, client, created) =
                (Arc::clone(&other), client.clone(), again[waiting].clone());
            let number = waiting;
            talks.spawn(async move { (number, talk(&server, &client, &created).await) });
        }
        at_once.push(talks.join_next().await.expect("a talk").expect("it was over"));
    }
    at_once.sort_by_key(|(number, _)| *number);
    assert_eq!(in_order, at_once.into_iter().map(|(_, talk)| talk).collect::<Vec<_>>());
}

async fn talk(server: &AgentServer, client: &Client, created: &Value) -> Vec<Value> {
    let mut answers = Vec::new();
    for message in ["x", "a table", "x", "my bill"] {
        answers.push(say(server, client, created, message).await);
    }
    answers
}

#[test]
fn a_run_with_a_seed_gives_the_same_answers_again() {
    let rules = "  - { when: { message: x }, say: [red, green, blue, { text: white, odds: 3 }], make: { code: '######' } }\n";
    let team = Team::with_agent(rules);
    let turns = "  - { user: x, expect: { matches: . } }\n".repeat(12);
    team.write("conversations/colours.yaml", &format!("turns:\n{turns}"));
    let answers = |seed: &str| {
        let ran = team.run(&["run", "--seed", seed, "--json", "-"]).expect(0);
        let events = ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let finished = events.filter(|event: &Value| event["event"] == "case_finished");
        let turns: Vec<Value> = finished.map(|event| event["plays"][0]["turns"].clone()).collect();
        let turns = turns[0].as_array().expect("turns").clone();
        turns.iter().map(|turn| turn["response"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(answers("3"), answers("3"));
    assert_ne!(answers("3"), answers("4"));
}

#[tokio::test]
async fn a_rule_can_hold_in_some_turns_only() {
    let agent = "\
greeting: [{ say: Hello. }]
rules:
  - { when: { turn: 1 }, say: first }
  - { when: { turn: [3, 4] }, say: third or fourth }
fallback: { say: another }
";
    let (server, client) = (serve(agent, 0).await, client());
    let created = post(&server, &client, "create", json!({})).await;
    for expected in ["first", "another", "third or fourth", "third or fourth", "another"] {
        assert_eq!(say(&server, &client, &created, "x").await["response"], expected);
    }
}

#[tokio::test]
async fn state_is_any_json_and_reads_as_json() {
    let agent = "\
greeting: [{ say: Hello. }]
rules:
  - when: { message: 'for (?P<party>\\d+)' }
    set:
      booking: { party: '${party}', guests: [Ann, '${host}'], paid: false, price: 12.50, note: null }
      confirmed: true
      host: null
    say: '${booking} ${confirmed} ${host}'
  - when: { message: price, state: { price: 12.50 } }
    say: half
  - when: { message: price, state: { price: { matches: 5$ } } }
    set: { price: null }
    say: forgotten
  - when: { message: price, state: { price: false } }
    set: { price: 12.50 }
    say: '${price}'
fallback: { say: another }
";
    let (server, client) = (serve(agent, 0).await, client());
    let created = post(&server, &client, "create", json!({})).await;
    let answer = say(&server, &client, &created, "for 4").await;
    let booking =
        r#"{"party":"4","guests":["Ann","None"],"paid":false,"price":12.5,"note":null} true None"#;
    assert_eq!(answer["response"], booking);
    for expected in ["12.5", "half"] {
        assert_eq!(say(&server, &client, &created, "price").await["response"], expected);
    }
}
