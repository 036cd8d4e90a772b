//! A Chat API over a real socket that records every request and answers as a test says.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode},
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::wait::wait_until;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub method: String,
    /// As it was sent, still percent-encoded.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Recorded {
    /// `create`, `respond` or `close`.
    pub fn operation(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// What the server does about a request.
pub enum Reply {
    Now(Response<Body>),
    /// As soon as this is ready.
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
    /// It leaves the request open until the client gives up.
    Never,
}

impl Reply {
    pub fn later(response: impl Future<Output = Response<Body>> + Send + 'static) -> Self {
        Self::Later(Box::pin(response))
    }
}

impl From<Response<Body>> for Reply {
    fn from(response: Response<Body>) -> Self {
        Self::Now(response)
    }
}

type Answer = Arc<dyn Fn(&Recorded) -> Reply + Send + Sync>;

/// A running server. Dropping it stops it.
pub struct Recorder {
    pub base_url: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Recorder {
    /// Answers every request with what `answer` makes of it.
    pub fn start<R: Into<Reply>>(answer: impl Fn(&Recorded) -> R + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answer: Answer = Arc::new(move |request| answer(request).into());
        let state = (Arc::clone(&requests), answer);
        let (stop, stopped) = oneshot::channel::<()>();
        let (send_url, base_url) = std::sync::mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let address = listener.local_addr().expect("an address");
                send_url.send(format!("http://{address}")).expect("the test waits");
                let router = Router::new().fallback(record).with_state(state);
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        });
        let base_url = base_url.recv().expect("the server starts");
        Self { base_url, requests, stop: Some(stop), thread: Some(thread) }
    }

    /// Answers as a well-behaved agent does, but for what `special` makes of a message.
    pub fn agent(special: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) -> Self {
        Self::start(move |request| match request.operation() {
            "create" => reply(200, json!({ "conversation_id": "CONV-1", "response": "Hello." })),
            "close" => reply(200, json!({ "success": true })),
            _ => {
                let message = request.body["message"].as_str().unwrap_or_default();
                let usual = json!({
                    "conversation_id": "CONV-1",
                    "response": format!("You said: {message}"),
                    "end_conversation": false,
                });
                reply(200, special(message).unwrap_or(usual))
            }
        })
    }

    /// An agent that answers a message as `special` says, which is told how often that message has
    /// come by now, in whichever conversation; otherwise with `Yes.`. Every conversation has an id
    /// of its own.
    pub fn unsteady(
        special: impl Fn(&str, usize) -> Option<Value> + Send + Sync + 'static,
    ) -> Self {
        let heard: Mutex<HashMap<String, usize>> = Mutex::default();
        let begun = AtomicUsize::new(0);
        Self::start(move |request| match request.operation() {
            "create" => {
                let id = format!("CONV-{}", begun.fetch_add(1, Ordering::Relaxed) + 1);
                reply(200, json!({ "conversation_id": id, "response": "Hello." }))
            }
            "close" => reply(200, json!({ "success": true })),
            _ => {
                let message = request.body["message"].as_str().unwrap_or_default();
                let mut heard = heard.lock().expect("no test panicked");
                let times = heard.entry(message.to_owned()).or_default();
                *times += 1;
                let mut answer = special(message, *times).unwrap_or(json!({ "response": "Yes." }));
                let status = answer["status"].as_u64().unwrap_or(200);
                answer["conversation_id"] = request.body["conversation_id"].clone();
                if answer["end_conversation"].is_null() {
                    answer["end_conversation"] = json!(false);
                }
                reply(u16::try_from(status).expect("a status"), answer)
            }
        })
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().expect("no test panicked").clone()
    }

    /// The operations, in order.
    pub fn operations(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.operation().to_owned()).collect()
    }

    /// How many requests of an operation came.
    pub fn count(&self, operation: &str) -> usize {
        self.requests().iter().filter(|request| request.operation() == operation).count()
    }

    /// Waits until so many requests of an operation have come.
    #[track_caller]
    pub fn wait_for(&self, operation: &str, count: usize) {
        wait_until(&format!("{count} requests of `{operation}` did not come"), || {
            self.count(operation) >= count
        });
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A JSON answer.
pub fn reply(status: u16, body: Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

async fn record(
    State((requests, answer)): State<(Arc<Mutex<Vec<Recorded>>>, Answer)>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let bytes: Bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    };
    requests.lock().expect("no test panicked").push(recorded.clone());
    match answer(&recorded) {
        Reply::Now(response) => response,
        Reply::Later(response) => response.await,
        Reply::Never => std::future::pending().await,
    }
}
