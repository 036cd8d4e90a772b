//! Ending work early: on a signal, or when its time is over.

use std::{future::Future, time::Duration};

use tokio::{sync::watch, time::Instant};

/// Tells players to stop. Cloning gives another handle on the same signal.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Why work was not waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CutShort {
    /// The signal was given.
    Stopped,
    /// The time was over.
    OutOfTime,
}

impl Stop {
    /// A signal, and the sender that gives it with `true`.
    #[must_use]
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Whether the signal was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self.0.borrow()
    }

    /// The outcome of `work`, unless the deadline passes or the signal comes, and `grace` runs
    /// out before it.
    pub(super) async fn unless_given<T>(
        &self,
        work: impl Future<Output = T>,
        grace: Duration,
        deadline: Instant,
    ) -> Result<T, CutShort> {
        let mut cut_short = CutShort::Stopped;
        tokio::pin!(work);
        tokio::select! {
            biased;
            () = self.given() => {}
            outcome = &mut work => return Ok(outcome),
            () = tokio::time::sleep_until(deadline) => cut_short = CutShort::OutOfTime,
        }
        // Even a time limit of zero would begin the work.
        if grace.is_zero() {
            return Err(cut_short);
        }
        tokio::time::timeout(grace, work).await.map_err(|_| cut_short)
    }

    async fn given(&self) {
        let mut signal = self.0.clone();
        // Without a sender nobody can stop the run any more.
        if signal.wait_for(|given| *given).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
