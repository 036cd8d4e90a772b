//! The owner of the session, and what is asked about it.

use std::collections::{BTreeSet, HashMap};

use askama::Template;

use super::{
    asked::{Asked, Place, Scope},
    decisions::Touched,
    filter::Filter,
    notice::{Notice, Notices, news},
    page::{ChoiceView, FarewellView, ListView, NoticeView, Page, Part, ProgressView, Row},
    shown::ShownView,
};
use crate::{
    conversation::CaseName,
    review::{Conversation, Item, Refreshed, Session, State},
};

type Selects = Box<dyn Fn(&CaseName) -> bool + Send>;

/// The session and what the page needs to know besides.
pub(super) struct Desk {
    pub session: Session,
    selects: Selects,
    conversations: HashMap<CaseName, Conversation>,
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
pub(super) struct Shown {
    /// Where it stands in the list.
    pub position: usize,
    pub listed: Listed,
    /// The item whose conversation is shown.
    pub item: usize,
}

impl Desk {
    pub fn new(session: Session, selects: Selects) -> Self {
        let conversations = HashMap::new();
        let notices = Notices::default();
        let mut desk = Self { session, selects, conversations, revision: 1, notices };
        desk.learn_anew(|_| true);
        desk
    }

    /// Reads the conversations of open items, for a run may have played any of them again.
    fn learn_anew(&mut self, is_wanted: impl Fn(&CaseName) -> bool) {
        let open = self.session.items().iter().filter(|item| item.state == State::Open);
        let cases: BTreeSet<CaseName> =
            open.map(|item| &item.case).filter(|case| is_wanted(case)).cloned().collect();
        for case in cases {
            let conversation = self.session.conversation(&case);
            self.conversations.insert(case, conversation);
        }
    }

    /// The conversation of an item as it was last played; as it was then, once all is decided.
    pub fn conversation(&self, item: &Item) -> &Conversation {
        static UNKNOWN: Conversation = Conversation { outcome: None, turns: Vec::new() };
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
    pub fn refresh(&mut self) -> Refreshed {
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
                item.state != State::Gone && filter.selects(item, self.conversation(item))
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
    pub fn shown(&self, place: &Place, list: &[Listed]) -> Option<Shown> {
        let named = |one: &Listed| Some(one.group) == place.group;
        let is_open = |one: &Listed| !self.open_of(&one.items).is_empty();
        let position = list.iter().position(named).or_else(|| list.iter().position(is_open));
        let position = position.unwrap_or(0);
        let listed = list.get(position)?.clone();
        let named = place.item.filter(|item| listed.items.contains(item));
        let open = || self.open_of(&listed.items).first().copied();
        let item = named.or_else(open).or_else(|| listed.items.first().copied())?;
        Some(Shown { position, listed, item })
    }

    /// The open items that a decision is about.
    pub fn in_scope(&self, scope: Scope, shown: &Shown, list: &[Listed]) -> Vec<usize> {
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

    /// The page.
    pub fn show(&mut self, asked: &Asked) -> Result<String, askama::Error> {
        if asked.is_part {
            let touched = if asked.with_list { Touched::List } else { Touched::Nothing };
            return self.part(&asked.place, asked.notice.unwrap_or(0), &touched);
        }
        let refreshed = self.refresh();
        self.learn_anew(|_| true);
        let list = self.listed(&asked.place.filter);
        let shown = self.shown(&asked.place, &list);
        let kept = asked.notice.and_then(|number| self.notices.get(number)).cloned();
        let notice = kept.unwrap_or_default().and(refreshed);
        let page = Page {
            progress: self.progress(),
            notice: NoticeView { notice },
            list: ListView::of(self, &list, shown.as_ref(), &asked.place),
            choice: ChoiceView::of(self, &asked.place.filter),
            shown: ShownView::of(self, shown.as_ref(), &list, &asked.place),
        };
        page.render()
    }

    /// What is different on the page, for the script.
    pub fn part(
        &mut self,
        place: &Place,
        notice: u64,
        touched: &Touched,
    ) -> Result<String, askama::Error> {
        let list = self.listed(&place.filter);
        let shown = self.shown(place, &list);
        if let Some(case) = shown.as_ref().and_then(|one| Some(self.item(one.item)?.case.clone())) {
            self.learn_anew(|other| *other == case);
        }
        let is_touched = |one: &&Listed| match touched {
            Touched::Groups(groups) => groups.contains(&one.group),
            _ => false,
        };
        let row = |one| Row::of(self, one, shown.as_ref(), place);
        let whole = matches!(touched, Touched::List);
        let part = Part {
            progress: self.progress(),
            notice: NoticeView { notice: self.notices.get(notice).cloned().unwrap_or_default() },
            rows: list.iter().filter(is_touched).filter_map(row).collect(),
            list: whole.then(|| ListView::of(self, &list, shown.as_ref(), place)),
            shown: Some(ShownView::of(self, shown.as_ref(), &list, place)),
        };
        part.render()
    }

    fn progress(&self) -> ProgressView {
        let items = self.session.items().iter();
        let total = items.filter(|item| item.state != State::Gone).count();
        let left = self.session.open_items();
        let unreadable = self.session.unreadable().iter();
        let unreadable = unreadable.map(|(case, error)| format!("{case}: {error}")).collect();
        ProgressView { total, decided: total - left, revision: self.revision, unreadable }
    }

    /// What has happened since the page was made; `None` when nothing has.
    pub fn news(&mut self, asked: &Asked) -> Option<String> {
        let refreshed = self.refresh();
        if asked.revision == Some(self.revision) {
            return None;
        }
        let text = news(refreshed).unwrap_or_else(|| {
            "Something has changed since this page was loaded, in a file or in another window."
                .to_owned()
        });
        let notice = Notice { offers_reload: true, ..Notice::good(text) };
        Part::of_notice(self.progress(), notice).render().ok()
    }

    /// The last page.
    pub fn farewell(&mut self) -> Result<String, askama::Error> {
        FarewellView { left: self.session.open_items() }.render()
    }

    /// Whether something is pending still, or again.
    pub fn is_anything_left(&mut self) -> bool {
        self.refresh();
        self.session.open_items() > 0 || !self.session.unreadable().is_empty()
    }
}
