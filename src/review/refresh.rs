//! What other programs have done to the pending snapshots since a review began.

use std::collections::HashMap;

use super::{
    ItemState, Session, group,
    item::{Item, items_of},
};
use crate::conversation::CaseName;

/// What is different from what a review knew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refresh {
    /// How many changes are newly pending.
    pub new: usize,
    /// How many are no longer pending as they were shown.
    pub gone: usize,
}

impl Refresh {
    /// Whether anything is different.
    #[must_use]
    pub fn is_anything(self) -> bool {
        self != Self::default()
    }
}

impl Session {
    /// Looks at the files again. Changes that are new are added after those that are known, so
    /// that items and groups keep their places; those that are no longer pending are
    /// [`ItemState::Gone`].
    pub fn refresh(&mut self, selects: impl Fn(&CaseName) -> bool) -> Refresh {
        let mut known: HashMap<CaseName, Vec<usize>> = HashMap::new();
        for (index, item) in self.items.iter().enumerate() {
            if item.state == ItemState::Open {
                known.entry(item.case.clone()).or_default().push(index);
            }
        }
        self.unreadable.clear();
        let mut refreshed = Refresh::default();
        let mut new = Vec::new();
        for case in self.store.pending().into_iter().filter(selects) {
            let open = known.remove(&case).unwrap_or_default();
            let pending = match self.store.pending_changes(&case) {
                Ok(pending) => items_of(&case, pending.changes(), &self.failed),
                Err(error) => {
                    self.unreadable.push((case, error));
                    Vec::new()
                }
            };
            refreshed.gone += self.lose(&open, |item| !pending.iter().any(|one| one.is_same(item)));
            let is_known = |item: &Item| open.iter().any(|index| self.items[*index].is_same(item));
            new.extend(pending.into_iter().filter(|item| !is_known(item)));
        }
        refreshed.gone += known.values().map(|open| self.lose(open, |_| true)).sum::<usize>();
        refreshed.new = new.len();
        self.items.extend(new);
        if refreshed.new > 0 {
            self.groups = group(&self.items);
        }
        refreshed
    }

    /// Marks those items as gone of which `is_gone` holds; how many they are.
    fn lose(&mut self, items: &[usize], is_gone: impl Fn(&Item) -> bool) -> usize {
        let gone = items.iter().filter(|index| is_gone(&self.items[**index]));
        let gone: Vec<usize> = gone.copied().collect();
        self.settle(&gone, &ItemState::Gone);
        gone.len()
    }
}
