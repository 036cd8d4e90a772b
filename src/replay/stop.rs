//! Ending work early: on a signal, or when its time is over.

use std::{future::Future, pin::Pin, time::Duration};

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

    /// What ends work early: the signal, or the deadline.
    pub(super) fn or_at(&self, deadline: Instant) -> CutOff {
        let stop = self.clone();
        CutOff(Box::pin(async move {
            tokio::select! {
                biased;
                () = stop.given() => CutShort::Stopped,
                () = tokio::time::sleep_until(deadline) => CutShort::OutOfTime,
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
pub(super) struct CutOff(Pin<Box<dyn Future<Output = CutShort> + Send>>);

impl CutOff {
    /// The outcome of `work`, unless it is cut off and `grace` runs out before it.
    pub async fn unless<T>(
        &mut self,
        work: impl Future<Output = T>,
        grace: Duration,
    ) -> Result<T, CutShort> {
        tokio::pin!(work);
        let cut_short = tokio::select! {
            biased;
            cut_short = &mut self.0 => cut_short,
            outcome = &mut work => return Ok(outcome),
        };
        // What is over is never waited for again.
        self.0 = Box::pin(std::future::ready(cut_short));
        // Even a time limit of zero would begin the work.
        if grace.is_zero() {
            return Err(cut_short);
        }
        tokio::time::timeout(grace, work).await.map_err(|_| cut_short)
    }
}
