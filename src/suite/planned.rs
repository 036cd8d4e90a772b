//! A case as a plan has it: what selects and names it. Of the conversations of a large suite no
//! more is kept in memory; each is read again when its case is played.

use std::{path::PathBuf, sync::Arc};

use super::{Case, CaseVariant, Target, read::read_conversation};
use crate::conversation::CaseName;
use crate::{
    config::Config,
    conversation::{Conversation, Discovered},
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
    /// All of it, where the suite is small.
    pub(super) whole: Option<Arc<Conversation>>,
}

impl Outline {
    pub(super) fn of(conversation: &Conversation) -> Self {
        Self {
            name: conversation.name.clone(),
            path: conversation.path.clone(),
            tags: conversation.tags.clone(),
            skip: conversation.skip.clone(),
            turns: conversation.turns.len(),
            whole: None,
        }
    }
}

impl Planned {
    /// How many requests playing it takes: create, every turn, close.
    #[must_use]
    pub fn requests(&self) -> usize {
        if self.conversation.skip.is_some() { 0 } else { self.conversation.turns + 2 }
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
