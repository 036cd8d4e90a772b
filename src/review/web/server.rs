//! Listening on loopback, and ending in order.

use std::{
    convert::Infallible,
    fmt, io,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, PoisonError},
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use super::{guard::RequestGuard, routes::Routes, state::ReviewState};
use crate::{conversation::CaseName, review::Session};

/// How long answers that are under way may take at the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// There are no random bits for the token.
    #[error("the operating system has no random bits for the page's address: {0}")]
    Token(getrandom::Error),
}

/// A page that is served. Dropping it stops it at once.
pub struct ReviewServer {
    address: SocketAddr,
    routes: Arc<Routes>,
    listening: JoinHandle<Infallible>,
    ending: watch::Sender<bool>,
}

impl ReviewServer {
    /// Serves a review on a port of 127.0.0.1; 0 takes any that is free. `selects` says which
    /// cases it is about, among those that become pending later.
    ///
    /// # Errors
    /// When the port cannot be had, or there are no random bits.
    pub async fn start(
        session: Session,
        selects: impl Fn(&CaseName) -> bool + Send + 'static,
        port: u16,
    ) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Listen { port, source };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let guard = RequestGuard::new(address.port()).map_err(ServeError::Token)?;
        let routes = Arc::new(Routes::new(guard, ReviewState::new(session, Box::new(selects))));
        let (ending, ends) = watch::channel(false);
        let listening = tokio::spawn(listen(listener, Arc::clone(&routes), ends));
        Ok(Self { address, routes, listening, ending })
    }

    /// The page's address, which is all that is needed to decide.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}{}", self.address, self.routes.guard.root())
    }

    /// Waits until somebody says on the page that they are done.
    pub async fn done(&self) {
        self.routes.done.notified().await;
    }

    /// Answers what is under way and ends; whether anything is pending still, or again, or
    /// cannot be read.
    pub async fn end(self) -> bool {
        self.listening.abort();
        // Where nobody is connected, nobody needs to be told.
        let _ = self.ending.send(true);
        let _ = tokio::time::timeout(FAREWELL, self.ending.closed()).await;
        let mut state = self.routes.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_anything_left()
    }
}

impl fmt::Debug for ReviewServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for ReviewServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(
    listener: TcpListener,
    routes: Arc<Routes>,
    ends: watch::Receiver<bool>,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&routes), ends.clone()));
            }
            // Out of file descriptors, most likely: some will be free again soon.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, routes: Arc<Routes>, mut ends: watch::Receiver<bool>) {
    // Without it an answer may wait 40 ms for an acknowledgement; it works all the same.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let routes = Arc::clone(&routes);
        async move { Ok::<_, Infallible>(routes.answer(request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut served = pin!(served);
    tokio::select! {
        // A browser that goes away is no matter of ours.
        _ = served.as_mut() => return,
        _ = ends.wait_for(|is_ending| *is_ending) => {}
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}
