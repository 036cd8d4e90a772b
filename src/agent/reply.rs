//! What the server answers: bodies, statuses, headers.

use std::time::Duration;

use hyper::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use serde::Serialize;

use super::body::ResponseBody;

/// The header that carries a request's id, echoed as the platform does.
const CORRELATION_ID: &str = "x-polyai-correlation-id";

/// What goes back over the wire.
pub(super) type ApiResponse = hyper::Response<ResponseBody>;

/// The id of a request: the one it came with, or a new one.
pub(super) fn correlation_id(headers: &HeaderMap) -> String {
    let sent = headers.get(CORRELATION_ID).and_then(|value| value.to_str().ok());
    sent.map_or_else(|| format!("{:032x}", fastrand::u128(..)), str::to_owned)
}

/// The answer to a request that was served.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum ReplyBody {
    /// To `create` and `respond`.
    Chat(ChatBody),
    /// To `close`.
    Closed {
        /// Always true.
        success: bool,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct ChatBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    pub response: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_conversation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff: Option<HandoffBody>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct HandoffBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ReplyBody {
    pub fn respond(&self, correlation_id: &str) -> ApiResponse {
        json(StatusCode::OK, correlation_id, ResponseBody::whole(self.bytes()))
    }

    /// The answer, broken off in the middle.
    pub fn cut(&self, correlation_id: &str) -> ApiResponse {
        json(StatusCode::OK, correlation_id, ResponseBody::half(self.bytes()))
    }

    /// The answer with another id, or without any.
    pub fn with_id(mut self, id: Option<&str>) -> Self {
        if let Self::Chat(body) = &mut self {
            body.conversation_id = id.map(str::to_owned);
        }
        self
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A refusal, with the platform's status, code and sentence.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    success: bool,
    error: &'a str,
    error_id: &'a str,
    error_code: &'a str,
    error_message: &'a str,
    data: Option<()>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// The body is larger than is read.
    pub fn too_large(reason: &str) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "SCHEMA_VALIDATION_FAILED", reason)
    }

    /// A fault that was asked for, with the platform's usual code for the status.
    pub fn on_purpose(status: u16, retry_after: Option<Duration>) -> Self {
        let code = match status {
            400 => "CHAT_TIMEOUT",
            401 => "AUTH_USER_INVALID_TOKEN",
            403 => "USER_ACCESS_FORBIDDEN",
            404 => "PROJECT_NOT_FOUND",
            410 => "CHAT_CONVERSATION_ENDED",
            429 => "TOO_MANY_REQUESTS",
            _ => "FAULT_ON_PURPOSE",
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { retry_after, ..Self::new(status, code, "A fault on purpose") }
    }

    pub fn into_response(self, correlation_id: &str) -> ApiResponse {
        let body = ErrorBody {
            success: false,
            error: &self.message,
            error_id: correlation_id,
            error_code: self.code,
            error_message: &self.message,
            data: None,
        };
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = json(self.status, correlation_id, ResponseBody::whole(bytes));
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response
    }
}

/// A page, as a proxy in front of the platform would send it.
pub(super) fn page(correlation_id: &str) -> ApiResponse {
    let page = b"<html>\n<body>\n<h1>Please sign in</h1>\n</body>\n</html>\n".to_vec();
    let mut response = json(StatusCode::OK, correlation_id, ResponseBody::whole(page));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// More than any client should read.
pub(super) fn huge(correlation_id: &str) -> ApiResponse {
    json(StatusCode::OK, correlation_id, ResponseBody::whole(vec![b' '; 9 << 20]))
}

fn json(status: StatusCode, correlation_id: &str, body: ResponseBody) -> ApiResponse {
    let mut response = ApiResponse::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(correlation_id) {
        headers.insert(CORRELATION_ID, id);
    }
    response
}
