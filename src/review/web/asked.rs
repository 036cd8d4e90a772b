//! What a request asks for, from its query or its form.

use std::{
    collections::{BTreeSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use super::filter::{ChangeKind, Filter};
use crate::snapshot::decision::{AcceptAs, Decision};

/// Where somebody is on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageLocation {
    pub filter: Filter,
    /// The group that is shown; without one, the first that is open.
    pub group: Option<usize>,
    /// The item whose conversation is shown; without one, the first that is open.
    pub item: Option<usize>,
}

/// What is decided at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The place that is shown.
    Here,
    /// The change, wherever it occurs.
    Group,
    /// What is left of the conversation.
    Conversation,
    /// What is left of the list.
    Everything,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::Group, Self::Here, Self::Conversation, Self::Everything];

    /// As it stands in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Group => "group",
            Self::Conversation => "conversation",
            Self::Everything => "everything",
        }
    }
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageRequest {
    pub place: PageLocation,
    /// The notice to show.
    pub notice: Option<u64>,
    /// Whether only what changes of the page is wanted.
    pub is_part: bool,
    /// Whether the list is to be part of that.
    pub with_list: bool,
    pub decision: Option<Decision>,
    /// What is decided, and the mark of what was seen when that was chosen.
    pub scope: Option<(Scope, String)>,
    /// The revision that was seen.
    pub revision: Option<u64>,
}

impl PageRequest {
    /// Reads `key=value&…`. What is not known or makes no sense is left out: it comes from an
    /// old page or from nobody.
    pub fn read(encoded: &[u8]) -> Self {
        let mut asked = Self::default();
        for (key, value) in form_urlencoded::parse(encoded) {
            asked.take(&key, value.into_owned());
        }
        asked
    }

    fn take(&mut self, key: &str, value: String) {
        let filter = &mut self.place.filter;
        match key {
            "kind" => filter.kind = ChangeKind::ALL.into_iter().find(|kind| kind.key() == value),
            "tag" => filter.tag = value,
            "variant" => filter.variant = value,
            "text" => value.trim().clone_into(&mut filter.text),
            "group" => self.place.group = value.parse().ok(),
            "item" => self.place.item = value.parse().ok(),
            "notice" => self.notice = value.parse().ok(),
            "part" => self.is_part = true,
            "list" => self.with_list = true,
            "decision" => self.decision = decision(&value),
            "scope" => self.scope = scope(&value),
            "revision" => self.revision = value.parse().ok(),
            _ => {}
        }
    }
}

fn decision(value: &str) -> Option<Decision> {
    Some(match value {
        "accept" => Decision::Accept(AcceptAs::Instead),
        "either" => Decision::Accept(AcceptAs::AsAlternative),
        "loosen" => Decision::Accept(AcceptAs::Loosened),
        "reject" => Decision::Reject,
        _ => return None,
    })
}

fn scope(value: &str) -> Option<(Scope, String)> {
    let (key, seen) = value.split_once('.')?;
    let scope = Scope::ALL.into_iter().find(|scope| scope.key() == key)?;
    Some((scope, seen.to_owned()))
}

impl PageLocation {
    /// The fields of it, for addresses and forms.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = self.filter_fields();
        fields.extend(self.group.map(|group| ("group", group.to_string())));
        fields.extend(self.item.map(|item| ("item", item.to_string())));
        fields
    }

    fn filter_fields(&self) -> Vec<(&'static str, String)> {
        let Filter { kind, tag, variant, text } = &self.filter;
        let kind = kind.map(ChangeKind::key).unwrap_or_default();
        let all = [("kind", kind), ("tag", tag), ("variant", variant), ("text", text)];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(key, value)| (key, value.to_owned())).collect()
    }

    /// The same list at another group.
    pub fn at(&self, group: usize, item: Option<usize>) -> Self {
        Self { filter: self.filter.clone(), group: Some(group), item }
    }

    /// The address of it, relative to the page.
    pub fn address(&self, notice: Option<u64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        query.extend_pairs(notice.map(|notice| ("notice", notice.to_string())));
        format!("./?{}", query.finish())
    }
}

/// What is different in the list.
pub(super) enum ListUpdate {
    /// Nothing.
    Nothing,
    /// These groups.
    Groups(BTreeSet<usize>),
    /// Perhaps everything.
    List,
}

/// A mark of some items, by which a form tells what its reader saw.
pub(super) fn mark(items: &[usize]) -> String {
    let mut hasher = DefaultHasher::new();
    items.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_as_the_place_it_was_made_of() {
        let filter = Filter {
            kind: Some(ChangeKind::Changed),
            tag: "a&b=c".to_owned(),
            variant: String::new(),
            text: "50 % \u{e9}\"<".to_owned(),
        };
        let place = PageLocation { filter, group: Some(3), item: None };
        let address = place.address(Some(7));
        let asked = PageRequest::read(address.trim_start_matches("./?").as_bytes());
        assert_eq!((asked.place, asked.notice), (place, Some(7)));
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let asked =
            PageRequest::read(b"kind=none&group=-1&decision=burn&scope=group&revision=x&%ff=%ff");
        assert_eq!(asked, PageRequest::default());
    }
}
