//! How long answers took.

use std::time::Duration;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::text::milliseconds;

/// The latencies of answered turns, of which the median and the 95th percentile are told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies(Vec<f64>);

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, latency: Duration) {
        self.0.push(milliseconds::of(latency));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The smallest latency, in milliseconds, that this share (0 to 1) of the answers did not
    /// exceed; `None` where there are none.
    ///
    /// ```
    /// use rehearsal::outcome::Latencies;
    ///
    /// let latencies: Latencies = [3.0, 1.0, 2.0, 10.0].into_iter().collect();
    /// assert_eq!(latencies.percentile(0.5), Some(2.0));
    /// assert_eq!(latencies.percentile(0.95), Some(10.0));
    /// ```
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<f64> {
        self.percentiles([share]).map(|[latency]| latency)
    }

    /// Several of them.
    #[must_use]
    pub fn percentiles<const N: usize>(&self, shares: [f64; N]) -> Option<[f64; N]> {
        let last = self.0.len().checked_sub(1)?;
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let rank = |share: f64| (share * sorted.len() as f64).ceil() as usize;
        Some(shares.map(|share| sorted[rank(share).saturating_sub(1).min(last)]))
    }

    /// The median as a duration.
    #[must_use]
    pub fn median(&self) -> Option<Duration> {
        self.percentile(0.5).map(milliseconds::duration)
    }

    /// The 95th percentile as a duration.
    #[must_use]
    pub fn p95(&self) -> Option<Duration> {
        self.percentile(0.95).map(milliseconds::duration)
    }
}

impl FromIterator<f64> for Latencies {
    fn from_iter<I: IntoIterator<Item = f64>>(milliseconds: I) -> Self {
        Self(milliseconds.into_iter().collect())
    }
}

impl Serialize for Latencies {
    /// `{"median": …, "p95": …}` in milliseconds, `null` where nothing was answered.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut latency = serializer.serialize_struct("Latency", 2)?;
        latency.serialize_field("median", &self.percentile(0.5))?;
        latency.serialize_field("p95", &self.percentile(0.95))?;
        latency.end()
    }
}
