//! The client of the Chat API.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Url, header::HeaderName};
use serde::Serialize;

use super::{
    ErrorKind, Reply, classify,
    failure::{self, BodyError},
    http::{ClientError, Credentials, HttpLimits, headers, http_client, limit_key},
    request::{CloseBody, CreateBody, RespondBody},
    scrub,
};
use crate::{
    backend::{
        self, Answer, Auth, Backend, BackendError, Closed, JsonText, Message, Open, Opened,
        Operation, Request, correlation_id,
    },
    text::Scrubber,
};

const API_VERSION: &str = "v1";
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-polyai-correlation-id");
/// What a segment of a path writes as `%XX`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A client of the Chat API for one project in one environment. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct ChatClient {
    http: reqwest::Client,
    create: Endpoint,
    respond: Endpoint,
    close: Endpoint,
    limits: HttpLimits,
    limit_key: String,
    scrubber: Scrubber,
    auth: Vec<Auth>,
}

/// The project that a client talks to, by the platform's ids.
#[derive(Clone, Copy, Debug)]
pub struct ProjectIds<'a> {
    /// The account.
    pub account_id: &'a str,
    /// The project.
    pub project_id: &'a str,
}

/// Where an operation is sent.
#[derive(Clone, Debug)]
struct Endpoint {
    method: Method,
    url: Url,
    /// The same, for commands that repeat a request.
    shown: Arc<str>,
}

impl ChatClient {
    /// A client for a project at an address. `auth` names the variables that the credentials came
    /// from, for commands that repeat a request; without any, no request can be repeated.
    ///
    /// It follows no redirect, repeats no request, and uses no proxy for this machine itself.
    ///
    /// # Errors
    /// When the address or a credential cannot be used.
    pub fn new(
        base_url: &str,
        project: ProjectIds<'_>,
        credentials: &Credentials,
        auth: Vec<Auth>,
        limits: HttpLimits,
    ) -> Result<Self, ClientError> {
        let url = |operation: Operation| {
            let segment = |text| utf8_percent_encode(text, SEGMENT);
            let path = format!(
                "{}/{API_VERSION}/{}/{}/chat/{operation}",
                base_url.trim_end_matches('/'),
                segment(project.account_id),
                segment(project.project_id)
            );
            Url::parse(&path).map_err(|_| ClientError::BaseUrl { base_url: base_url.to_owned() })
        };
        let create = Endpoint::new(Method::POST, url(Operation::Create)?);
        let http = http_client(&create.url, headers(credentials)?, limits)?;
        Ok(Self {
            http,
            respond: Endpoint::new(Method::POST, url(Operation::Respond)?),
            close: Endpoint::new(Method::PUT, url(Operation::Close)?),
            limit_key: limit_key(&create.url, credentials),
            create,
            limits,
            scrubber: credentials.scrubber(),
            auth,
        })
    }

    async fn create(&self, open: &Open, id: String) -> Result<Opened, Box<BackendError>> {
        let (reply, answer) = self.converse(Operation::Create, &CreateBody::from(open), id).await?;
        Ok(Opened { conversation_id: reply.conversation_id, greeting: answer })
    }

    async fn respond(
        &self,
        conversation_id: &str,
        message: &Message,
        id: String,
    ) -> Result<Answer, Box<BackendError>> {
        let body = RespondBody::new(conversation_id, message);
        let (reply, answer) = self.converse(Operation::Respond, &body, id).await?;
        let got = reply.conversation_id;
        if !got.is_empty() && got != conversation_id {
            let sent =
                SentRequest { correlation_id: answer.correlation_id, request: answer.request };
            let kind = ErrorKind::OtherConversation { got };
            return Err(self.error(Operation::Respond, sent, kind));
        }
        Ok(answer)
    }

    async fn end(&self, conversation_id: &str) -> Result<Closed, Box<BackendError>> {
        match self.send(Operation::Close, &CloseBody { conversation_id }, correlation_id()).await {
            Ok((body, sent)) if Reply::denies_success(&body) => {
                Err(self.error(Operation::Close, sent, ErrorKind::NotConfirmed))
            }
            Ok(_) => Ok(Closed::Now),
            // The platform answers alike for a conversation that it does not know.
            Err(error) if matches!(error.status, Some(404 | 410)) => Ok(Closed::OverOrUnknown),
            Err(error) => Err(error),
        }
    }

    fn endpoint(&self, operation: Operation) -> &Endpoint {
        match operation {
            Operation::Create => &self.create,
            Operation::Respond => &self.respond,
            Operation::Close => &self.close,
        }
    }

    async fn converse(
        &self,
        operation: Operation,
        body: &impl Serialize,
        correlation_id: String,
    ) -> Result<(Reply, Answer), Box<BackendError>> {
        let started = Instant::now();
        let (body, sent) = self.send(operation, body, correlation_id).await?;
        let latency = started.elapsed();
        match Reply::parse(operation, &body) {
            Ok(reply) => {
                let mut reply = scrub::reply(&self.scrubber, reply);
                let answer = Answer {
                    response: std::mem::take(&mut reply.response),
                    end_conversation: reply.end_conversation,
                    handoff: reply.handoff.take(),
                    latency,
                    correlation_id: sent.correlation_id,
                    request: sent.request,
                    notes: std::mem::take(&mut reply.notes),
                };
                Ok((reply, answer))
            }
            Err(kind) => {
                let mut error = self.error(operation, sent, kind);
                error.conversation_id = Reply::conversation_id(&body);
                Err(error)
            }
        }
    }

    /// Sends one request, once; the body of a 2xx answer, and what was sent.
    async fn send(
        &self,
        operation: Operation,
        body: &impl Serialize,
        correlation_id: String,
    ) -> Result<(Vec<u8>, SentRequest), Box<BackendError>> {
        let endpoint = self.endpoint(operation);
        let url = (!self.auth.is_empty()).then(|| Arc::clone(&endpoint.shown));
        let sent =
            SentRequest { correlation_id, request: Request { url, body: JsonText::of(body) } };
        let limit = match operation {
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
            Err(kind) => Err(self.error(operation, sent, kind)),
        }
    }

    async fn receive(
        &self,
        request: reqwest::RequestBuilder,
        limit: Duration,
    ) -> Result<Vec<u8>, ErrorKind> {
        let limits = self.limits;
        let of_request = |error: &reqwest::Error| {
            let host = self.create.url.host_str().unwrap_or_default();
            failure::of_request(error, host, limits.connect_timeout, limit)
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

    fn error(&self, operation: Operation, sent: SentRequest, kind: ErrorKind) -> Box<BackendError> {
        let kind = scrub::error(&self.scrubber, kind);
        let endpoint = self.endpoint(operation);
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

impl Backend for ChatClient {
    fn open<'a>(&'a self, request: &'a Open, id: String) -> backend::BackendFuture<'a, Opened> {
        Box::pin(self.create(request, id))
    }

    fn say<'a>(
        &'a self,
        conversation_id: &'a str,
        message: &'a Message,
        id: String,
    ) -> backend::BackendFuture<'a, Answer> {
        Box::pin(self.respond(conversation_id, message, id))
    }

    fn close<'a>(&'a self, conversation_id: &'a str) -> backend::BackendFuture<'a, Closed> {
        Box::pin(self.end(conversation_id))
    }

    fn limit_key(&self) -> String {
        self.limit_key.clone()
    }

    fn auth(&self) -> &[Auth] {
        &self.auth
    }

    fn scrubber(&self) -> Scrubber {
        self.scrubber.clone()
    }
}

impl Endpoint {
    fn new(method: Method, url: Url) -> Self {
        Self { method, shown: url.as_str().into(), url }
    }
}

/// A request that was sent.
struct SentRequest {
    correlation_id: String,
    request: Request,
}
