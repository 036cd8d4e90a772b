//! How fast requests follow one another.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Spaces requests evenly, over all conversations of a run.
#[derive(Debug)]
pub struct Pace {
    interval: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// So many requests per second; no pacing without a number.
    #[must_use]
    pub fn new(requests_per_second: Option<f64>) -> Self {
        let interval =
            requests_per_second.and_then(|rate| Duration::try_from_secs_f64(rate.recip()).ok());
        Self { interval, next: Mutex::new(None) }
    }

    /// Waits until the next request may be sent.
    pub async fn wait(&self) {
        let Some(interval) = self.interval else { return };
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = next.unwrap_or_else(Instant::now).max(Instant::now());
            *next = Some(turn + interval);
            turn
        };
        sleep_until(turn).await;
    }
}
