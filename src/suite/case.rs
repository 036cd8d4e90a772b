//! One case: a conversation in a variant, and what it says line by line.

use std::sync::Arc;

use crate::{
    config::{Environment, Place, PlayCount, ProjectVariant, RunSettings, VerdictRule},
    conversation::{CaseName, Conversation, Expectation, Turn},
    text::Bindings,
};

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
    pub attributes: Bindings,
    /// Where it is played.
    pub target: Arc<Target>,
    /// What decides it.
    pub rule: VerdictRule,
}

/// The variant of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseVariant {
    /// Its name in the team's files.
    pub name: String,
    /// What is sent as `variant_id`.
    pub id: String,
}

impl From<&ProjectVariant> for CaseVariant {
    fn from(variant: &ProjectVariant) -> Self {
        Self { name: variant.name.clone(), id: variant.id.clone() }
    }
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

impl Case {
    /// What is expected of a turn's response in the case's environment.
    #[must_use]
    pub fn expectation<'a>(&self, turn: &'a Turn) -> &'a Expectation {
        turn.expectation(&self.target.environment.name)
    }
}

impl Target {
    /// What decides a case here whose conversation says this of its plays.
    #[must_use]
    pub fn rule(&self, own: Option<PlayCount>) -> VerdictRule {
        let PlayCount { plays, pass } = own.or(self.settings.plays).unwrap_or(PlayCount::all_of(1));
        VerdictRule {
            plays,
            pass,
            confirm_failures: self.settings.confirm_failures.unwrap_or(0),
            flaky: self.settings.flaky.unwrap_or_default(),
        }
    }

    /// What tells it from every other target.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { project: self.project.clone(), environment: self.environment.name.clone() }
    }
}
