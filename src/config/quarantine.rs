//! How much may be quarantined, and for how long.

use crate::source::{Node, conform::parse_percent};

/// How much may be quarantined, and for how long: a quarantine that nobody has to end would be a
/// test that was deleted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuarantineLimits {
    /// How many days the end of a quarantine may be away.
    pub max_days: u32,
    /// The share of the cases, from 0 to 1, that may be quarantined; one case always may.
    pub max_share: f64,
}

impl Default for QuarantineLimits {
    fn default() -> Self {
        Self { max_days: 30, max_share: 0.1 }
    }
}

impl QuarantineLimits {
    /// The limits of a map, where it has them.
    pub(super) fn read(node: &Node) -> Self {
        let usual = Self::default();
        let days = node.get("max_days").and_then(Node::count);
        let share = node.get("max_share").and_then(Node::text).and_then(parse_percent);
        Self {
            max_days: days.and_then(|days| u32::try_from(days).ok()).unwrap_or(usual.max_days),
            max_share: share.unwrap_or(usual.max_share),
        }
    }

    /// How many of so many cases may be quarantined.
    #[must_use]
    pub fn most(&self, cases: usize) -> usize {
        ((cases as f64 * self.max_share) as usize).max(1)
    }
}
