//! One change in its conversation, as the page shows it.

use askama::Template;

use super::{
    asked::{PageLocation, Scope, mark},
    state::{Listed, ReviewState, ShownItem, decided},
};
use crate::{
    check::describe,
    review::{Item, ReviewConversation, What, conversation::ReviewTurn, render::name},
    snapshot::decision::{AcceptAs, TurnChange, TurnDecisionError},
    text::{
        layout::count,
        placeholder::{Piece, pieces},
        word_diff::{self, Chunk, Mark, visible, word_diff},
    },
};

/// How many places of a change are listed.
const MOST_PLACES: usize = 200;

/// What is shown beside the list.
#[derive(Template)]
#[template(path = "review/web/shown.html")]
pub(super) struct ShownView {
    /// Nothing where the list is empty.
    pub change: Option<ChangeView>,
    /// Whether a filter may have left everything out.
    pub is_filtered: bool,
}

/// A change in its conversation.
pub(super) struct ChangeView {
    /// Where it is shown, and where that stands in the list, from 1.
    pub address: String,
    pub position: usize,
    pub of: usize,
    /// The revision that is shown, by which taking back is known to be meant.
    pub revision: u64,
    /// The fields of the place, for forms.
    pub fields: Vec<(&'static str, String)>,
    /// The filter's address at what is open next.
    pub next: String,
    pub case: String,
    /// The project, environment and variant, as far as they are known, and the tags.
    pub about: Vec<String>,
    pub tags: Vec<String>,
    /// The conversation's file.
    pub file: Option<String>,
    pub turns: Vec<TurnView>,
    /// Whether only the order of turns is new.
    pub is_order: bool,
    pub places: Vec<PlaceView>,
    pub other_places: usize,
    /// How many places are not listed, for they are too many.
    pub more_places: usize,
    pub scopes: Vec<ScopeView>,
    pub loosened: Loosened,
    /// Whether there is something beside which the new text could be accepted.
    pub has_accepted: bool,
    /// What was decided, once it is.
    pub decided: Option<&'static str>,
    /// Whether nothing of the list is open.
    pub is_end: bool,
}

/// What loosening would write.
pub(super) enum Loosened {
    /// Nothing is accepted that could be loosened.
    Nothing,
    /// This, in literal text and placeholders.
    Pattern(Vec<PieceView>),
    /// It is refused.
    Refused(String),
}

pub(super) struct PieceView {
    pub text: String,
    pub is_placeholder: bool,
}

/// A message and its answer.
pub(super) struct TurnView {
    /// Nothing for the greeting.
    pub number: Option<usize>,
    pub user: Option<String>,
    pub agent: Option<AgentView>,
    /// Whether it is the change.
    pub is_change: bool,
    /// The address of another change that is pending here.
    pub also: Option<String>,
    /// The handoff.
    pub handoff: Option<String>,
    pub is_end: bool,
    /// What does not hold and what no snapshot accepts, with its place in the spec.
    pub beside: Vec<(String, String)>,
}

/// What the agent said.
pub(super) enum AgentView {
    Said(String),
    /// The accepted text and the new one, and the texts that are accepted besides.
    Changed {
        runs: Vec<RunView>,
        is_first: bool,
        alternatives: Vec<String>,
    },
}

pub(super) struct RunView {
    pub text: String,
    /// `del`, `ins`, or nothing for what stays.
    pub mark: Option<&'static str>,
}

/// A place where the change occurs.
pub(super) struct PlaceView {
    pub name: String,
    pub address: String,
    pub is_here: bool,
    pub decided: Option<&'static str>,
}

/// What a decision can be about.
pub(super) struct ScopeView {
    pub value: String,
    pub key: &'static str,
    /// The key that chooses it.
    pub hint: &'static str,
    pub label: String,
    pub is_first: bool,
}

impl ShownView {
    pub fn of(
        state: &ReviewState,
        shown: Option<&ShownItem>,
        list: &[Listed],
        place: &PageLocation,
    ) -> Self {
        let change = shown.and_then(|shown| ChangeView::of(state, shown, list, place));
        Self { change, is_filtered: place.filter.is_any() }
    }
}

impl ChangeView {
    fn of(
        state: &ReviewState,
        shown: &ShownItem,
        list: &[Listed],
        place: &PageLocation,
    ) -> Option<Self> {
        let item = state.item(shown.item)?;
        let conversation = state.conversation(item);
        let here = place.at(shown.listed.group, place.item.and(Some(shown.item)));
        let outcome = conversation.outcome.as_ref();
        let about = outcome.map(|outcome| {
            let variant = outcome.variant.clone().into_iter();
            [outcome.project.clone(), outcome.environment.clone()].into_iter().chain(variant)
        });
        let places = places(state, shown, place);
        let text = match &item.what {
            What::Text(change) => Some(change),
            What::Order => None,
        };
        Some(Self {
            address: here.address(None),
            position: shown.position + 1,
            of: list.len(),
            revision: state.revision,
            fields: here.fields(),
            next: skip(state, shown, list, place).address(None),
            case: item.case.to_string(),
            about: about.into_iter().flatten().collect(),
            tags: outcome.map(|outcome| outcome.tags.clone()).unwrap_or_default(),
            file: outcome.map(|outcome| outcome.path.display().to_string()),
            turns: turns(state, item, conversation),
            is_order: text.is_none(),
            other_places: shown.listed.items.len() - 1,
            more_places: shown.listed.items.len().saturating_sub(MOST_PLACES),
            places,
            scopes: scopes(state, shown, list),
            loosened: text.map_or(Loosened::Nothing, |change| loosened(state, change)),
            has_accepted: text.is_some_and(|change| !change.accepted.is_empty()),
            decided: decided(item),
            is_end: list.iter().all(|one| state.open_of(&one.items).is_empty()),
        })
    }

    pub fn is_open(&self) -> bool {
        !self.scopes.is_empty()
    }

    pub fn can_loosen(&self) -> bool {
        matches!(self.loosened, Loosened::Pattern(_))
    }
}

/// The next open group after the one that is shown, which stays open.
fn skip(
    state: &ReviewState,
    shown: &ShownItem,
    list: &[Listed],
    place: &PageLocation,
) -> PageLocation {
    let (before, after) = list.split_at(shown.position);
    let mut others = after.iter().skip(1).chain(before);
    let next = others.find(|one| !state.open_of(&one.items).is_empty());
    place.at(next.map_or(shown.listed.group, |one| one.group), None)
}

fn places(state: &ReviewState, shown: &ShownItem, place: &PageLocation) -> Vec<PlaceView> {
    let items = shown.listed.items.iter().take(MOST_PLACES);
    let view = |index: &usize| {
        state.item(*index).map(|item| PlaceView {
            name: name(item),
            address: place.at(shown.listed.group, Some(*index)).address(None),
            is_here: *index == shown.item,
            decided: decided(item),
        })
    };
    items.filter_map(view).collect()
}

/// What can be decided at once. Nothing when nothing of the change is open.
fn scopes(state: &ReviewState, shown: &ShownItem, list: &[Listed]) -> Vec<ScopeView> {
    let group = state.in_scope(Scope::Group, shown, list);
    if group.is_empty() {
        return Vec::new();
    }
    let view = |scope: Scope| {
        let items = state.in_scope(scope, shown, list);
        let (hint, label) = match scope {
            Scope::Group if items.len() == 1 => ("", "this change".to_owned()),
            Scope::Group => ("", count(items.len(), "place")),
            Scope::Here => ("1", "only here".to_owned()),
            Scope::Conversation => ("c", format!("conversation · {}", items.len())),
            Scope::Everything => ("e", format!("all listed · {}", items.len())),
        };
        let is_useful = match scope {
            Scope::Group => true,
            Scope::Here => group.len() > 1 && !items.is_empty(),
            Scope::Conversation => items.len() > 1,
            Scope::Everything => items.len() > group.len(),
        };
        let value = format!("{}.{}", scope.key(), mark(&items));
        let is_first = scope == Scope::Group;
        is_useful.then_some(ScopeView { value, key: scope.key(), hint, label, is_first })
    };
    Scope::ALL.into_iter().filter_map(view).collect()
}

fn loosened(state: &ReviewState, change: &TurnChange) -> Loosened {
    if change.accepted.is_empty() {
        return Loosened::Nothing;
    }
    let text =
        match state.session.proposal(change, std::slice::from_ref(&change.new), AcceptAs::Loosened)
        {
            Ok(text) => text,
            Err(TurnDecisionError::TooLoose(_, reason)) => {
                return Loosened::Refused(reason.to_string());
            }
            Err(reason) => return Loosened::Refused(reason.to_string()),
        };
    let view = |piece| match piece {
        Piece::Literal(text) => {
            PieceView { text: visible(&text).into_owned(), is_placeholder: false }
        }
        Piece::Placeholder(name) => PieceView { text: name.to_owned(), is_placeholder: true },
    };
    Loosened::Pattern(pieces(&text).into_iter().map(view).collect())
}

fn turns(state: &ReviewState, item: &Item, conversation: &ReviewConversation) -> Vec<TurnView> {
    let view = |turn: &ReviewTurn| turn_view(state, item, conversation, turn);
    let mut turns: Vec<TurnView> = conversation.turns.iter().map(view).collect();
    if let What::Text(change) = &item.what
        && conversation.turn(change.turn).is_none()
    {
        let turn =
            ReviewTurn { turn: change.turn, user: change.user.clone(), ..ReviewTurn::default() };
        turns.push(turn_view(state, item, conversation, &turn));
    }
    turns
}

fn turn_view(
    state: &ReviewState,
    item: &Item,
    conversation: &ReviewConversation,
    turn: &ReviewTurn,
) -> TurnView {
    let change = match &item.what {
        What::Text(change) if change.turn == turn.turn => Some(change),
        _ => None,
    };
    let said = || turn.said.as_deref().map(|said| AgentView::Said(visible(said).into_owned()));
    let beside = turn.beside.iter();
    TurnView {
        number: (turn.turn > 0).then_some(turn.turn),
        user: turn.user.as_deref().map(|user| visible(user).into_owned()),
        agent: change.map(changed).or_else(said),
        is_change: change.is_some(),
        also: if change.is_some() { None } else { also(state, item, turn.turn) },
        handoff: turn
            .handoff
            .as_ref()
            .map(|handoff| visible(&describe::handoff(Some(handoff))).into_owned()),
        is_end: turn.end_conversation,
        beside: beside
            .map(|one| (visible(&one.message).into_owned(), conversation.place(one)))
            .collect(),
    }
}

fn changed(change: &TurnChange) -> AgentView {
    let nearest = word_diff::nearest(&change.accepted, &change.new);
    let chunk = |Chunk { mark, text }| {
        let mark = match mark {
            Mark::Kept => None,
            Mark::Removed => Some("del"),
            Mark::Added => Some("ins"),
        };
        RunView { text, mark }
    };
    let others = change.accepted.iter().filter(|text| *text != nearest);
    AgentView::Changed {
        runs: word_diff(nearest, &change.new).into_iter().map(chunk).collect(),
        is_first: change.accepted.is_empty(),
        alternatives: others.map(|text| visible(text).into_owned()).collect(),
    }
}

/// Where another open change of the conversation is shown, if it is in that turn.
fn also(state: &ReviewState, item: &Item, turn: usize) -> Option<String> {
    let items = state.session.items();
    let is_it = |other: &Item| {
        other.case == item.case && other.turn() == turn && matches!(other.what, What::Text(_))
    };
    let index =
        items.iter().position(is_it).filter(|index| !state.open_of(&[*index]).is_empty())?;
    let groups = state.session.groups();
    let group = groups.iter().position(|group| group.items.contains(&index));
    // The filter may leave it out.
    Some(PageLocation { group, item: Some(index), ..PageLocation::default() }.address(None))
}
