//! The changes that wait for a decision, for a person to read.

use std::collections::HashMap;

use super::{Style, diff};
use crate::{
    plan::CaseName,
    snapshot::decision::Change,
    text::{
        layout::{WIDTH, brief, shell_word},
        one_line,
    },
};

/// How many places of one change are named.
const MOST_PLACES: usize = 8;

/// One change, and everywhere it occurs.
#[derive(Clone, Debug)]
pub struct Group {
    /// The change as it is in the first place.
    pub change: Change,
    /// The cases, each with the turn (0 is the greeting).
    pub places: Vec<(CaseName, usize)>,
}

/// Puts the same change of many conversations together, in the order in which they are first met.
#[must_use]
pub fn group(changes: impl IntoIterator<Item = (CaseName, Change)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<(Vec<String>, String), usize> = HashMap::new();
    for (case, change) in changes {
        let next = groups.len();
        let index = *known.entry((change.accepted.clone(), change.new.clone())).or_insert(next);
        let place = (case, change.turn);
        match groups.get_mut(index) {
            Some(group) => group.places.push(place),
            None => groups.push(Group { change, places: vec![place] }),
        }
    }
    groups
}

/// One group: where it occurs, what the user said, and what is different. `flags` are those that
/// the commands need besides.
#[must_use]
pub fn render(group: &Group, flags: &str, style: Style) -> String {
    let mut lines = places(group, style);
    let user = group.change.user.as_deref().map(|user| brief(user, WIDTH - 9));
    lines.push(format!("  {}  {}", style.dim("user"), user.unwrap_or_else(|| "(greeting)".into())));
    let before = diff::nearest(&group.change.accepted, &group.change.new);
    lines.push(diff::render(before, &group.change.new, 2, style));
    if let Some((case, turn)) = group.places.first() {
        let case = shell_word(case.as_str());
        let dashes = if case.starts_with('-') { "-- " } else { "" };
        let command = |word: &str| {
            one_line(&format!("rehearsal {word}{flags} --turn {turn} --exact {dashes}{case}"))
        };
        lines.push(format!("  {}", style.dim(command("accept"))));
        lines.push(format!("  {}", style.dim(command("reject"))));
    }
    lines.join("\n") + "\n"
}

fn places(group: &Group, style: Style) -> Vec<String> {
    let name = |(case, turn): &(CaseName, usize)| match turn {
        0 => format!("{}, greeting", style.strong(case)),
        _ => format!("{}, turn {turn}", style.strong(case)),
    };
    let mut lines: Vec<String> = group.places.iter().take(MOST_PLACES).map(name).collect();
    let left = group.places.len() - lines.len();
    if left > 0 {
        lines.push(format!("… and {left} more"));
    }
    lines
}
