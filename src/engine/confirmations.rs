//! How many failures may be chance.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::suite::{Planned, most_confirmed};

/// Whether cases that failed are played again to confirm that.
///
/// More failures than a tenth of the cases, and more than ten, are not chance: playing them again
/// would only cost time and hide what changed.
#[derive(Debug)]
pub(super) struct Confirmations {
    most: usize,
    begun: AtomicUsize,
}

impl Confirmations {
    /// Those of a run of these cases.
    pub fn of(cases: &[Planned]) -> Self {
        let played = cases.iter().filter(|case| case.conversation.skip.is_none()).count();
        Self { most: most_confirmed(played), begun: AtomicUsize::new(0) }
    }

    /// Whether so many failures at once are played again.
    pub fn allow_all(&self, failures: usize) -> bool {
        failures <= self.most
    }

    /// Whether one more failure is played again, where how many there will be is not known.
    pub fn allow(&self) -> bool {
        self.begun.fetch_add(1, Ordering::Relaxed) < self.most
    }
}
