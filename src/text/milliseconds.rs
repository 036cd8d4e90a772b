//! Durations in JSON: milliseconds, with microseconds behind the point.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A duration in milliseconds, rounded to a microsecond.
#[must_use]
pub fn of(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The duration of so many milliseconds; what no duration can be counts as none.
#[must_use]
pub fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1e3).unwrap_or_default()
}

/// Writes a duration.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    of(*duration).serialize(serializer)
}

/// Reads a duration.
///
/// # Errors
/// When there is no number.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    f64::deserialize(deserializer).map(duration)
}
