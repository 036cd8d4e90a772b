//! Which answer of a conversation is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The greeting, or the answer to a turn.
///
/// People and JSON count turns from 1, and 0 is the greeting; `Vec`s of turns count from 0. This
/// type is the only place that converts between the two.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TurnNumber(usize);

impl TurnNumber {
    /// The answer to `create`.
    pub const GREETING: Self = Self(0);

    /// The number as people count: 0 is the greeting.
    #[must_use]
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// The number of the turn at an index of `turns`.
    #[must_use]
    pub const fn of_index(index: usize) -> Self {
        Self(index + 1)
    }

    /// The index in `turns`; `None` for the greeting.
    #[must_use]
    pub const fn index(self) -> Option<usize> {
        self.0.checked_sub(1)
    }

    /// The number as people count: 0 is the greeting.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0
    }

    /// Whether this is the greeting.
    #[must_use]
    pub const fn is_greeting(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for TurnNumber {
    /// `the greeting`, or `turn 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_greeting() { f.write_str("the greeting") } else { write!(f, "turn {}", self.0) }
    }
}
