//! The Chat API, served on loopback.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError},
    time::Instant,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, Response, StatusCode},
    routing::{post, put},
    serve::ListenerExt,
};
use serde_json::{Map, Value};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    engine::{self, Heard, Memory, Said},
    reply::{CORRELATION_ID, ChatBody, CloseBody, Refusal, json},
    script::Script,
    store::Store,
};

/// The account and project that a server answers for; `None` stands for any.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The account.
    pub account_id: Option<String>,
    /// The project.
    pub project_id: Option<String>,
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

struct Shared {
    script: Script,
    known: Known,
    store: Store,
}

type Answered = Result<Response<Body>, Refusal>;

impl Server {
    /// Starts to serve an agent on a port of 127.0.0.1; 0 takes any that is free.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(script: Script, known: Known, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            // Without it an answer may wait 40 ms for an acknowledgement; serving works all the same.
            let _ = stream.set_nodelay(true);
        });
        let router = router(script, known);
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, task })
    }

    /// The address to use as `base_url`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The three operations as a service.
pub fn router(script: Script, known: Known) -> Router {
    let shared = Arc::new(Shared { script, known, store: Store::default() });
    Router::new()
        .route("/v1/{account_id}/{project_id}/chat/create", post(create))
        .route("/v1/{account_id}/{project_id}/chat/respond", post(respond))
        .route("/v1/{account_id}/{project_id}/chat/close", put(close))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(shared)
}

type Ids = Path<(String, String)>;
type Received = Result<Bytes, BytesRejection>;

async fn create(
    State(shared): State<Arc<Shared>>,
    ids: Ids,
    headers: HeaderMap,
    body: Received,
) -> Response<Body> {
    finish(&headers, shared.create(&ids, &headers, body).await)
}

async fn respond(
    State(shared): State<Arc<Shared>>,
    ids: Ids,
    headers: HeaderMap,
    body: Received,
) -> Response<Body> {
    finish(&headers, shared.respond(&ids, &headers, body).await)
}

async fn close(
    State(shared): State<Arc<Shared>>,
    ids: Ids,
    headers: HeaderMap,
    body: Received,
) -> Response<Body> {
    finish(&headers, shared.close(&ids, &headers, body))
}

async fn not_found(headers: HeaderMap) -> Response<Body> {
    finish(&headers, Err(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "No such endpoint")))
}

async fn method_not_allowed(headers: HeaderMap) -> Response<Body> {
    let refusal =
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method not allowed");
    finish(&headers, Err(refusal))
}

fn finish(headers: &HeaderMap, answered: Answered) -> Response<Body> {
    let id = correlation_id(headers);
    answered.map_or_else(
        |refusal| refusal.into_response(&id),
        |mut response| {
            if let Ok(id) = id.parse() {
                response.headers_mut().insert(CORRELATION_ID, id);
            }
            response
        },
    )
}

fn correlation_id(headers: &HeaderMap) -> String {
    let sent = headers.get(CORRELATION_ID).and_then(|value| value.to_str().ok());
    sent.map_or_else(|| format!("{:032x}", fastrand::u128(..)), str::to_owned)
}

impl Shared {
    async fn create(&self, ids: &Ids, headers: &HeaderMap, body: Received) -> Answered {
        self.admit(ids, headers)?;
        let body = received(body)?;
        let fields = if body.is_empty() { Map::new() } else { object(&body)? };
        let variant = match text(&fields, "variant_id")? {
            Some(id) => Some(
                self.script
                    .variant(id)
                    .ok_or_else(|| invalid(format!("unknown variant_id {id}")))?,
            ),
            None => self.script.default_variant,
        };
        let mut memory = Memory {
            variant,
            channel: text(&fields, "channel")?.unwrap_or_default().to_owned(),
            language: text(&fields, "asr_lang_code")?.unwrap_or_default().to_owned(),
            integration_attributes: map(&fields, "integration_attributes")?,
            ..Memory::default()
        };
        text(&fields, "tts_lang_code")?;
        let said = engine::greet(&self.script, &mut memory);
        wait(&said).await;
        let id = self.store.add(memory, Instant::now());
        if said.end_conversation {
            self.store.remove(&id);
        }
        let end_conversation = said.end_conversation.then_some(true);
        Ok(chat(&ChatBody {
            conversation_id: &id,
            response: &said.response,
            end_conversation,
            handoff: said.handoff.as_ref(),
        }))
    }

    async fn respond(&self, ids: &Ids, headers: &HeaderMap, body: Received) -> Answered {
        self.admit(ids, headers)?;
        let fields = object(&received(body)?)?;
        let id = conversation_id(&fields)?;
        let message = text(&fields, "message")?.unwrap_or_default();
        let attributes = map(&fields, "integration_attributes")?;
        let metadata = map(&fields, "metadata")?;
        let language = text(&fields, "asr_lang_code")?;
        text(&fields, "tts_lang_code")?;
        let talk = self.store.get(id, Instant::now()).ok_or_else(ended)?;
        let said = {
            let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
            talk.touched = Instant::now();
            talk.memory.integration_attributes.extend(attributes);
            if let Some(language) = language {
                language.clone_into(&mut talk.memory.language);
            }
            engine::respond(&self.script, &mut talk.memory, &Heard { message, metadata: &metadata })
        };
        if said.end_conversation {
            self.store.remove(id);
        }
        wait(&said).await;
        let end_conversation = Some(said.end_conversation);
        Ok(chat(&ChatBody {
            conversation_id: id,
            response: &said.response,
            end_conversation,
            handoff: said.handoff.as_ref(),
        }))
    }

    fn close(&self, ids: &Ids, headers: &HeaderMap, body: Received) -> Answered {
        self.admit(ids, headers)?;
        let fields = object(&received(body)?)?;
        if self.store.remove(conversation_id(&fields)?) {
            Ok(json(StatusCode::OK, "", &CloseBody { success: true }))
        } else {
            Err(ended())
        }
    }

    fn admit(
        &self,
        Path((account_id, project_id)): &Ids,
        headers: &HeaderMap,
    ) -> Result<(), Refusal> {
        for header in ["x-api-key", "x-token"] {
            if headers.get(header).is_none_or(|value| value.is_empty()) {
                let message = format!("The header {} is missing", header.to_uppercase());
                return Err(Refusal::new(
                    StatusCode::UNAUTHORIZED,
                    "AUTH_USER_INVALID_TOKEN",
                    message,
                ));
            }
        }
        let known = |known: &Option<String>, sent: &String| {
            known.as_ref().is_none_or(|known| known == sent)
        };
        if !known(&self.known.account_id, account_id) {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "ACCOUNT_NOT_FOUND",
                "Account not found",
            ));
        }
        if !known(&self.known.project_id, project_id) {
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "PROJECT_NOT_FOUND",
                "Project not found",
            ));
        }
        Ok(())
    }
}

fn chat(body: &ChatBody<'_>) -> Response<Body> {
    json(StatusCode::OK, "", body)
}

async fn wait(said: &Said) {
    if let Some(wait) = said.wait {
        tokio::time::sleep(wait).await;
    }
}

fn ended() -> Refusal {
    Refusal::new(StatusCode::GONE, "CHAT_CONVERSATION_ENDED", "Chat conversation ended")
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "SCHEMA_VALIDATION_FAILED", message)
}

fn received(body: Received) -> Result<Bytes, Refusal> {
    body.map_err(|rejection| {
        Refusal::new(rejection.status(), "SCHEMA_VALIDATION_FAILED", rejection.body_text())
    })
}

fn object(body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(invalid("the body is not a JSON object")),
        Err(error) => Err(invalid(format!("the body is not JSON: {error}"))),
    }
}

fn conversation_id(fields: &Map<String, Value>) -> Result<&str, Refusal> {
    text(fields, "conversation_id")?.ok_or_else(|| invalid("conversation_id is required"))
}

fn text<'f>(fields: &'f Map<String, Value>, name: &str) -> Result<Option<&'f str>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(format!("{name} must be a string"))),
    }
}

fn map(fields: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(_) => Err(invalid(format!("{name} must be an object"))),
    }
}
