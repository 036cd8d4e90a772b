//! An agent that thinks, always as long about the same message, so that the best possible time
//! of a run can be told beforehand.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::suite::message;

/// Starts to serve on a port of its own; the address.
pub fn serve(runtime: &Runtime) -> io::Result<String> {
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    let created = Arc::new(AtomicUsize::new(0));
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let created = Arc::clone(&created);
            let service = service_fn(move |request| answer(request, Arc::clone(&created)));
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    Ok(format!("http://{address}"))
}

async fn answer(
    request: Request<Incoming>,
    created: Arc<AtomicUsize>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = if path.ends_with("/create") {
        let number = created.fetch_add(1, Ordering::Relaxed);
        format!(r#"{{"conversation_id":"CONV-{number}","response":"Hello"}}"#)
    } else if path.ends_with("/respond") {
        let message = sent["message"].as_str().unwrap_or_default();
        tokio::time::sleep(thinks(message)).await;
        let id = &sent["conversation_id"];
        let words = words(message);
        format!(r#"{{"conversation_id":{id},"response":"{words}","end_conversation":false}}"#)
    } else {
        r#"{"success":true}"#.to_owned()
    };
    Ok(Response::new(Full::new(Bytes::from(answer))))
}

/// What holds for every expectation of the suite.
fn words(message: &str) -> &'static str {
    match message.split_whitespace().next() {
        Some("Where") => "We are at 12 Harbour Street, open every day from noon to 10 pm.",
        Some("Book") => "Your table is booked, and your reference is BK-123456.",
        Some("What") => "Your reference is BK-123456. Keep it until the day of your visit.",
        Some("Can") => "Dogs are welcome on the terrace, which has 14 tables.",
        _ => "It was a pleasure. Goodbye!",
    }
}

/// How long it thinks about a message: 300 ms ± 50 %.
fn thinks(message: &str) -> Duration {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in message.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Duration::from_millis(150 + (hash >> 20) % 301)
}

/// The time a run takes in which nothing but the thinking takes any: conversations in order of
/// their names, the next one begun whenever one is over.
pub fn ideal(conversations: usize, turns: usize, in_flight: usize) -> Duration {
    let takes = |number| (0..turns).map(|turn| thinks(&message(number, turn))).sum::<Duration>();
    let names: BTreeSet<(String, usize)> =
        (0..conversations).map(|number| (crate::suite::name(number), number)).collect();
    let mut seats: BinaryHeap<Reverse<Duration>> =
        (0..in_flight).map(|_| Reverse(Duration::ZERO)).collect();
    for (_, number) in names {
        let Some(Reverse(free)) = seats.pop() else { break };
        seats.push(Reverse(free + takes(number)));
    }
    seats.into_iter().map(|Reverse(end)| end).max().unwrap_or_default()
}
