//! The three operations of the Chat API, as the platform documents them.

use std::{sync::PoisonError, time::Instant};

use hyper::{HeaderMap, Method, StatusCode, body::Bytes, http::request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::operation::ApiOperation;
use super::{
    chance::Chances,
    engine::{self, AgentReply, ConversationState, IncomingMessage},
    reply::{ApiError, ChatBody, ReplyBody},
    script::AgentScript,
    store::ConversationStore,
};

/// The language of a request that names none.
const FALLBACK_LANGUAGE: &str = "en-GB";

/// The account and project that a server answers for; `None` stands for any.
#[derive(Clone, Debug, Default)]
pub struct ServedProject {
    /// The account.
    pub account_id: Option<String>,
    /// The project.
    pub project_id: Option<String>,
}

/// An agent and the conversations it has.
pub(super) struct Api {
    script: AgentScript,
    known: ServedProject,
    store: ConversationStore,
    chances: Chances,
}

/// A request, understood as far as its path and method go.
pub(super) struct ApiRequest {
    pub operation: ApiOperation,
    account_id: String,
    project_id: String,
    headers: HeaderMap,
    body: Bytes,
}

type Answered = Result<ReplyBody, ApiError>;

impl ApiRequest {
    /// Reads path and method; every other request is refused as the platform does.
    pub fn read(parts: Parts, body: Bytes) -> Result<Self, ApiError> {
        let segments: Vec<&str> = parts.uri.path().split('/').collect();
        let ["", "v1", account_id, project_id, "chat", operation] = segments.as_slice() else {
            return Err(not_found());
        };
        let (operation, method) = match *operation {
            "create" => (ApiOperation::Create, Method::POST),
            "respond" => (ApiOperation::Respond, Method::POST),
            "close" => (ApiOperation::Close, Method::PUT),
            _ => return Err(not_found()),
        };
        if parts.method != method {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            return Err(ApiError::new(status, "METHOD_NOT_ALLOWED", "Method not allowed"));
        }
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let (account_id, project_id) = (decoded(account_id), decoded(project_id));
        Ok(Self { operation, account_id, project_id, headers: parts.headers, body })
    }
}

impl Api {
    pub fn new(script: AgentScript, known: ServedProject) -> Self {
        let seed = script.seed.unwrap_or_else(|| fastrand::u64(..));
        Self { script, known, store: ConversationStore::default(), chances: Chances::new(seed) }
    }

    /// How many conversations are going on.
    pub fn open(&self) -> usize {
        self.store.len()
    }

    /// Serves one request.
    pub async fn answer(&self, asked: &ApiRequest) -> Answered {
        self.admit(asked)?;
        match asked.operation {
            ApiOperation::Create => self.create(asked).await,
            ApiOperation::Respond => self.respond(asked).await,
            ApiOperation::Close => self.close(asked),
        }
    }

    async fn create(&self, asked: &ApiRequest) -> Answered {
        let fields = if asked.body.is_empty() { Map::new() } else { object(&asked.body)? };
        let unknown = |id: &str| invalid(format!("unknown variant_id {id}"));
        let variant = match text(&fields, "variant_id")? {
            Some(id) => Some(self.script.variant(id).ok_or_else(|| unknown(id))?),
            None => self.script.default_variant,
        };
        let mut memory = ConversationState {
            variant,
            channel: text(&fields, "channel")?.unwrap_or_default().to_owned(),
            integration_attributes: map(&fields, "integration_attributes")?,
            chance: self.chances.of(&asked.body),
            ..ConversationState::default()
        };
        let said = engine::greet(&self.script, &mut memory, language(&fields)?);
        wait(&said).await;
        let id = self.store.add(memory, Instant::now());
        if said.end_conversation {
            self.store.remove(&id);
        }
        let end_conversation = said.end_conversation.then_some(true);
        Ok(chat(&id, said, end_conversation))
    }

    async fn respond(&self, asked: &ApiRequest) -> Answered {
        let fields = object(&asked.body)?;
        let id = conversation_id(&fields)?;
        let message = text(&fields, "message")?.unwrap_or_default();
        let attributes = map(&fields, "integration_attributes")?;
        let metadata = map(&fields, "metadata")?;
        let language = language(&fields)?;
        let talk = self.store.get(id, Instant::now()).ok_or_else(ended)?;
        let said = {
            let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
            talk.touched = Instant::now();
            talk.memory.integration_attributes.extend(attributes);
            let heard = IncomingMessage { message, metadata: &metadata, language };
            engine::respond(&self.script, &mut talk.memory, &heard)
        };
        if said.end_conversation {
            self.store.remove(id);
        }
        wait(&said).await;
        let end_conversation = Some(said.end_conversation);
        Ok(chat(id, said, end_conversation))
    }

    fn close(&self, asked: &ApiRequest) -> Answered {
        let fields = object(&asked.body)?;
        if self.store.remove(conversation_id(&fields)?) {
            Ok(ReplyBody::Closed { success: true })
        } else {
            Err(ended())
        }
    }

    fn admit(&self, asked: &ApiRequest) -> Result<(), ApiError> {
        for header in ["x-api-key", "x-token"] {
            if asked.headers.get(header).is_none_or(|value| value.is_empty()) {
                let message = format!("The header {} is missing", header.to_uppercase());
                let status = StatusCode::UNAUTHORIZED;
                return Err(ApiError::new(status, "AUTH_USER_INVALID_TOKEN", message));
            }
        }
        let is_known = |known: &Option<String>, sent: &String| {
            known.as_ref().is_none_or(|known| known == sent)
        };
        if !is_known(&self.known.account_id, &asked.account_id) {
            return Err(ApiError::new(
                StatusCode::NOT_FOUND,
                "ACCOUNT_NOT_FOUND",
                "Account not found",
            ));
        }
        if !is_known(&self.known.project_id, &asked.project_id) {
            return Err(ApiError::new(
                StatusCode::NOT_FOUND,
                "PROJECT_NOT_FOUND",
                "Project not found",
            ));
        }
        Ok(())
    }
}

fn chat(id: &str, said: AgentReply, end_conversation: Option<bool>) -> ReplyBody {
    ReplyBody::Chat(ChatBody {
        conversation_id: Some(id.to_owned()),
        response: said.response,
        end_conversation,
        handoff: said.handoff,
    })
}

async fn wait(said: &AgentReply) {
    if let Some(wait) = said.wait {
        tokio::time::sleep(wait).await;
    }
}

fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "NOT_FOUND", "No such endpoint")
}

fn ended() -> ApiError {
    ApiError::new(StatusCode::GONE, "CHAT_CONVERSATION_ENDED", "Chat conversation ended")
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "SCHEMA_VALIDATION_FAILED", message)
}

fn object(body: &Bytes) -> Result<Map<String, Value>, ApiError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(invalid("the body is not a JSON object")),
        Err(error) => Err(invalid(format!("the body is not JSON: {error}"))),
    }
}

fn conversation_id(fields: &Map<String, Value>) -> Result<&str, ApiError> {
    text(fields, "conversation_id")?.ok_or_else(|| invalid("conversation_id is required"))
}

fn text<'f>(fields: &'f Map<String, Value>, name: &str) -> Result<Option<&'f str>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(format!("{name} must be a string"))),
    }
}

/// The language of a request. The platform does not keep that of a conversation, and falls back.
fn language(fields: &Map<String, Value>) -> Result<&str, ApiError> {
    text(fields, "tts_lang_code")?;
    Ok(text(fields, "asr_lang_code")?.unwrap_or(FALLBACK_LANGUAGE))
}

fn map(fields: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, ApiError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(_) => Err(invalid(format!("{name} must be an object"))),
    }
}
