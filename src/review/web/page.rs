//! What the page shows around a change: the list, its filters, the progress and notices.

use std::collections::BTreeSet;

use askama::Template;

use super::{
    asked::PageLocation,
    filter::{ChangeKind, Filter, has_beside, tags, variant},
    notice::Notice,
    shown::ShownView,
    state::{Listed, ReviewState, ShownItem, decided},
};
use crate::{review::What, text::layout::brief};

/// How much of a text a row shows, in columns.
const ROW: usize = 72;

/// The whole page.
#[derive(Template)]
#[template(path = "review/web/page.html")]
pub(super) struct Page {
    pub progress: ProgressView,
    pub notice: NoticeView,
    pub list: ListView,
    pub choice: ChoiceView,
    pub shown: ShownView,
}

/// What is different on it.
#[derive(Template)]
#[template(path = "review/web/part.html")]
pub(super) struct PagePart {
    pub progress: ProgressView,
    pub notice: NoticeView,
    pub rows: Vec<Row>,
    pub list: Option<ListView>,
    pub shown: Option<ShownView>,
}

impl PagePart {
    /// A notice alone, at a page that stays as it is.
    pub fn of_notice(progress: ProgressView, notice: Notice) -> Self {
        let notice = NoticeView { notice };
        Self { progress, notice, rows: Vec::new(), list: None, shown: None }
    }
}

/// How far the review is.
#[derive(Template)]
#[template(path = "review/web/progress.html")]
pub(super) struct ProgressView {
    pub decided: usize,
    pub total: usize,
    pub revision: u64,
    /// The cases whose snapshots cannot be read, and why.
    pub unreadable: Vec<String>,
}

/// The result of a request.
#[derive(Template)]
#[template(path = "review/web/notice.html")]
pub(super) struct NoticeView {
    pub notice: Notice,
}

/// The page after the end.
#[derive(Template)]
#[template(path = "review/web/farewell.html")]
pub(super) struct FinishedView {
    pub left: usize,
}

/// The list of changes.
#[derive(Template)]
#[template(path = "review/web/list.html")]
pub(super) struct ListView {
    pub rows: Vec<Row>,
    /// Whether a filter may have left some out.
    pub is_filtered: bool,
}

/// A change in the list.
#[derive(Template)]
#[template(path = "review/web/row.html")]
pub(super) struct Row {
    pub group: usize,
    pub address: String,
    pub is_current: bool,
    /// `open`, or what was decided.
    pub state: &'static str,
    /// What the user said, or what it is about.
    pub title: String,
    /// The new text, or what is different.
    pub text: String,
    /// Where it occurs first.
    pub place: String,
    pub places: usize,
    pub kind: &'static str,
    pub has_beside: bool,
}

impl ListView {
    pub fn of(
        state: &ReviewState,
        list: &[Listed],
        shown: Option<&ShownItem>,
        place: &PageLocation,
    ) -> Self {
        let rows = list.iter().filter_map(|one| Row::of(state, one, shown, place));
        Self { rows: rows.collect(), is_filtered: place.filter.is_any() }
    }
}

impl Row {
    pub fn of(
        state: &ReviewState,
        listed: &Listed,
        shown: Option<&ShownItem>,
        place: &PageLocation,
    ) -> Option<Self> {
        let item = state.item(*listed.items.first()?)?;
        let mut items = listed.items.iter().filter_map(|index| state.item(*index));
        let (title, text) = match &item.what {
            What::Order => ("The turns".to_owned(), "added, moved or removed".to_owned()),
            What::Text(change) => {
                let user = change.user.as_deref().map(|user| brief(user, ROW));
                (user.unwrap_or_else(|| "The greeting".to_owned()), brief(&change.new, ROW))
            }
        };
        Some(Self {
            group: listed.group,
            address: place.at(listed.group, None).address(None),
            is_current: shown.is_some_and(|shown| shown.listed.group == listed.group),
            state: decision(state, listed),
            title,
            text,
            place: item.case.to_string(),
            places: listed.items.len(),
            kind: ChangeKind::of(item).key(),
            has_beside: items.any(|item| has_beside(state.conversation(item))),
        })
    }
}

/// `open` while something of a change is, else what was decided of it.
fn decision(state: &ReviewState, listed: &Listed) -> &'static str {
    if !state.open_of(&listed.items).is_empty() {
        return "open";
    }
    listed.items.iter().filter_map(|index| state.item(*index)).find_map(decided).unwrap_or("gone")
}

/// A choice of a filter.
pub(super) struct OptionView {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

/// The filters.
#[derive(Template)]
#[template(path = "review/web/choice.html")]
pub(super) struct ChoiceView {
    pub kinds: Vec<OptionView>,
    pub tags: Vec<OptionView>,
    pub variants: Vec<OptionView>,
    pub text: String,
}

impl ChoiceView {
    pub fn of(state: &ReviewState, filter: &Filter) -> Self {
        let known = state.session.items().iter().map(|item| (item, state.conversation(item)));
        let known: Vec<_> = known.collect();
        let all_tags: BTreeSet<&str> =
            known.iter().flat_map(|(_, one)| tags(one)).map(String::as_str).collect();
        let all_variants: BTreeSet<&str> =
            known.iter().filter_map(|(item, one)| variant(item, one)).collect();
        let has = |kind: &ChangeKind| match kind {
            ChangeKind::Beside => known.iter().any(|(_, one)| has_beside(one)),
            kind => known.iter().any(|(item, _)| ChangeKind::of(item) == *kind),
        };
        let kind = |kind: ChangeKind| OptionView {
            value: kind.key().to_owned(),
            label: kind.label().to_owned(),
            is_chosen: filter.kind == Some(kind),
        };
        Self {
            kinds: ChangeKind::ALL.into_iter().filter(has).map(kind).collect(),
            tags: options(&all_tags, &filter.tag),
            variants: options(&all_variants, &filter.variant),
            text: filter.text.clone(),
        }
    }
}

fn options(values: &BTreeSet<&str>, chosen: &str) -> Vec<OptionView> {
    let option = |value: &&str| OptionView {
        value: (*value).to_owned(),
        label: brief(value, 40),
        is_chosen: *value == chosen,
    };
    values.iter().map(option).collect()
}
