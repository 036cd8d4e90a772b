//! A conversation, as its file has it.

use std::{path::PathBuf, sync::Arc};

use serde_json::{Map, Value};

use super::{Quarantine, TurnNumber, expectation::Expectation};
use crate::{
    backend::LanguageCodes,
    config::{PlayCount, Project, ProjectVariant},
    source::{SourceFile, Span},
    text::{Bindings, Template},
};

/// One conversation file.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its path below the conversations' folder, without ending, with `/`: `billing/double-charge`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Its text as it was read, for what is said of places in it.
    pub source: Arc<SourceFile>,
    /// What it guards, for people.
    pub description: Option<String>,
    /// The project it belongs to; `None` for the default project.
    pub project: Option<String>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// The variants it is played in.
    pub variants: VariantChoice,
    /// What starts the conversation.
    pub opening: Opening,
    /// Why it is not played, where it is not.
    pub skip: Option<String>,
    /// How often it is played, where it says so itself.
    pub plays: Option<PlayCount>,
    /// The quarantine of the whole conversation.
    pub quarantine: Option<Quarantine>,
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
    /// These, with the attributes that the conversation itself gives each.
    These(Vec<(String, Bindings)>),
}

/// What `create` sends, but for the variant.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// The channel.
    pub channel: Option<String>,
    /// The languages of the conversation.
    pub languages: LanguageCodes,
    /// Attributes of the caller, in whose texts `${names}` are replaced.
    pub integration_attributes: Option<Box<Map<String, Value>>>,
}

/// What one turn sends.
#[derive(Clone, Debug, Default)]
pub struct MessageTemplate {
    /// What the user says.
    pub text: Template,
    /// Attributes sent with this message.
    pub integration_attributes: Option<Box<Map<String, Value>>>,
    /// Metadata sent with this message.
    pub metadata: Option<Box<Map<String, Value>>>,
    /// Languages that hold from this message on.
    pub languages: LanguageCodes,
}

/// One turn: what the user says, and what is expected of the response.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What is sent.
    pub message: MessageTemplate,
    /// Where the user's line stands.
    pub span: Span,
    /// What is expected of the response.
    pub expect: Expectation,
    /// What is expected instead in some environments.
    pub expect_in: Vec<(String, Expectation)>,
    /// The quarantine of this turn.
    pub quarantine: Option<Quarantine>,
}

impl Turn {
    /// The user's line as it is written, with its `${names}`.
    #[must_use]
    pub fn user(&self) -> &str {
        self.message.text.source()
    }

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
    /// The turn that an answer belongs to; `None` for the greeting.
    #[must_use]
    pub fn turn(&self, number: TurnNumber) -> Option<&Turn> {
        self.turns.get(number.index()?)
    }

    /// The variants of the project that it is played in, each with what `${names}` stand for there: the
    /// conversation's own attributes, and those of the project that it does not give itself.
    #[must_use]
    pub fn variants_in<'p>(
        &self,
        project: &'p Project,
    ) -> Vec<(Option<&'p ProjectVariant>, Bindings)> {
        let of_project = |variant: Option<&'p ProjectVariant>| {
            (variant, variant.map(ProjectVariant::bindings).unwrap_or_default())
        };
        match &self.variants {
            VariantChoice::Default => {
                let default = project.default_variant.as_deref();
                vec![of_project(default.and_then(|name| project.variant(name)))]
            }
            VariantChoice::All => {
                project.variants.iter().map(|variant| of_project(Some(variant))).collect()
            }
            VariantChoice::These(these) => {
                let with_own = |(name, own): &(String, Bindings)| {
                    let (variant, mut bindings) = of_project(project.variant(name));
                    bindings.extend(own.clone());
                    (variant, bindings)
                };
                these.iter().map(with_own).collect()
            }
        }
    }

    /// Its quarantines and those of its turns, whether they still hold or not.
    pub fn quarantines(&self) -> impl Iterator<Item = &Quarantine> {
        self.quarantine.iter().chain(self.turns.iter().filter_map(|turn| turn.quarantine.as_ref()))
    }

    /// Whether the text of an answer is pinned, in any environment.
    #[must_use]
    pub fn is_pinned(&self, number: TurnNumber) -> bool {
        if number.is_greeting() {
            return self.greeting.as_ref().is_some_and(Expectation::is_pinned);
        }
        let turn = self.turn(number).into_iter();
        turn.flat_map(Turn::expectations).any(Expectation::is_pinned)
    }

    /// Whether any text of it is pinned by a snapshot, in any environment.
    #[must_use]
    pub fn has_snapshot(&self) -> bool {
        self.greeting.iter().any(Expectation::is_pinned)
            || self.turns.iter().flat_map(Turn::expectations).any(Expectation::is_pinned)
    }
}
