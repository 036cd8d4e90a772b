//! Who may ask: only pages of this address, for only it knows the token.

use hyper::{HeaderMap, Method, header};

/// What every answer carries, so that a page loads nothing from elsewhere, tells nobody its
/// address and is not kept.
pub(super) const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    /// It was sent to another name, so another site may be behind it.
    Host,
    /// A page of another site sent it.
    Origin,
    /// The token is missing or wrong.
    Token,
}

/// What a request must have.
pub(super) struct RequestGuard {
    port: u16,
    token: String,
}

impl RequestGuard {
    /// With a new token of 128 random bits.
    ///
    /// # Errors
    /// When the operating system has no random bits.
    pub fn new(port: u16) -> Result<Self, getrandom::Error> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits)?;
        Ok(Self { port, token: format!("{:032x}", u128::from_be_bytes(bits)) })
    }

    /// The path below which everything is.
    pub fn root(&self) -> String {
        format!("/{}/", self.token)
    }

    /// The path below the token of a request that may be answered.
    pub fn admit<'p>(
        &self,
        method: &Method,
        path: &'p str,
        headers: &HeaderMap,
    ) -> Result<&'p str, Rejection> {
        let host = only(headers, &header::HOST).filter(|host| self.is_own(host));
        let host = host.ok_or(Rejection::Host)?;
        let (token, below) =
            path.strip_prefix('/').and_then(|path| path.split_once('/')).ok_or(Rejection::Token)?;
        if !is_same(token, &self.token) {
            return Err(Rejection::Token);
        }
        if method != Method::GET && !is_from(host, headers) {
            return Err(Rejection::Origin);
        }
        Ok(below)
    }

    fn is_own(&self, host: &str) -> bool {
        let own = |name: &str| host.eq_ignore_ascii_case(&format!("{name}:{}", self.port));
        own("127.0.0.1") || own("localhost")
    }
}

/// Whether a page of `host` sent a form. A browser hides the origin of a plain form of a page
/// whose address is told to nobody, and says only that it is the same.
fn is_from(host: &str, headers: &HeaderMap) -> bool {
    match only(headers, &header::ORIGIN) {
        Some("null") => {
            let site = header::HeaderName::from_static("sec-fetch-site");
            only(headers, &site) == Some("same-origin")
        }
        Some(origin) => origin.eq_ignore_ascii_case(&format!("http://{host}")),
        None => false,
    }
}

/// A header that stands there once.
fn only<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Compares in a time that says nothing about where two texts differ.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
