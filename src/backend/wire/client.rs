//! Sending one request, once.

use std::{sync::Arc, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use reqwest::{Method, Url, header::HeaderName};
use serde::Serialize;

use super::{
    ClientError, Credentials, ErrorKind, HttpLimits, classify,
    failure::{self, BodyError},
    http::{headers, http_client, limit_key},
    scrub,
};
use crate::{
    backend::{Auth, BackendError, JsonText, Operation, Request},
    text::Scrubber,
};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-polyai-correlation-id");
/// What a segment of a path writes as `%XX`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as a segment of a path.
pub(in crate::backend) fn segment(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, SEGMENT)
}

/// Sends the requests of one environment, all signed alike. Cloning shares its connections.
///
/// It follows no redirect, repeats no request, and uses no proxy for this machine itself.
#[derive(Clone, Debug)]
pub(in crate::backend) struct Wire {
    http: reqwest::Client,
    host: String,
    limits: HttpLimits,
    pub limit_key: String,
    pub scrubber: Scrubber,
    pub auth: Vec<Auth>,
}

/// Where an operation is sent.
#[derive(Clone, Debug)]
pub(in crate::backend) struct Endpoint {
    pub operation: Operation,
    method: Method,
    url: Url,
    /// The same, for commands that repeat a request.
    shown: Arc<str>,
}

/// A request that was sent.
pub(in crate::backend) struct SentRequest {
    pub correlation_id: String,
    pub request: Request,
}

impl Endpoint {
    /// The endpoint of an operation at an address.
    ///
    /// # Errors
    /// When `base_url` is no address.
    pub fn new(
        operation: Operation,
        method: Method,
        base_url: &str,
        path: &str,
    ) -> Result<Self, ClientError> {
        let url = Url::parse(&format!("{}/{path}", base_url.trim_end_matches('/')));
        let url = url.map_err(|_| ClientError::BaseUrl { base_url: base_url.to_owned() })?;
        Ok(Self { operation, method, shown: url.as_str().into(), url })
    }
}

impl Wire {
    /// What sends to the host of `endpoint`. `auth` names the variables that the credentials came
    /// from, for commands that repeat a request; without any, no request can be repeated.
    ///
    /// # Errors
    /// When a credential cannot be sent.
    pub fn new(
        endpoint: &Endpoint,
        credentials: &Credentials,
        auth: Vec<Auth>,
        limits: HttpLimits,
    ) -> Result<Self, ClientError> {
        let url = &endpoint.url;
        Ok(Self {
            http: http_client(url, headers(credentials)?, limits)?,
            host: url.host_str().unwrap_or_default().to_owned(),
            limits,
            limit_key: limit_key(url, credentials),
            scrubber: credentials.scrubber(),
            auth,
        })
    }

    /// Sends one request, once; the body of a 2xx answer, and what was sent.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        body: &impl Serialize,
        correlation_id: String,
    ) -> Result<(Vec<u8>, SentRequest), Box<BackendError>> {
        let url = (!self.auth.is_empty()).then(|| Arc::clone(&endpoint.shown));
        let sent =
            SentRequest { correlation_id, request: Request { url, body: JsonText::of(body) } };
        let limit = match endpoint.operation {
            Operation::Close => self.limits.close_timeout,
            Operation::Create | Operation::Respond => self.limits.turn_timeout,
        };
        let request = self
            .http
            .request(endpoint.method.clone(), endpoint.url.clone())
            .header(CORRELATION_ID, &sent.correlation_id)
            .timeout(limit)
            .body(sent.request.body.as_str().to_owned());
        match self.receive(request, limit).await {
            Ok(body) => Ok((body, sent)),
            Err(kind) => Err(self.error(endpoint, sent, kind)),
        }
    }

    async fn receive(
        &self,
        request: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<Vec<u8>, ErrorKind> {
        let limits = self.limits;
        let of_request = |error: &reqwest::Error| {
            failure::of_request(error, &self.host, limits.connect_timeout, limit)
        };
        let mut response = request.send().await.map_err(|error| of_request(&error))?;
        let status = response.status();
        let body = failure::read_body(&mut response, limits.body).await;
        let body = body.map(|body| scrub::bytes(&self.scrubber, body));
        if !status.is_success() {
            return Err(failure::of_status(
                status.as_u16(),
                response.headers(),
                &body.unwrap_or_default(),
            ));
        }
        body.map_err(|error| match error {
            BodyError::TooLarge => ErrorKind::TooLarge { limit: limits.body },
            BodyError::Broken(error, _) if error.is_timeout() => of_request(&error),
            BodyError::Broken(_, excerpt) => ErrorKind::CutOff { excerpt },
        })
    }

    /// What went wrong with a request, for whoever sent it.
    pub fn error(
        &self,
        endpoint: &Endpoint,
        sent: SentRequest,
        kind: ErrorKind,
    ) -> Box<BackendError> {
        let kind = scrub::error(&self.scrubber, kind);
        let operation = endpoint.operation;
        let envelope = kind.envelope().cloned().unwrap_or_default();
        Box::new(BackendError {
            class: classify::class(&kind),
            cause: classify::cause(&kind),
            what: kind.to_string(),
            help: kind.help(operation).map(str::to_owned),
            operation,
            endpoint: format!("{} {}", endpoint.method, endpoint.url.path()),
            status: kind.status(),
            error_code: envelope.error_code,
            error_message: envelope.error_message,
            error_id: envelope.error_id,
            correlation_id: sent.correlation_id,
            request: sent.request,
            conversation_id: None,
        })
    }
}
