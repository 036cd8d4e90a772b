//! What stays pending of the turns that a run did not compare.
//!
//! A turn may be pinned in one environment and not in another, or not be reached. Only a run that
//! compared a turn can say that nothing is pending for it.
//!
//! So a pending snapshot is removed when a run compared every pinned turn and nothing differs; what is
//! pending of any other turn is carried over into what the run leaves.

use std::collections::HashMap;

use super::{Entry, SnapshotComparison, Store, StoreError, TextVerdict, decision::PendingSnapshot};
use crate::conversation::{CaseName, TurnNumber};

/// What another run left pending of the turns that this one did not compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemainingPending {
    /// Nothing.
    Nothing,
    /// The snapshot of this run, with what is pending of the other turns.
    Entries(Vec<Entry>),
    /// Nobody knows: the pending snapshot cannot be read.
    Unknown,
}

impl Store {
    /// What stays pending beside what a run says. `pinned` tells of an answer whether its
    /// text is pinned in any environment.
    #[must_use]
    pub fn rest(
        &self,
        case: &CaseName,
        comparison: &SnapshotComparison,
        pinned: impl Fn(TurnNumber) -> bool,
    ) -> RemainingPending {
        let open = uncompared(comparison, pinned);
        if open.is_empty() {
            return RemainingPending::Nothing;
        }
        match self.readable_changes(case) {
            Ok(Some(pending)) => with_pending(&comparison.entries, &open, &pending),
            Ok(None) => RemainingPending::Nothing,
            Err(_) => RemainingPending::Unknown,
        }
    }

    /// The pending snapshot, where there is one, also beside an accepted one that is damaged.
    ///
    /// # Errors
    /// When one of both cannot be read, other than because the accepted one is damaged.
    pub fn readable_changes(&self, case: &CaseName) -> Result<Option<PendingSnapshot>, StoreError> {
        match self.pending_changes(case) {
            Ok(pending) => Ok(Some(pending)),
            Err(error) if error.is_gone() => Ok(None),
            Err(StoreError::AcceptedUnreadable { .. }) => self.pending_alone(case).map(Some),
            Err(error) => Err(error),
        }
    }
}

/// The entries, by their index, of the turns that were not compared.
fn uncompared(comparison: &SnapshotComparison, pinned: impl Fn(TurnNumber) -> bool) -> Vec<usize> {
    // A greeting that is not pinned has a verdict and no entry.
    let before = comparison.verdicts.len().saturating_sub(comparison.entries.len());
    let entries = comparison.verdicts.iter().enumerate().skip(before);
    let open = entries.filter(|(exchange, verdict)| {
        let is_open = matches!(verdict, TextVerdict::NotPinned | TextVerdict::NotReached);
        is_open && pinned(TurnNumber::new(*exchange))
    });
    open.map(|(exchange, _)| exchange - before).collect()
}

/// The entries of this run, with the pending texts of turns that are still open.
fn with_pending(entries: &[Entry], open: &[usize], pending: &PendingSnapshot) -> RemainingPending {
    let mut changed = pending.changed_entries();
    let mut merged = entries.to_vec();
    let mut is_left = false;
    for (index, key) in places(entries).into_iter().enumerate().filter(|(at, _)| open.contains(at))
    {
        let (Some(entry), Some(texts)) = (merged.get_mut(index), changed.remove(&key)) else {
            continue;
        };
        entry.agent = texts;
        is_left = true;
    }
    if is_left { RemainingPending::Entries(merged) } else { RemainingPending::Nothing }
}

/// What an entry is found again by: its user line, and how often that stands before it.
type EntryKey<'a> = (Option<&'a str>, usize);

fn places(entries: &[Entry]) -> Vec<EntryKey<'_>> {
    let mut seen: HashMap<Option<&str>, usize> = HashMap::new();
    entries
        .iter()
        .map(|entry| {
            let user = entry.user.as_deref();
            let before = seen.entry(user).or_default();
            *before += 1;
            (user, *before)
        })
        .collect()
}

impl PendingSnapshot {
    /// The texts of the entries that propose something.
    fn changed_entries(&self) -> HashMap<EntryKey<'_>, Vec<String>> {
        let first = usize::from(self.entries().first().is_none_or(|entry| entry.user.is_some()));
        let changed: Vec<usize> = self.changes().iter().map(|change| change.turn - first).collect();
        let entries = places(self.entries()).into_iter().zip(self.entries()).enumerate();
        entries
            .filter(|(index, _)| changed.contains(index))
            .map(|(_, (place, entry))| (place, entry.agent.clone()))
            .collect()
    }
}
