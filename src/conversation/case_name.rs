//! The name of a case.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a case: `billing/double-charge@downtown`, or without `@…` where no variant is sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseName(String);

impl CaseName {
    /// A name as it was written.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name of a conversation in a variant.
    #[must_use]
    pub fn of(conversation: &str, variant: Option<&str>) -> Self {
        match variant {
            Some(variant) => Self(format!("{conversation}@{variant}")),
            None => Self(conversation.to_owned()),
        }
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The conversation's part, which is the path of its file below the folder, without ending.
    #[must_use]
    pub fn conversation(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(conversation, _)| conversation)
    }

    /// The variant's part.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        self.0.rsplit_once('@').map(|(_, variant)| variant)
    }
}

impl fmt::Display for CaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
