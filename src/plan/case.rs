//! One case: a conversation in a variant, and what it says line by line.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    config::{Environment, RunSettings},
    spec::{Conversation, Expectation, Facts, Turn},
};

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

/// One conversation in one variant, ready to be played.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: CaseName,
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// The variant, where one is sent.
    pub variant: Option<CaseVariant>,
    /// What `${names}` stand for in this variant.
    pub facts: Facts,
    /// Where it is played.
    pub target: Arc<Target>,
}

/// The variant of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseVariant {
    /// Its name in the team's files.
    pub name: String,
    /// What is sent as `variant_id`.
    pub id: String,
}

/// A project in an environment.
#[derive(Clone, Debug)]
pub struct Target {
    /// The project's name in the team's files.
    pub project: String,
    /// The environment.
    pub environment: Environment,
    /// How runs behave there.
    pub settings: RunSettings,
}

/// What a case sends. Nothing of what it expects.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// The conversation, for what `create` sends.
    pub conversation: &'a Conversation,
    /// The variant's id.
    pub variant_id: Option<&'a str>,
    /// What `${names}` stand for at first.
    pub facts: &'a Facts,
    /// The turns, for what `respond` sends.
    pub turns: &'a [Turn],
}

impl Case {
    /// What to send, in the case's environment.
    #[must_use]
    pub fn script(&self) -> Script<'_> {
        Script {
            conversation: &self.conversation,
            variant_id: self.variant.as_ref().map(|variant| variant.id.as_str()),
            facts: &self.facts,
            turns: &self.conversation.turns,
        }
    }

    /// What is expected of a turn's response in the case's environment.
    #[must_use]
    pub fn expectation<'a>(&self, turn: &'a Turn) -> &'a Expectation {
        turn.expectation(&self.target.environment.name)
    }
}
