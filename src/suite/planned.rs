//! A case as a plan has it: what selects and names it. Of the conversations of a large suite no
//! more is kept in memory; each is read again when its case is played.
//!
//! Nothing may be played while any file has a mistake, so all files are read before a run; but what
//! they hold must not stay in memory, or memory would grow with the suite. The conversations of a small
//! suite (`KEPT_TURNS`) do stay, and are read once.

use std::{path::PathBuf, sync::Arc};

use super::{Case, CaseVariant, Target, read::read_conversation};
use crate::conversation::CaseName;
use crate::{
    config::{Config, PlayCount, VerdictRule},
    conversation::{Conversation, Discovered, Quarantine},
    source::{Diagnostic, Problems},
};

/// A case that is to be played, in files without mistakes.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its name.
    pub name: CaseName,
    /// Its conversation in outline.
    pub conversation: Arc<Outline>,
    /// The variant, where one is sent.
    pub variant: Option<Arc<CaseVariant>>,
    /// Where it is played.
    pub target: Arc<Target>,
    /// What decides it.
    pub rule: VerdictRule,
}

/// What playing a case costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Conversations.
    pub conversations: usize,
    /// Requests: to create a conversation, for every turn, and to close it.
    pub requests: usize,
}

/// What a plan has to know of a conversation.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// Why it is not played, where it is not.
    pub skip: Option<String>,
    /// How many turns it has.
    pub turns: usize,
    /// How often it is played, where it says so itself.
    pub plays: Option<PlayCount>,
    /// The quarantines that hold today.
    pub quarantines: Vec<Quarantine>,
    /// All of it, where the suite is small.
    pub(super) whole: Option<Arc<Conversation>>,
}

impl Outline {
    pub(super) fn of(conversation: &Conversation, config: &Config) -> Self {
        let quarantines = conversation.quarantines();
        let quarantines = quarantines.filter(|one| one.holds_on(config.today)).cloned().collect();
        Self {
            name: conversation.name.clone(),
            path: conversation.path.clone(),
            tags: conversation.tags.clone(),
            skip: conversation.skip.clone(),
            turns: conversation.turns.len(),
            plays: conversation.plays,
            quarantines,
            whole: None,
        }
    }
}

impl Planned {
    /// What so many plays of it cost.
    fn cost_of(&self, plays: u32) -> Cost {
        if self.conversation.skip.is_some() {
            return Cost::default();
        }
        let plays = plays as usize;
        Cost { conversations: plays, requests: plays * (self.conversation.turns + 2) }
    }

    /// What playing it costs at least, if it passes.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost_of(self.rule.pass)
    }

    /// What playing it costs at most, without attempts that could not be played and without plays
    /// that confirm a failure.
    #[must_use]
    pub fn most(&self) -> Cost {
        self.cost_of(self.rule.plays)
    }

    /// What confirming a failure of it costs at most.
    #[must_use]
    pub fn confirming(&self) -> Cost {
        self.cost_of(if self.rule.confirms() { self.rule.confirm_failures } else { 0 })
    }

    /// The case with its whole conversation.
    ///
    /// # Errors
    /// The first mistake, when the file has been changed since it was planned.
    pub fn open(&self, config: &Config) -> Result<Case, Box<Diagnostic>> {
        let conversation = match &self.conversation.whole {
            Some(conversation) => Arc::clone(conversation),
            None => Arc::new(self.read_again(config)?),
        };
        let project = config.project(&self.target.project);
        let name = self.variant.as_ref().map(|variant| variant.name.as_str());
        let variants = project.map(|project| conversation.variants_in(project));
        let found = variants
            .into_iter()
            .flatten()
            .find(|(variant, _)| variant.map(|variant| variant.name.as_str()) == name);
        Ok(Case {
            name: self.name.clone(),
            conversation,
            variant: self.variant.as_deref().cloned(),
            attributes: found.map(|(_, attributes)| attributes).unwrap_or_default(),
            target: Arc::clone(&self.target),
            rule: self.rule,
        })
    }

    fn read_again(&self, config: &Config) -> Result<Conversation, Box<Diagnostic>> {
        let outline = &self.conversation;
        let found = Discovered { name: outline.name.clone(), path: outline.path.clone() };
        let mut problems = Problems::default();
        let conversation = read_conversation(&found, config, &mut problems);
        match conversation {
            Some(conversation) if !problems.has_errors() => Ok(conversation),
            _ => Err(Box::new(problems.into_first_error(&outline.path))),
        }
    }
}
