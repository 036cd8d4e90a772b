//! Ending work early: on a signal, or when its time is over.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::{sync::watch, time::Instant};

/// Tells players to stop. Cloning gives another handle on the same signal.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Why work was not waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CancelReason {
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

    /// What ends work early: the signal, or the deadline.
    pub(super) fn or_at(&self, deadline: Instant) -> Cancel {
        let stop = self.clone();
        Cancel(Box::pin(async move {
            tokio::select! {
                biased;
                () = stop.given() => CancelReason::Stopped,
                () = tokio::time::sleep_until(deadline) => CancelReason::OutOfTime,
            }
        }))
    }

    async fn given(&self) {
        let mut signal = self.0.clone();
        // Without a sender nobody can stop the run any more.
        if signal.wait_for(|given| *given).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// What may end the work of one case early. It waits for its reasons once, however much work
/// there is.
pub(super) struct Cancel(Pin<Box<dyn Future<Output = CancelReason> + Send>>);

impl Cancel {
    /// The outcome of `work`, unless it is cancelled and `grace` runs out before it.
    pub async fn run_until<T>(
        &mut self,
        work: impl Future<Output = T>,
        grace: Duration,
    ) -> Result<T, CancelReason> {
        tokio::pin!(work);
        let reason = tokio::select! {
            biased;
            reason = &mut self.0 => reason,
            outcome = &mut work => return Ok(outcome),
        };
        // What is over is never waited for again.
        self.0 = Box::pin(std::future::ready(reason));
        // Even a time limit of zero would begin the work.
        if grace.is_zero() {
            return Err(reason);
        }
        tokio::time::timeout(grace, work).await.map_err(|_| reason)
    }
}
