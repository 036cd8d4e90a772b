//! The Chat API, served on loopback.
//!
//! It is built on hyper alone, which is in the tree with reqwest: three paths need no router, and only at
//! this level can an answer break off in the middle or a connection be reset on purpose.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http_body_util::{BodyExt, Limited};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{
    api::{Api, ApiRequest, ServedProject},
    connection::Connection,
    fault::{Fault, Faults},
    operation::ApiOperation,
    reply::{self, ApiError, ApiResponse},
    script::AgentScript,
};

/// The largest request that is read, in bytes.
const MOST_BODY: usize = 2 << 20;

/// A running server. Dropping it stops it.
pub struct AgentServer {
    address: SocketAddr,
    served: Arc<Served>,
    task: JoinHandle<Infallible>,
}

impl AgentServer {
    /// Starts to serve an agent on a port of 127.0.0.1; 0 takes any that is free.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(
        script: AgentScript,
        known: ServedProject,
        faults: Faults,
        port: u16,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let asked = Default::default();
        let served = Arc::new(Served { api: Api::new(script, known), faults, asked });
        let serving = Arc::clone(&served);
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(Arc::clone(&serving).connection(stream))),
                    // Out of file descriptors, most likely: some will be free again soon.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                }
            }
        });
        Ok(Self { address, served, task })
    }

    /// The address to use as `base_url`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has been asked so far.
    #[must_use]
    pub fn counts(&self) -> RequestCounts {
        let asked = |operation| self.served.asked(operation).load(Ordering::Relaxed);
        RequestCounts {
            create: asked(ApiOperation::Create),
            respond: asked(ApiOperation::Respond),
            close: asked(ApiOperation::Close),
            open: self.served.api.open(),
        }
    }
}

impl std::fmt::Debug for AgentServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for AgentServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a server has been asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestCounts {
    /// Requests to `create`, whatever was answered.
    pub create: usize,
    /// Requests to `respond`.
    pub respond: usize,
    /// Requests to `close`.
    pub close: usize,
    /// Conversations that are going on.
    pub open: usize,
}

struct Served {
    api: Api,
    faults: Faults,
    asked: [AtomicUsize; 3],
}

/// The connection is to be reset instead of an answer.
#[derive(Debug, thiserror::Error)]
#[error("reset on purpose")]
struct Reset;

impl Served {
    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // Without it an answer may wait 40 ms for an acknowledgement; it works all the same.
        let _ = stream.set_nodelay(true);
        let (connection, reset) = Connection::new(stream);
        let service = service_fn(move |request| {
            let (served, reset) = (Arc::clone(&self), reset.clone());
            async move {
                let answered = served.answer(request).await;
                answered.inspect_err(|Reset| reset.ask())
            }
        });
        // A client that goes away is no matter of ours.
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(connection), service)
            .await;
    }

    fn asked(&self, operation: ApiOperation) -> &AtomicUsize {
        let [create, respond, close] = &self.asked;
        match operation {
            ApiOperation::Create => create,
            ApiOperation::Respond => respond,
            ApiOperation::Close => close,
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<ApiResponse, Reset> {
        let (parts, body) = request.into_parts();
        let correlation_id = reply::correlation_id(&parts.headers);
        let body = Limited::new(body, MOST_BODY).collect().await.map(|body| body.to_bytes());
        let asked = body
            .map_err(|error| ApiError::too_large(&error.to_string()))
            .and_then(|body| ApiRequest::read(parts, body));
        if let Ok(asked) = &asked {
            self.asked(asked.operation).fetch_add(1, Ordering::Relaxed);
        }
        let fault = asked.as_ref().ok().and_then(|asked| self.faults.next(asked.operation));
        match fault {
            Some(Fault::Hang) => std::future::pending::<()>().await,
            Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
            Some(Fault::Status { status, retry_after }) => {
                let refusal = ApiError::on_purpose(status, retry_after);
                return Ok(refusal.into_response(&correlation_id));
            }
            _ => {}
        }
        let answered = match asked {
            Ok(asked) => self.api.answer(&asked).await,
            Err(refusal) => Err(refusal),
        };
        spoil(answered, fault, &correlation_id)
    }
}

/// The answer, or what a fault makes of it now that the message was heard.
fn spoil(
    answered: Result<reply::ReplyBody, ApiError>,
    fault: Option<Fault>,
    correlation_id: &str,
) -> Result<ApiResponse, Reset> {
    let answer = match answered {
        Ok(answer) => answer,
        Err(refusal) => return Ok(refusal.into_response(correlation_id)),
    };
    Ok(match fault {
        Some(Fault::Reset) => return Err(Reset),
        Some(Fault::Cut) => answer.cut(correlation_id),
        Some(Fault::NotJson) => reply::page(correlation_id),
        Some(Fault::Huge) => reply::huge(correlation_id),
        Some(Fault::WrongId) => {
            answer.with_id(Some("CONV-of-somebody-else")).respond(correlation_id)
        }
        Some(Fault::NoId) => answer.with_id(None).respond(correlation_id),
        _ => answer.respond(correlation_id),
    })
}
