//! The client of the Chat API.

use std::time::{Duration, Instant};

use hyper::body::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{
    ChatError, Close, Create, ErrorKind, Operation, Reply, Respond, correlation_id,
    failure::{self, BodyError},
    scrub,
};
use crate::{config::region::is_loopback, text::Scrubber};

const API_VERSION: &str = "v1";
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-polyai-correlation-id");
/// What a segment of a path writes as `%XX`.
pub(crate) const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a request is signed with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Sent as `X-API-KEY`.
    pub api_key: SecretString,
    /// Sent as `X-TOKEN`: the connector's token, which decides the environment.
    pub token: SecretString,
}

impl Credentials {
    /// Takes them out of texts.
    #[must_use]
    pub fn scrubber(&self) -> Scrubber {
        Scrubber::new([&self.api_key, &self.token])
    }
}

/// How long and how much the client waits for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a connection.
    pub connect_timeout: Duration,
    /// For one answer, from sending to its last byte.
    pub turn_timeout: Duration,
    /// For the answer to `close`, which nobody waits for with interest.
    pub close_timeout: Duration,
    /// The largest answer, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            turn_timeout: Duration::from_secs(60),
            close_timeout: Duration::from_secs(5),
            body: 8 << 20,
        }
    }
}

/// A client for one project in one environment. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct ChatClient {
    http: reqwest::Client,
    create: Url,
    respond: Url,
    close: Url,
    limits: Limits,
    scrubber: Scrubber,
}

/// An answer and what is known about its request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What came.
    pub reply: Reply,
    /// From sending to the last byte.
    pub latency: Duration,
    /// The id the request carried.
    pub correlation_id: String,
    /// The body that was sent, in JSON.
    pub request: Bytes,
}

/// What became of a conversation that was to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is closed.
    Now,
    /// It was over already, or is unknown to this project.
    OverOrUnknown,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address is not one.
    #[error("`{base_url}` is not an address that can be called")]
    BaseUrl {
        /// The address.
        base_url: String,
    },
    /// A credential holds characters that no header can carry.
    #[error("the {which} holds characters that cannot be sent in a header")]
    Credential {
        /// Which of them.
        which: &'static str,
    },
    /// The HTTP library refused.
    #[error("cannot prepare HTTP requests: {0}")]
    Http(#[from] reqwest::Error),
}

impl ChatClient {
    /// A client for a project at an address.
    ///
    /// It follows no redirect, repeats no request, and uses no proxy for this machine itself.
    ///
    /// # Errors
    /// When the address or a credential cannot be used.
    pub fn new(
        base_url: &str,
        account_id: &str,
        project_id: &str,
        credentials: &Credentials,
        limits: Limits,
    ) -> Result<Self, ClientError> {
        let url = |operation: Operation| {
            let segment = |text| utf8_percent_encode(text, SEGMENT);
            let path = format!(
                "{}/{API_VERSION}/{}/{}/chat/{operation}",
                base_url.trim_end_matches('/'),
                segment(account_id),
                segment(project_id)
            );
            Url::parse(&path).map_err(|_| ClientError::BaseUrl { base_url: base_url.to_owned() })
        };
        let create = url(Operation::Create)?;
        let http = http_client(&create, headers(credentials)?, limits)?;
        Ok(Self {
            http,
            respond: url(Operation::Respond)?,
            close: url(Operation::Close)?,
            create,
            limits,
            scrubber: credentials.scrubber(),
        })
    }

    /// Starts a conversation.
    ///
    /// # Errors
    /// When no documented answer came.
    pub async fn create(
        &self,
        body: &Create<'_>,
        correlation_id: String,
    ) -> Result<Answer, ChatError> {
        self.converse(Operation::Create, &self.create, body, correlation_id).await
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When no documented answer came, or one for another conversation.
    pub async fn respond(
        &self,
        body: &Respond<'_>,
        correlation_id: String,
    ) -> Result<Answer, ChatError> {
        let url = &self.respond;
        let answer = self.converse(Operation::Respond, url, body, correlation_id).await?;
        let got = &answer.reply.conversation_id;
        if !got.is_empty() && got != body.conversation_id {
            let kind = ErrorKind::OtherConversation { got: got.clone() };
            let sent = Sent { correlation_id: answer.correlation_id, body: answer.request };
            return Err(self.error(Operation::Respond, sent, kind));
        }
        Ok(answer)
    }

    /// Ends a conversation. One that is over already counts as ended, and so does one that the
    /// platform does not know, for it answers alike.
    ///
    /// # Errors
    /// When the platform did not confirm it.
    pub async fn close(&self, body: &Close<'_>) -> Result<Closed, ChatError> {
        match self.send(Operation::Close, &self.close, body, correlation_id()).await {
            Ok((body, sent)) if Reply::denies_success(&body) => {
                Err(self.error(Operation::Close, sent, ErrorKind::NotConfirmed))
            }
            Ok(_) => Ok(Closed::Now),
            Err(error) if matches!(error.kind.status(), Some(404 | 410)) => {
                Ok(Closed::OverOrUnknown)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes this client's credentials out of texts.
    #[must_use]
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    /// The address of an operation.
    #[must_use]
    pub fn url(&self, operation: Operation) -> &str {
        match operation {
            Operation::Create => self.create.as_str(),
            Operation::Respond => self.respond.as_str(),
            Operation::Close => self.close.as_str(),
        }
    }

    /// The host and the port that requests go to.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.create.host_str().unwrap_or_default();
        format!("{host}:{}", self.create.port_or_known_default().unwrap_or_default())
    }

    /// The path of an operation, for messages.
    #[must_use]
    pub fn path(&self, operation: Operation) -> &str {
        match operation {
            Operation::Create => self.create.path(),
            Operation::Respond => self.respond.path(),
            Operation::Close => self.close.path(),
        }
    }

    async fn converse(
        &self,
        operation: Operation,
        url: &Url,
        body: &impl Serialize,
        correlation_id: String,
    ) -> Result<Answer, ChatError> {
        let started = Instant::now();
        let (body, sent) = self.send(operation, url, body, correlation_id).await?;
        let latency = started.elapsed();
        match Reply::parse(operation, &body) {
            Ok(reply) => {
                let reply = scrub::reply(&self.scrubber, reply);
                let Sent { correlation_id, body: request } = sent;
                Ok(Answer { reply, latency, correlation_id, request })
            }
            Err(kind) => {
                let conversation_id = Reply::conversation_id(&body);
                Err(ChatError { conversation_id, ..self.error(operation, sent, kind) })
            }
        }
    }

    /// Sends one request, once; the body of a 2xx answer, and what was sent.
    async fn send(
        &self,
        operation: Operation,
        url: &Url,
        body: &impl Serialize,
        correlation_id: String,
    ) -> Result<(Vec<u8>, Sent), ChatError> {
        let body = Bytes::from(serde_json::to_vec(body).unwrap_or_default());
        let sent = Sent { correlation_id, body };
        let (method, limit) = match operation {
            Operation::Close => (Method::PUT, self.limits.close_timeout),
            _ => (Method::POST, self.limits.turn_timeout),
        };
        let request = self
            .http
            .request(method, url.clone())
            .header(CORRELATION_ID, &sent.correlation_id)
            .timeout(limit)
            .body(sent.body.clone());
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
            let host = self.create.host_str().unwrap_or_default();
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

    fn error(&self, operation: Operation, sent: Sent, kind: ErrorKind) -> ChatError {
        let kind = scrub::error(&self.scrubber, kind);
        let path = self.path(operation).to_owned();
        let Sent { correlation_id, body: request } = sent;
        ChatError { operation, path, correlation_id, request, conversation_id: None, kind }
    }
}

/// A request that was sent.
struct Sent {
    correlation_id: String,
    body: Bytes,
}

fn headers(credentials: &Credentials) -> Result<HeaderMap, ClientError> {
    let secret = |secret: &SecretString, which| {
        let mut value = HeaderValue::from_str(secret.expose_secret())
            .map_err(|_| ClientError::Credential { which })?;
        value.set_sensitive(true);
        Ok::<_, ClientError>(value)
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", secret(&credentials.api_key, "API key")?);
    headers.insert("x-token", secret(&credentials.token, "connector token")?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("accept", HeaderValue::from_static("application/json"));
    Ok(headers)
}

fn http_client(
    url: &Url,
    headers: HeaderMap,
    limits: Limits,
) -> Result<reqwest::Client, ClientError> {
    // Fails only when a provider is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("rehearsal/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(limits.connect_timeout);
    if is_loopback(url.host_str().unwrap_or_default()) {
        builder = builder.no_proxy();
    }
    if url.scheme() == "http" {
        // The system's certificates take milliseconds to load and would not be looked at.
        builder = builder.tls_certs_only([]);
    }
    Ok(builder.build()?)
}
