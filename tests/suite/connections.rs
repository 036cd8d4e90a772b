//! What a run costs on the wire: connections, writes, streams.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::common::{Team, tls};
use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::Barrier;

const CONVERSATIONS: usize = 40;
const IN_FLIGHT: usize = 4;

/// Conversations of two turns, so many in flight.
fn team(base_url: &str) -> Team {
    let team = Team::remote(base_url);
    let config = team.read("rehearsal.toml");
    team.write("rehearsal.toml", &format!("[run]\nconcurrency = {IN_FLIGHT}\n{config}"));
    for number in 0..CONVERSATIONS {
        let turn = "{ user: hello, expect: { contains: Good day } }";
        team.write(&format!("conversations/c{number}.yaml"), &format!("turns: [{turn}, {turn}]"));
    }
    team
}

/// How many requests of each operation a run sends.
fn expected() -> HashMap<String, usize> {
    let each = |operation: &str, number| (operation.to_owned(), number * CONVERSATIONS);
    HashMap::from([each("create", 1), each("respond", 2), each("close", 1)])
}

fn answer(operation: &str) -> &'static str {
    match operation {
        "create" => r#"{"conversation_id":"CONV-1","response":"Hello"}"#,
        "respond" => {
            r#"{"conversation_id":"CONV-1","response":"Good day","end_conversation":false}"#
        }
        _ => r#"{"success":true}"#,
    }
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    in_pieces: AtomicUsize,
    /// The most requests that one connection carried at a time.
    at_once: AtomicUsize,
    operations: Mutex<HashMap<String, usize>>,
}

impl Seen {
    /// The operation of a request, and how many of it there were with this one.
    fn count(&self, path: &str) -> (String, usize) {
        let operation = path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut operations = self.operations.lock().expect("a lock");
        let number = operations.entry(operation.clone()).or_default();
        *number += 1;
        (operation, *number)
    }
}

/// Answers the requests of one HTTP/1.1 connection; one that does not come in one piece is noted.
fn serve(mut stream: TcpStream, seen: &Seen) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = stream.read(&mut buffer).unwrap_or(0);
        if read == 0 {
            return;
        }
        let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
        if body.len() != length {
            seen.in_pieces.fetch_add(1, Ordering::Relaxed);
        }
        let (operation, _) = seen.count(head.split(' ').nth(1).unwrap_or_default());
        let body = answer(&operation);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all((head + body).as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn connections_are_used_again_and_a_request_is_one_write() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let seen = Arc::new(Seen::default());
    let serving = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = Arc::clone(&serving);
            seen.connections.fetch_add(1, Ordering::Relaxed);
            thread::spawn(move || serve(stream, &seen));
        }
    });
    team(&url).run(&["run"]).expect(0);
    assert_eq!(*seen.operations.lock().expect("a lock"), expected());
    assert_eq!(seen.in_pieces.load(Ordering::Relaxed), 0);
    let connections = seen.connections.load(Ordering::Relaxed);
    // A pool may open another one while one is on its way back; a conversation opens none of its own.
    assert!((1..CONVERSATIONS).contains(&connections), "{connections} connections");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_carries_several_conversations_where_http_2_is_offered() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (acceptor, certificate) = tls::offering(&[b"h2"], folder.path());
    let seen = Arc::new(Seen::default());
    let serving = Arc::clone(&seen);
    // The first conversations are answered only once all of them have begun.
    let first = Arc::new(Barrier::new(IN_FLIGHT));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, seen) = (acceptor.clone(), Arc::clone(&serving));
            let first = Arc::clone(&first);
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                seen.connections.fetch_add(1, Ordering::Relaxed);
                let open = Arc::new(AtomicUsize::new(0));
                let service = service_fn(|request: Request<Incoming>| {
                    let open = Arc::clone(&open);
                    let at_once = open.fetch_add(1, Ordering::Relaxed) + 1;
                    seen.at_once.fetch_max(at_once, Ordering::Relaxed);
                    let (operation, number) = seen.count(request.uri().path());
                    let first = Arc::clone(&first);
                    async move {
                        if operation == "create" && number <= IN_FLIGHT {
                            first.wait().await;
                        }
                        open.fetch_sub(1, Ordering::Relaxed);
                        let body = Full::new(Bytes::from_static(answer(&operation).as_bytes()));
                        Ok::<_, hyper::Error>(Response::new(body))
                    }
                });
                let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    let certificate = certificate.to_str().expect("UTF-8").to_owned();
    let run = move || {
        team(&format!("https://localhost:{port}"))
            .run_with(&[("SSL_CERT_FILE", &certificate)], &["run"])
            .expect(0)
    };
    tokio::task::spawn_blocking(run).await.expect("the run ends");
    assert_eq!(*seen.operations.lock().expect("a lock"), expected());
    let at_once = seen.at_once.load(Ordering::Relaxed);
    assert!((1..=IN_FLIGHT).contains(&at_once), "{at_once} requests at once on a connection");
    // Several may be opened before the first is ready; fewer than conversations, so each carries several.
    let connections = seen.connections.load(Ordering::Relaxed);
    assert!((1..=IN_FLIGHT).contains(&connections), "{connections} connections");
}
