//! What is answered: the page, a part of it, news, and the last page.

use askama::Template;

use super::{
    asked::{ListUpdate, PageLocation, PageRequest},
    notice::{Notice, news},
    page::{ChoiceView, FinishedView, ListView, NoticeView, Page, PagePart, ProgressView, Row},
    shown::ShownView,
    state::{Listed, ReviewState},
};
use crate::review::ItemState;

impl ReviewState {
    /// The page.
    pub fn show(&mut self, asked: &PageRequest) -> Result<String, askama::Error> {
        if asked.is_part {
            let touched = if asked.with_list { ListUpdate::List } else { ListUpdate::Nothing };
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
        place: &PageLocation,
        notice: u64,
        touched: &ListUpdate,
    ) -> Result<String, askama::Error> {
        let list = self.listed(&place.filter);
        let shown = self.shown(place, &list);
        if let Some(case) = shown.as_ref().and_then(|one| Some(self.item(one.item)?.case.clone())) {
            self.learn_anew(|other| *other == case);
        }
        let is_touched = |one: &&Listed| match touched {
            ListUpdate::Groups(groups) => groups.contains(&one.group),
            _ => false,
        };
        let row = |one| Row::of(self, one, shown.as_ref(), place);
        let whole = matches!(touched, ListUpdate::List);
        let part = PagePart {
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
        let total = items.filter(|item| item.state != ItemState::Gone).count();
        let left = self.session.open_items();
        let unreadable = self.session.unreadable().iter();
        let unreadable = unreadable.map(|(case, error)| format!("{case}: {error}")).collect();
        ProgressView { total, decided: total - left, revision: self.revision, unreadable }
    }

    /// What has happened since the page was made; `None` when nothing has.
    pub fn news(&mut self, asked: &PageRequest) -> Option<String> {
        let refreshed = self.refresh();
        if asked.revision == Some(self.revision) {
            return None;
        }
        let text = news(refreshed).unwrap_or_else(|| {
            "Something has changed since this page was loaded, in a file or in another window."
                .to_owned()
        });
        let notice = Notice { offers_reload: true, ..Notice::good(text) };
        PagePart::of_notice(self.progress(), notice).render().ok()
    }

    /// The last page.
    pub fn farewell(&mut self) -> Result<String, askama::Error> {
        FinishedView { left: self.session.open_items() }.render()
    }
}
