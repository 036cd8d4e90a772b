//! The owner of the session, and what is asked about it.
//!
//! Several windows may be open. One `ReviewState` owns the session, and every form carries a mark of the
//! items that its reader saw; a mark that is no longer current is refused. Items are only ever added to
//! a session, so that an index means the same to every window.

use std::collections::{BTreeSet, HashMap};

use super::{
    asked::{PageLocation, Scope},
    filter::Filter,
    notice::{Notices, word},
};
use crate::{
    conversation::CaseName,
    review::{Item, ItemState, Refresh, ReviewConversation, Session},
};

type CaseFilter = Box<dyn Fn(&CaseName) -> bool + Send>;

/// The session and what the page needs to know besides.
pub(super) struct ReviewState {
    pub session: Session,
    selects: CaseFilter,
    conversations: HashMap<CaseName, ReviewConversation>,
    /// Another one after every decision, and when other programs were found to have decided.
    pub revision: u64,
    pub notices: Notices,
}

/// A change in the list, with those places of it that the filter selects.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    /// The group, as an index of the session's.
    pub group: usize,
    /// The items; at least one.
    pub items: Vec<usize>,
}

/// What a person looks at.
#[derive(Clone, Debug)]
pub(super) struct ShownItem {
    /// Where it stands in the list.
    pub position: usize,
    pub listed: Listed,
    /// The item whose conversation is shown.
    pub item: usize,
}

impl ReviewState {
    pub fn new(session: Session, selects: CaseFilter) -> Self {
        let conversations = HashMap::new();
        let notices = Notices::default();
        let mut state = Self { session, selects, conversations, revision: 1, notices };
        state.learn_anew(|_| true);
        state
    }

    /// Reads the conversations of open items, for a run may have played any of them again.
    pub fn learn_anew(&mut self, is_wanted: impl Fn(&CaseName) -> bool) {
        let open = self.session.items().iter().filter(|item| item.state == ItemState::Open);
        let cases: BTreeSet<CaseName> =
            open.map(|item| &item.case).filter(|case| is_wanted(case)).cloned().collect();
        for case in cases {
            let conversation = self.session.conversation(&case);
            self.conversations.insert(case, conversation);
        }
    }

    /// The conversation of an item as it was last played; as it was then, once all is decided.
    pub fn conversation(&self, item: &Item) -> &ReviewConversation {
        static UNKNOWN: ReviewConversation =
            ReviewConversation { outcome: None, turns: Vec::new() };
        self.conversations.get(&item.case).unwrap_or(&UNKNOWN)
    }

    pub fn item(&self, index: usize) -> Option<&Item> {
        self.session.items().get(index)
    }

    /// Those of some items that wait for a decision.
    pub fn open_of(&self, items: &[usize]) -> Vec<usize> {
        self.session.open_of(items)
    }

    /// Looks at the files again.
    pub fn refresh(&mut self) -> Refresh {
        let refreshed = self.session.refresh(&self.selects);
        if refreshed.is_anything() {
            self.revision += 1;
            self.learn_anew(|_| true);
        }
        refreshed
    }

    /// The list as a filter has it, without what is no longer pending.
    pub fn listed(&self, filter: &Filter) -> Vec<Listed> {
        let is_listed = |index: &usize| {
            self.item(*index).is_some_and(|item| {
                item.state != ItemState::Gone && filter.selects(item, self.conversation(item))
            })
        };
        let groups = self.session.groups().iter().enumerate();
        let listed = groups.map(|(group, one)| {
            let items = one.items.iter().copied().filter(is_listed).collect();
            Listed { group, items }
        });
        listed.filter(|listed| !listed.items.is_empty()).collect()
    }

    /// What is shown at a place: what it names, else the first that is open, else the first.
    pub fn shown(&self, place: &PageLocation, list: &[Listed]) -> Option<ShownItem> {
        let named = |one: &Listed| Some(one.group) == place.group;
        let is_open = |one: &Listed| !self.open_of(&one.items).is_empty();
        let position = list.iter().position(named).or_else(|| list.iter().position(is_open));
        let position = position.unwrap_or(0);
        let listed = list.get(position)?.clone();
        let named = place.item.filter(|item| listed.items.contains(item));
        let open = || self.open_of(&listed.items).first().copied();
        let item = named.or_else(open).or_else(|| listed.items.first().copied())?;
        Some(ShownItem { position, listed, item })
    }

    /// The open items that a decision is about.
    pub fn in_scope(&self, scope: Scope, shown: &ShownItem, list: &[Listed]) -> Vec<usize> {
        match scope {
            Scope::Here => self.open_of(&[shown.item]),
            Scope::Group => self.open_of(&shown.listed.items),
            Scope::Conversation => {
                let case = self.item(shown.item).map(|item| &item.case);
                let items = self.session.items().iter().enumerate();
                let of_case = items.filter(|(_, item)| Some(&item.case) == case);
                self.open_of(&of_case.map(|(index, _)| index).collect::<Vec<_>>())
            }
            Scope::Everything => list.iter().flat_map(|one| self.open_of(&one.items)).collect(),
        }
    }

    /// Whether something is pending still, or again.
    pub fn is_anything_left(&mut self) -> bool {
        self.refresh();
        self.session.open_items() > 0 || !self.session.unreadable().is_empty()
    }
}

/// What was decided of an item.
pub(super) fn decided(item: &Item) -> Option<&'static str> {
    match &item.state {
        ItemState::Decided(decision) => Some(word(*decision)),
        ItemState::Open | ItemState::Gone => None,
    }
}
