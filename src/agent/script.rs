//! A scripted agent: variants with attributes, a greeting, ordered rules.

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::Value;

use super::shape::AGENT;
use crate::{
    config::Named,
    source::{Diagnostic, Problems, SourceFile, conform::conform, shape::ValueKind, yaml},
    text::{Bindings, Pattern, Template},
};

/// A scripted agent.
#[derive(Clone, Debug)]
pub struct AgentScript {
    /// Its name, for people.
    pub name: Option<String>,
    /// The account it answers for; any, if there is none.
    pub account_id: Option<String>,
    /// The project it answers for; any, if there is none.
    pub project_id: Option<String>,
    /// Its variants.
    pub variants: Vec<Variant>,
    /// The variant of conversations that name none, as an index.
    pub default_variant: Option<usize>,
    pub(super) seed: Option<u64>,
    pub(super) greeting: Vec<Rule>,
    pub(super) rules: Vec<Rule>,
    pub(super) fallback: Rule,
}

/// A variant of the agent.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its id, where it has one beside its name.
    pub id: Option<String>,
    /// What `${names}` stand for.
    pub attributes: Bindings,
}

/// A condition and what is done when it holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    pub when: When,
    pub set: Vec<(String, ScriptedValue)>,
    pub make: Vec<(String, Template)>,
    pub say: Vec<ScriptedAnswer>,
    pub handoff: Option<HandoffRule>,
    pub end_conversation: bool,
    pub wait: Option<Duration>,
}

/// One of the answers of a rule. What it leaves open is as the rule has it.
#[derive(Clone, Debug)]
pub(super) struct ScriptedAnswer {
    pub text: Template,
    pub odds: u64,
    pub handoff: Option<HandoffRule>,
    pub end_conversation: Option<bool>,
}

/// JSON in which text may hold `${names}`.
#[derive(Clone, Debug)]
pub(super) enum ScriptedValue {
    Text(Template),
    List(Vec<ScriptedValue>),
    Map(Vec<(String, ScriptedValue)>),
    /// A number, a boolean or null.
    Plain(Value),
}

#[derive(Clone, Debug, Default)]
pub(super) struct HandoffRule {
    pub destination: Option<Template>,
    pub reason: Option<Template>,
}

/// A condition; parts that are empty hold.
#[derive(Clone, Debug, Default)]
pub(super) struct When {
    pub message: Vec<Pattern>,
    pub turns: Vec<u64>,
    pub variants: Vec<String>,
    pub channel: Option<Pattern>,
    pub language: Option<Pattern>,
    pub integration_attributes: Vec<(String, Wanted)>,
    pub metadata: Vec<(String, Wanted)>,
    pub state: Vec<(String, Wanted)>,
    pub compare: Vec<Comparison>,
}

/// What a value should be.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Equal(Template),
    Matching(Pattern),
}

/// `left operator right`.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub left: Template,
    pub operator: Operator,
    pub right: Template,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    MoreOrEqual,
    More,
}

impl AgentScript {
    /// Reads an agent file; every mistake in it goes to `problems`.
    pub fn read_file(path: &Path, problems: &mut Problems) -> Option<Self> {
        let file = match SourceFile::read(path) {
            Ok(file) => file,
            Err(error) => {
                let file = SourceFile::new(path, "");
                problems.push(Diagnostic::of_file(&file, error.to_string()));
                return None;
            }
        };
        Self::from_file(&file, problems)
    }

    /// Reads an agent file that a configuration names: where there is none, that is where the
    /// mistake is.
    pub fn read_named(path: &Path, named: &Named, problems: &mut Problems) -> Option<Self> {
        if path.is_file() {
            return Self::read_file(path, problems);
        }
        let what = match path.exists() {
            true => format!("{} is not a file", path.display()),
            false => format!("there is no agent file {}", path.display()),
        };
        let help =
            "paths start from the folder of this file; `rehearsal init` writes a first agent";
        problems.push(Diagnostic::error(&named.file, named.span, what).help(help));
        None
    }

    /// From a file that has been read; every mistake in it goes to `problems`.
    pub fn from_file(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Self> {
        let node = yaml::parse(file, problems)?;
        conform(file, &node, &ValueKind::Map(&AGENT), problems);
        Some(super::read::read(file, &node, problems))
    }

    /// The same agent, with what it leaves to chance decided by a number.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// The variant that a `variant_id` means, by id or by name.
    #[must_use]
    pub fn variant(&self, variant_id: &str) -> Option<usize> {
        let is_meant = |variant: &Variant| {
            variant.id.as_deref() == Some(variant_id) || variant.name == variant_id
        };
        self.variants.iter().position(is_meant)
    }
}
