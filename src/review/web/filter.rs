//! Which changes the list shows.

use crate::review::{Item, ReviewConversation, What};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// A text where none was accepted.
    New,
    /// A text in the place of another.
    Changed,
    /// Turns that were added, moved or removed.
    Order,
    /// A conversation in which something does not hold that no snapshot accepts.
    Beside,
}

impl ChangeKind {
    pub const ALL: [Self; 4] = [Self::New, Self::Changed, Self::Order, Self::Beside];

    /// As it stands in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Order => "order",
            Self::Beside => "beside",
        }
    }

    /// As it stands on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "new answers",
            Self::Changed => "changed answers",
            Self::Order => "order of turns",
            Self::Beside => "more than the text",
        }
    }

    /// What is different in an item.
    pub fn of(item: &Item) -> Self {
        match &item.what {
            What::Text(change) if change.accepted.is_empty() => Self::New,
            What::Text(_) => Self::Changed,
            What::Order => Self::Order,
        }
    }
}

/// What a person wants to see of the list; the default is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub kind: Option<ChangeKind>,
    pub tag: String,
    pub variant: String,
    pub text: String,
}

impl Filter {
    /// Whether anything may be left out.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }

    pub fn selects(&self, item: &Item, conversation: &ReviewConversation) -> bool {
        let of_kind = match self.kind {
            None => true,
            Some(ChangeKind::Beside) => has_beside(conversation),
            Some(kind) => ChangeKind::of(item) == kind,
        };
        of_kind
            && (self.tag.is_empty() || tags(conversation).contains(&self.tag))
            && (self.variant.is_empty() || variant(item, conversation) == Some(&self.variant))
            && (self.text.is_empty() || self.finds(item))
    }

    fn finds(&self, item: &Item) -> bool {
        let wanted = self.text.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        has(item.case.as_str())
            || match &item.what {
                What::Order => false,
                What::Text(change) => {
                    let user = change.user.iter();
                    user.chain(&change.accepted).any(|text| has(text)) || has(&change.new)
                }
            }
    }
}

/// Whether something does not hold that no snapshot accepts.
pub(super) fn has_beside(conversation: &ReviewConversation) -> bool {
    conversation.turns.iter().any(|turn| !turn.beside.is_empty())
}

/// The tags of a conversation, where they are known.
pub(super) fn tags(conversation: &ReviewConversation) -> &[String] {
    conversation.outcome.as_ref().map_or(&[], |outcome| &outcome.tags)
}

/// The variant of a change: as it was played, or as its name says.
pub(super) fn variant<'a>(item: &'a Item, conversation: &'a ReviewConversation) -> Option<&'a str> {
    let played = conversation.outcome.as_ref().and_then(|outcome| outcome.variant.as_deref());
    played.or_else(|| item.case.variant())
}
