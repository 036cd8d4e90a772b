//! From what the HTTP library reports to [`ErrorKind`].

use std::{error::Error, io, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Response, header::HeaderMap};
use serde_json::Value;

use super::{Envelope, ErrorKind, json::excerpt};

/// The longest time that a `Retry-After` is taken at its word.
const MOST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Why no answer came.
pub(super) fn of_request(
    error: &reqwest::Error,
    host: &str,
    connect_timeout: Duration,
    turn_timeout: Duration,
) -> ErrorKind {
    let host = host.to_owned();
    let causes: Vec<&(dyn Error + 'static)> =
        std::iter::successors(error.source(), |&cause| cause.source()).collect();
    let io_kind =
        causes.iter().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    let reason = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
    if error.is_connect() {
        let tls = causes.iter().find_map(|cause| rustls_error(*cause));
        return if error.is_timeout() {
            ErrorKind::ConnectTimeout { host, limit: connect_timeout }
        } else if let Some(reason) = tls {
            ErrorKind::Tls { host, reason }
        } else if causes.iter().any(|cause| cause.to_string().contains("dns error")) {
            ErrorKind::NameNotResolved { host }
        } else if io_kind == Some(io::ErrorKind::ConnectionRefused) {
            ErrorKind::Refused { host }
        } else {
            ErrorKind::Connect { host, reason }
        };
    }
    if error.is_timeout() {
        return ErrorKind::Timeout { limit: turn_timeout };
    }
    ErrorKind::Lost { reason }
}

/// The TLS error behind an error, which the layers in between wrap as an I/O error.
fn rustls_error(cause: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(error.to_string());
    }
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    rustls_error(inner)
}

/// What an answer that is not 2xx says; `body` is what could be read of it.
pub(super) fn of_status(status: u16, headers: &HeaderMap, body: &[u8]) -> ErrorKind {
    if (300..400).contains(&status) {
        let location = headers.get("location").and_then(|value| value.to_str().ok());
        let location = location.unwrap_or("nowhere").split('?').next().unwrap_or_default();
        return ErrorKind::Redirect { status, location: location.to_owned() };
    }
    let retry_after = headers.get("retry-after").and_then(|value| value.to_str().ok());
    ErrorKind::Status {
        status,
        envelope: envelope(body),
        retry_after: retry_after.and_then(|text| parse_retry_after(text, Timestamp::now())),
    }
}

/// Reads both generations of the error body, and a gateway's `{"message": …}`.
pub(in crate::backend) fn envelope(body: &[u8]) -> Envelope {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
        let excerpt = excerpt(body);
        return Envelope {
            excerpt: (!excerpt.is_empty()).then_some(excerpt),
            ..Envelope::default()
        };
    };
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| fields.get(*name)?.as_str());
        found.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let code = fields.get("error_code").filter(|code| code.is_number()).map(ToString::to_string);
    Envelope {
        error_code: text(&["error_code"]).or(code),
        error_message: text(&["error_message", "message", "error"]),
        error_id: text(&["error_id"]),
        excerpt: None,
    }
}

/// `Retry-After`, as seconds or as a date, at most a minute.
fn parse_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let wait = match text.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
            Duration::try_from(date.duration_since(now)).unwrap_or_default()
        }
    };
    Some(wait.min(MOST_RETRY_AFTER))
}

/// Reads a body, at most `limit` bytes of it.
pub(super) async fn read_body(response: &mut Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let expected = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(expected.unwrap_or(0).min(limit));
    while let Some(chunk) =
        response.chunk().await.map_err(|error| BodyError::Broken(error, excerpt(&body)))?
    {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why a body could not be read.
pub(super) enum BodyError {
    /// It is larger than the limit.
    TooLarge,
    /// It ended early; what had come is kept.
    Broken(reqwest::Error, String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date_and_capped() {
        let now: Timestamp = "2026-05-01T10:00:00Z".parse().expect("a time");
        let read = |text| parse_retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(read("7"), Some(7));
        assert_eq!(read("3600"), Some(60));
        assert_eq!(read("Fri, 01 May 2026 10:00:05 GMT"), Some(5));
        assert_eq!(read("Fri, 01 May 2026 09:00:00 GMT"), Some(0));
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn both_generations_of_the_error_body_are_read() {
        let old = envelope(br#"{"error_message": "bad"}"#);
        assert_eq!(old.error_message.as_deref(), Some("bad"));
        let new = envelope(br#"{"success":false,"error":"E","error_id":"i","error_code":"CHAT_TIMEOUT","error_message":"m","data":null}"#);
        assert_eq!(new.error_code.as_deref(), Some("CHAT_TIMEOUT"));
        assert_eq!(new.error_id.as_deref(), Some("i"));
        let page = envelope(b"<html>\n<body>Bad gateway</body>");
        assert_eq!(page.excerpt.as_deref(), Some("<html> <body>Bad gateway</body>"));
    }
}
