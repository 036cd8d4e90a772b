//! A conversation, as its file has it.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::{Map, Value};

use super::expectation::Expectation;
use crate::{source::Span, text::Template};

/// What a variant's `${names}` stand for in a conversation.
pub type Facts = BTreeMap<String, String>;

/// One conversation file.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its path below the conversations' folder, without ending, with `/`: `billing/double-charge`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What it guards, for people.
    pub description: Option<String>,
    /// The project it belongs to; `None` for the default project.
    pub project: Option<String>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// The variants it is played in.
    pub variants: VariantChoice,
    /// The channel that is sent on create.
    pub channel: Option<String>,
    /// The language codes that are sent on create and with every message.
    pub languages: Languages,
    /// The attributes that are sent on create.
    pub integration_attributes: Option<Box<Map<String, Value>>>,
    /// Why it is not played, where it is not.
    pub skip: Option<String>,
    /// What is expected of the greeting; `None` leaves only the strict rules.
    pub greeting: Option<Expectation>,
    /// The turns.
    pub turns: Vec<Turn>,
}

/// The variants a conversation is played in.
#[derive(Clone, Debug, Default)]
pub enum VariantChoice {
    /// The project's default variant, or none where it has none.
    #[default]
    Default,
    /// Every variant of the project.
    All,
    /// These, with the facts given for each.
    These(Vec<(String, Facts)>),
}

/// The language codes of a conversation or a turn.
#[derive(Clone, Debug, Default)]
pub struct Languages {
    /// `asr_lang_code`.
    pub asr: Option<String>,
    /// `tts_lang_code`.
    pub tts: Option<String>,
}

/// One turn: what the user says, and what is expected of the response.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What the user says.
    pub user: Template,
    /// Where the user's line stands.
    pub span: Span,
    /// Attributes sent with this message.
    pub integration_attributes: Option<Box<Map<String, Value>>>,
    /// Metadata sent with this message.
    pub metadata: Option<Box<Map<String, Value>>>,
    /// Language codes sent with this message and those after it.
    pub languages: Languages,
    /// What is expected of the response.
    pub expect: Expectation,
    /// What is expected instead in some environments.
    pub expect_in: Vec<(String, Expectation)>,
}

impl Languages {
    /// These codes, with those that a later turn names in their places.
    #[must_use]
    pub fn changed_by(&self, later: &Self) -> Self {
        Self {
            asr: later.asr.as_ref().or(self.asr.as_ref()).cloned(),
            tts: later.tts.as_ref().or(self.tts.as_ref()).cloned(),
        }
    }
}

impl Turn {
    /// What is expected of the response in an environment.
    #[must_use]
    pub fn expectation(&self, environment: &str) -> &Expectation {
        let instead = self.expect_in.iter().find(|(name, _)| name == environment);
        instead.map_or(&self.expect, |(_, expectation)| expectation)
    }

    /// Every expectation of the turn, whatever the environment.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        std::iter::once(&self.expect)
            .chain(self.expect_in.iter().map(|(_, expectation)| expectation))
    }
}

impl Conversation {
    /// Whether the text of the greeting (0) or of a turn (from 1) is pinned, in any environment.
    #[must_use]
    pub fn is_pinned(&self, exchange: usize) -> bool {
        match exchange.checked_sub(1) {
            None => self.greeting.as_ref().is_some_and(Expectation::is_pinned),
            Some(turn) => {
                let turn = self.turns.get(turn).into_iter();
                turn.flat_map(Turn::expectations).any(Expectation::is_pinned)
            }
        }
    }

    /// Whether any text of it is pinned by a snapshot, in any environment.
    #[must_use]
    pub fn has_snapshot(&self) -> bool {
        self.greeting.iter().any(Expectation::is_pinned)
            || self.turns.iter().flat_map(Turn::expectations).any(Expectation::is_pinned)
    }
}
