//! Ctrl-C, SIGTERM, SIGHUP: the first stops the run in order, a second one leaves at once.

use std::sync::Arc;

use tokio::sync::watch;

use crate::replay::{Ledger, OpenConversation};

/// Stops a run on the first signal and leaves the process on the second, with status 130.
///
/// `told` is called with nothing on the first, and with what may still be open on the second.
pub async fn stop_on_signal(
    stop: watch::Sender<bool>,
    ledger: Arc<Ledger>,
    told: impl Fn(Option<Vec<OpenConversation>>),
) {
    ending_signal().await;
    told(None);
    // Nobody listens any more when the run is over already.
    let _ = stop.send(true);
    ending_signal().await;
    told(Some(ledger.open()));
    std::process::exit(130);
}

/// Waits for a signal that asks the process to end.
#[cfg(unix)]
pub async fn ending_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    let (Ok(mut terminate), Ok(mut hangup)) = kinds else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

/// Waits for a signal that asks the process to end.
#[cfg(not(unix))]
pub async fn ending_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
