//! Durations in JSON: milliseconds, with microseconds behind the point.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A measured duration as it is kept: rounded to a microsecond, as JSON has it. A report that is
/// made in the run and one that is made later of its JSON lines then say the same; what is finer
/// could round to other words, and be judged otherwise, where it is read back.
#[must_use]
pub fn measured(duration: Duration) -> Duration {
    self::duration(of(duration))
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::layout;

    #[test]
    fn a_measured_duration_is_read_back_as_it_was_kept() {
        let nanoseconds = (0..200_000_u64).map(|n| n * 104_729 + n % 1_000);
        for nanoseconds in nanoseconds.chain([1_149_700, 999_999_999, 86_399_999_999_999]) {
            let kept = measured(Duration::from_nanos(nanoseconds));
            let json = serde_json::to_string(&of(kept)).expect("a number");
            let read = duration(serde_json::from_str(&json).expect("a number"));
            assert_eq!(read, kept, "{nanoseconds} ns");
        }
    }

    #[test]
    fn what_is_finer_than_json_would_be_shown_in_other_words() {
        let clock = Duration::from_nanos(1_149_700);
        assert_eq!(layout::duration(clock), "1.1 ms");
        assert_eq!(layout::duration(measured(clock)), layout::duration(duration(of(clock))));
        assert_ne!(layout::duration(measured(clock)), layout::duration(clock));
    }
}
