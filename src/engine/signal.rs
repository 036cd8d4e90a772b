//! Ctrl-C, SIGTERM, SIGHUP: the first stops the run in order, a second one says that it is time to leave.

use std::{io, sync::Arc};

use tokio::sync::watch;

use crate::player::{Ledger, Unclosed};

/// The exit status of a process that a second signal ends.
pub const SIGNALLED: i32 = 130;

/// Stops a run on the first signal, and returns on the second, when the process should leave at
/// once with [`SIGNALLED`].
///
/// `on_signal` is called with nothing on the first, and with what may still be open on the second.
pub async fn stop_on_signal(
    mut signals: Signals,
    stop: watch::Sender<bool>,
    ledger: Arc<Ledger>,
    on_signal: impl Fn(Option<Unclosed>),
) {
    signals.next().await;
    on_signal(None);
    // Nobody listens any more when the run is over already.
    let _ = stop.send(true);
    signals.next().await;
    on_signal(Some(ledger.seal()));
}

/// Waits for a signal that asks the process to end.
pub async fn ending_signal() {
    match Signals::listen() {
        Ok(mut signals) => signals.next().await,
        Err(_) => std::future::pending().await,
    }
}

/// The signals that ask the process to end, caught from when this is made. What the parent has
/// the process ignore stays ignored: `nohup` means that a closed terminal ends nothing.
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    kinds: Vec<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Catches them; within a runtime.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let ignored = ignored();
        let caught = kinds.into_iter().filter(|kind| !is_in(ignored, kind.as_raw_value()));
        Ok(Self { kinds: caught.map(signal).collect::<io::Result<_>>()? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let mut kinds = self.kinds.iter_mut();
            match kinds.any(|kind| kind.poll_recv(context).is_ready()) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
    }
}

/// The signals that this process ignores, a bit each. Only Linux says so in a file; elsewhere
/// none counts as ignored.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(unix)]
fn is_in(mask: u64, signal: i32) -> bool {
    let bit = u32::try_from(signal - 1).ok().and_then(|shift| mask.checked_shr(shift));
    bit.is_some_and(|bits| bits & 1 == 1)
}

#[cfg(not(unix))]
impl Signals {
    /// Catches them; within a runtime.
    ///
    /// # Errors
    /// Never here.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_its_bit_less_one() {
        assert!(is_in(0x0000_0000_0000_1001, 1), "SIGHUP is the first");
        assert!(!is_in(0x0000_0000_0000_1001, 2));
        assert!(is_in(0x4000, 15), "SIGTERM");
    }
}
