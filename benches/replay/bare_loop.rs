//! The limit: the same requests from a bare loop with reqwest, nothing read and nothing checked.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{runtime::Builder, task::JoinSet};

use crate::suite::message;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Plays `conversations` × `turns` against a server, `in_flight` at once.
pub fn play(base_url: &str, conversations: usize, turns: usize, in_flight: usize) -> Outcome<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::builder().no_proxy().tls_certs_only([]).build()?;
        let chat: Arc<str> = format!("{base_url}/v1/bench/PROJECT-bench/chat").into();
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..in_flight {
            let (client, chat, next) = (client.clone(), Arc::clone(&chat), Arc::clone(&next));
            tasks.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= conversations {
                        return Outcome::Ok(());
                    }
                    converse(&client, &chat, number, turns).await?;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(())
    })
}

async fn converse(client: &Client, chat: &str, number: usize, turns: usize) -> Outcome<()> {
    let created = send(client, Method::POST, &format!("{chat}/create"), &json!({})).await?;
    let id = created["conversation_id"].as_str().unwrap_or_default();
    for turn in 0..turns {
        let body = json!({ "conversation_id": id, "message": message(number, turn) });
        send(client, Method::POST, &format!("{chat}/respond"), &body).await?;
    }
    let body = json!({ "conversation_id": id });
    send(client, Method::PUT, &format!("{chat}/close"), &body).await?;
    Ok(())
}

async fn send(client: &Client, method: Method, url: &str, body: &Value) -> Outcome<Value> {
    let request = client
        .request(method, url)
        .header("x-api-key", "bench")
        .header("x-token", "bench")
        .header("content-type", "application/json")
        .body(serde_json::to_vec(body)?);
    let answer = request.send().await?.error_for_status()?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}
