//! How requests are signed, and how long and how much is waited for.

use std::time::Duration;

use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

use crate::text::{Scrubber, fnv, is_loopback};

/// What a request is signed with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Sent as `X-API-KEY`.
    pub api_key: SecretString,
    /// Sent as `X-TOKEN` by the Chat API: the connector's token, which decides the environment.
    pub token: Option<SecretString>,
}

impl Credentials {
    /// Takes them out of texts.
    #[must_use]
    pub fn scrubber(&self) -> Scrubber {
        Scrubber::new(std::iter::once(&self.api_key).chain(&self.token))
    }
}

/// How long and how much the client waits for.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// For a connection.
    pub connect_timeout: Duration,
    /// For one answer, from sending to its last byte.
    pub turn_timeout: Duration,
    /// The timeout of `close`, whose answer no check depends on.
    pub close_timeout: Duration,
    /// The largest answer, in bytes.
    pub body: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            turn_timeout: Duration::from_secs(60),
            close_timeout: Duration::from_secs(5),
            body: 8 << 20,
        }
    }
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

/// The host and a fingerprint of the key, which the platform's limits go by.
pub(super) fn limit_key(url: &Url, credentials: &Credentials) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let key = fnv::hash(credentials.api_key.expose_secret().bytes());
    format!("{host}:{port}#{key:016x}")
}

pub(super) fn headers(credentials: &Credentials) -> Result<HeaderMap, ClientError> {
    let secret = |secret: &SecretString, which| {
        let mut value = HeaderValue::from_str(secret.expose_secret())
            .map_err(|_| ClientError::Credential { which })?;
        value.set_sensitive(true);
        Ok::<_, ClientError>(value)
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", secret(&credentials.api_key, "API key")?);
    if let Some(token) = &credentials.token {
        headers.insert("x-token", secret(token, "connector token")?);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("accept", HeaderValue::from_static("application/json"));
    Ok(headers)
}

pub(super) fn http_client(
    url: &Url,
    headers: HeaderMap,
    limits: HttpLimits,
) -> Result<reqwest::Client, ClientError> {
    // ring builds in seconds with a C compiler alone. Installing it fails only when a provider is
    // there already, which is as good.
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
