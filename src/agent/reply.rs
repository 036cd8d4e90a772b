//! The bodies that the server sends.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE},
};
use serde::Serialize;

/// The header that carries a request's id, echoed as the platform does.
pub(super) const CORRELATION_ID: &str = "x-polyai-correlation-id";

/// The answer to `create` and `respond`.
#[derive(Debug, Serialize)]
pub(super) struct ChatBody<'a> {
    pub conversation_id: &'a str,
    pub response: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_conversation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handoff: Option<&'a HandoffBody>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct HandoffBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct CloseBody {
    pub success: bool,
}

/// A refusal, with the platform's status, code and sentence.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
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

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn into_response(self, correlation_id: &str) -> Response<Body> {
        let body = ErrorBody {
            success: false,
            error: &self.message,
            error_id: correlation_id,
            error_code: self.code,
            error_message: &self.message,
            data: None,
        };
        json(self.status, correlation_id, &body)
    }
}

/// A JSON answer that echoes the correlation id.
pub(super) fn json(
    status: StatusCode,
    correlation_id: &str,
    body: &impl Serialize,
) -> Response<Body> {
    let mut response = Response::new(Body::from(serde_json::to_vec(body).unwrap_or_default()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(correlation_id) {
        headers.insert(CORRELATION_ID, id);
    }
    response
}
