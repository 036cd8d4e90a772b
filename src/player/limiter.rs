//! How much is sent to one platform at a time.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// The limiter to one platform, shared by all conversations with it.
///
/// Requests are spaced evenly where a pace is set. So many conversations are in flight as the
/// setting says; when the platform answers 429 all wait as long as it asks for, and the number
/// halves, to grow back one by one as requests go well.
#[derive(Debug)]
pub struct Limiter {
    interval: Option<Duration>,
    most: usize,
    state: Mutex<LimiterState>,
    left: Notify,
}

#[derive(Debug)]
struct LimiterState {
    next: Option<Instant>,
    limit: usize,
    in_flight: usize,
    successes: usize,
}

/// A permit to be among the conversations in flight, free again when it is dropped.
#[derive(Debug)]
pub struct Permit<'a>(&'a Limiter);

impl Limiter {
    /// At most so many conversations, and so many requests per second.
    #[must_use]
    pub fn new(concurrency: usize, requests_per_second: Option<f64>) -> Self {
        let rate = requests_per_second.map(f64::recip);
        let interval = rate.and_then(|rate| Duration::try_from_secs_f64(rate).ok());
        let most = concurrency.max(1);
        let state = LimiterState { next: None, limit: most, in_flight: 0, successes: 0 };
        Self { interval, most, state: Mutex::new(state), left: Notify::new() }
    }

    /// The most conversations in flight.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.most
    }

    /// Waits for a permit to be among the conversations in flight.
    pub async fn acquire(&self) -> Permit<'_> {
        loop {
            let left = self.left.notified();
            {
                let mut state = self.lock();
                if state.in_flight < state.limit {
                    state.in_flight += 1;
                    return Permit(self);
                }
            }
            left.await;
        }
    }

    /// Waits until the next request may be sent.
    pub async fn pace(&self) {
        let turn = {
            let mut state = self.lock();
            let Some(next) = state.next.filter(|next| *next > Instant::now()) else {
                state.next = self.interval.map(|interval| Instant::now() + interval);
                return;
            };
            if let Some(interval) = self.interval {
                state.next = Some(next + interval);
            }
            next
        };
        sleep_until(turn).await;
    }

    /// The platform answered 429: everything to it waits, and fewer conversations are in flight.
    pub fn on_throttled(&self, wait: Duration) {
        let mut state = self.lock();
        let until = Instant::now() + wait;
        state.next = Some(state.next.map_or(until, |next| next.max(until)));
        state.limit = (state.limit / 2).max(1);
        state.successes = 0;
    }

    /// A request was answered: after as many as there may be conversations, there may be one more.
    pub fn on_success(&self) {
        let mut state = self.lock();
        if state.limit == self.most {
            return;
        }
        state.successes += 1;
        if state.successes >= state.limit {
            state.successes = 0;
            state.limit += 1;
            drop(state);
            self.left.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.left.notify_one();
    }
}

/// How many requests a run may still send (`--max-requests`); closing is always allowed.
#[derive(Debug)]
pub struct Budget {
    left: Option<AtomicUsize>,
}

impl Budget {
    /// So many requests, or any number.
    #[must_use]
    pub fn new(most: Option<usize>) -> Self {
        Self { left: most.map(AtomicUsize::new) }
    }

    /// Takes requests from it; `false` when not so many are left.
    #[must_use]
    pub fn take(&self, requests: usize) -> bool {
        let Some(left) = &self.left else { return true };
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(requests))
            .is_ok()
    }

    /// Puts back what was taken and turned out not to be needed.
    pub fn put_back(&self, requests: usize) {
        if let Some(left) = &self.left {
            left.fetch_add(requests, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_are_spaced_evenly_and_wait_when_the_platform_asks_for_it() {
        let limiter = Limiter::new(4, Some(10.0));
        let start = Instant::now();
        for _ in 0..5 {
            limiter.pace().await;
        }
        assert_eq!(start.elapsed().as_millis(), 400);
        limiter.on_throttled(Duration::from_secs(2));
        limiter.pace().await;
        assert_eq!(start.elapsed().as_millis(), 2400);
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_conversations_halves_on_429_and_grows_back() {
        let limiter = Limiter::new(8, None);
        limiter.on_throttled(Duration::ZERO);
        let permits = [
            limiter.acquire().await,
            limiter.acquire().await,
            limiter.acquire().await,
            limiter.acquire().await,
        ];
        let fifth = tokio::time::timeout(Duration::from_millis(20), limiter.acquire()).await;
        assert!(fifth.is_err());
        for _ in 0..4 {
            limiter.on_success();
        }
        let fifth = limiter.acquire().await;
        drop((permits, fifth));
        for _ in 0..100 {
            limiter.on_success();
        }
        assert_eq!(limiter.lock().limit, 8);
    }

    #[test]
    fn a_budget_runs_out() {
        let budget = Budget::new(Some(2));
        assert_eq!([budget.take(1), budget.take(1), budget.take(1)], [true, true, false]);
        budget.put_back(1);
        assert_eq!([budget.take(1), budget.take(1)], [true, false]);
        assert!(Budget::new(None).take(9));
    }
}
