//! Deciding on the page, and taking a decision back: only what its reader saw.

use std::collections::BTreeSet;

use super::{
    asked::{ListUpdate, PageLocation, PageRequest, mark},
    notice::Notice,
    state::{Listed, ReviewState, ShownItem},
};
use crate::{review::ItemState, text::layout::count};

/// The result of a request to decide.
pub(super) struct AfterDecision {
    /// Where to go on.
    pub place: PageLocation,
    pub notice: u64,
    pub touched: ListUpdate,
}

impl ReviewState {
    /// Decides what is asked for, unless it is no longer what the person saw.
    pub fn decide(&mut self, asked: &PageRequest) -> AfterDecision {
        let list = self.listed(&asked.place.filter);
        let shown = self.shown(&asked.place, &list);
        let (Some(shown), Some(decision), Some((scope, seen))) =
            (shown, asked.decision, &asked.scope)
        else {
            return self.refused(&asked.place, "Nothing was decided: choose a change first.");
        };
        let items = self.in_scope(*scope, &shown, &list);
        if mark(&items) != *seen || Some(shown.listed.group) != asked.place.group {
            let text = "Nothing was decided: this has changed since it was shown, here or in \
                        another window. Look at it again.";
            return self.refused(&asked.place, text);
        }
        let decided = self.session.decide(&items, decision);
        self.revision += 1;
        let mut notice = Notice::of(decision, &decided, &self.session);
        let mut touched = ListUpdate::Groups(self.groups_of(&items));
        if !decided.refused.is_empty() {
            let refreshed = self.refresh();
            notice = notice.and(refreshed);
            if refreshed.is_anything() || decided.refused.iter().any(|(one, _)| self.is_gone(*one))
            {
                touched = ListUpdate::List;
            }
        }
        let place = if decided.done.is_empty() && !self.open_of(&items).is_empty() {
            asked.place.clone()
        } else {
            self.next(&asked.place, &shown)
        };
        AfterDecision { place, notice: self.notices.keep(notice), touched }
    }

    fn refused(&mut self, place: &PageLocation, text: &str) -> AfterDecision {
        let notice = Notice::warning(text).and(self.refresh());
        AfterDecision {
            place: place.clone(),
            notice: self.notices.keep(notice),
            touched: ListUpdate::List,
        }
    }

    fn is_gone(&self, item: usize) -> bool {
        self.item(item).is_some_and(|item| item.state == ItemState::Gone)
    }

    fn groups_of(&self, items: &[usize]) -> BTreeSet<usize> {
        let wanted: BTreeSet<usize> = items.iter().copied().collect();
        let groups = self.session.groups().iter().enumerate();
        let touched =
            groups.filter(|(_, group)| group.items.iter().any(|item| wanted.contains(item)));
        touched.map(|(group, _)| group).collect()
    }

    /// Where to go on after a decision: the next open place of the list, from the start again
    /// at its end; where there is none, the place itself.
    pub fn next(&self, place: &PageLocation, shown: &ShownItem) -> PageLocation {
        let list = self.listed(&place.filter);
        let is_open = |one: &&Listed| !self.open_of(&one.items).is_empty();
        let group = shown.listed.group;
        let after = list.iter().filter(is_open).find(|one| one.group >= group);
        let next = after.or_else(|| list.iter().find(is_open));
        next.map_or_else(|| place.at(group, Some(shown.item)), |one| place.at(one.group, None))
    }

    /// Takes the last decision back, if it is the one the person saw.
    pub fn back(&mut self, asked: &PageRequest) -> AfterDecision {
        if asked.revision != Some(self.revision) {
            let text = "Nothing was taken back: something else was decided in the meantime. \
                        Take back again to take that back.";
            return self.refused(&asked.place, text);
        }
        let mut place = asked.place.clone();
        let (notice, touched) = match self.session.take_back() {
            None => (Notice::warning("There is no decision to take back."), ListUpdate::Nothing),
            Some(Ok(items)) => {
                let groups = self.groups_of(&items);
                if let Some(group) = groups.first() {
                    place = place.at(*group, None);
                }
                let many = count(items.len(), "change");
                (Notice::good(format!("Taken back: {many}.")), ListUpdate::Groups(groups))
            }
            Some(Err(error)) => {
                let notice = Notice::warning(format!("Not taken back: {error}."));
                (notice.and(self.refresh()), ListUpdate::List)
            }
        };
        self.revision += 1;
        AfterDecision { place, notice: self.notices.keep(notice), touched }
    }
}
