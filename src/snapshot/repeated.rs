//! Which entry a user's line belongs to where the same line occurs several times: where it does so
//! equally often in conversation and snapshot, the k-th turn belongs to the k-th entry.

use std::collections::BTreeMap;

use super::transcript::Entry;

/// A turn or an entry, as far as its place among those with the same line goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserLine<'a> {
    /// The user's line; `None` for the greeting.
    pub user: Option<&'a str>,
    /// Whether a text of it is pinned or accepted.
    pub has_text: bool,
}

/// The lines of a snapshot.
pub(super) fn lines(entries: &[Entry]) -> Vec<UserLine<'_>> {
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        lines.push(UserLine { user: entry.user.as_deref(), has_text: !entry.agent.is_empty() });
    }
    lines
}

/// For each turn the entry it belongs to by its place: where a line has a text equally often on
/// both sides, or stands equally often on both, the k-th belongs to the k-th. `None` where the
/// places say nothing, so that the texts have to.
pub(super) fn pair(turns: &[UserLine<'_>], entries: &[UserLine<'_>]) -> Vec<Option<usize>> {
    let (turn_places, entry_places) = (places(turns), places(entries));
    let mut partners = vec![None; turns.len()];
    for (user, turns) in &turn_places {
        let Some(entries) = entry_places.get(user) else { continue };
        let mut pair = |turns: &[usize], entries: &[usize]| {
            for (turn, entry) in turns.iter().zip(entries) {
                if let Some(partner) = partners.get_mut(*turn) {
                    *partner = Some(*entry);
                }
            }
        };
        if turns.with_text.len() == entries.with_text.len() {
            pair(&turns.with_text, &entries.with_text);
            pair(&turns.without_text, &entries.without_text);
        } else if turns.all.len() == entries.all.len() {
            pair(&turns.all, &entries.all);
        }
    }
    partners
}

/// Where a line stands.
#[derive(Default)]
struct Occurrences {
    all: Vec<usize>,
    with_text: Vec<usize>,
    without_text: Vec<usize>,
}

fn places<'a>(lines: &[UserLine<'a>]) -> BTreeMap<Option<&'a str>, Occurrences> {
    let mut places: BTreeMap<_, Occurrences> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let places = places.entry(line.user).or_default();
        places.all.push(index);
        let some = if line.has_text { &mut places.with_text } else { &mut places.without_text };
        some.push(index);
    }
    places
}
