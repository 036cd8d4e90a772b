//! The same change in several conversations.

use std::collections::HashMap;

use super::item::{Item, What};
use crate::outcome::TurnAnswers;

/// The changes that are the same, as indices of the session's items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The items, in the order of their cases; at least one.
    pub items: Vec<usize>,
}

/// What tells a change from another: the texts, and what the plays answered.
type ChangeKey<'a> = (&'a [String], &'a str, &'a [String], &'a TurnAnswers);

/// Puts the same change of many conversations together, in the order in which they are first met.
/// Turns that only moved are each case's own affair.
#[must_use]
pub fn group(items: &[Item]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<ChangeKey<'_>, usize> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let group = match &item.what {
            What::Text(change) => {
                let key = (&*change.accepted, &*change.new, &*change.also, &item.answers);
                *known.entry(key).or_insert(groups.len())
            }
            What::Order => groups.len(),
        };
        match groups.get_mut(group) {
            Some(group) => group.items.push(index),
            None => groups.push(Group { items: vec![index] }),
        }
    }
    groups
}
