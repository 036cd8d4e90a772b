//! Words of a selection that no conversation knows.
//!
//! Beside a word that is right, a misspelt one would be passed over: what it was meant to select
//! or leave out would silently be missing, or be played.

use std::collections::BTreeSet;

use super::{Outline, Selection};
use crate::conversation::CaseName;
use crate::source::suggest;

/// The advice about a word that is empty, wherever it is.
pub const EMPTY_WORD: &str = "it is empty; is a variable of the shell not set?";

/// What the conversations that were read can be selected by.
#[derive(Debug, Default)]
pub(super) struct KnownWords<'a> {
    names: Vec<CaseName>,
    tags: BTreeSet<&'a str>,
}

impl<'a> KnownWords<'a> {
    /// Adds a conversation with the names of its cases.
    pub fn add(&mut self, conversation: &'a Outline, names: impl Iterator<Item = CaseName>) {
        self.names.extend(names);
        self.tags.extend(conversation.tags.iter().map(String::as_str));
    }

    /// A sentence about the first tag that no conversation has, or the first `--skip` that leaves
    /// out none.
    pub fn unknown_word(&self, selection: &Selection) -> Option<String> {
        let tag = || selection.tags.iter().find(|tag| !self.tags.contains(tag.as_str()));
        let skip = || selection.skip.iter().find(|skip| !self.is_hit(selection, skip));
        tag().map(|tag| self.no_tag(tag)).or_else(|| skip().map(|skip| self.no_skip(skip)))
    }

    fn is_hit(&self, selection: &Selection, word: &str) -> bool {
        self.names.iter().any(|name| selection.hits(word, name.as_str()))
    }

    fn no_tag(&self, tag: &str) -> String {
        let help = suggest::help(tag, "the tags are", self.tags.iter().copied());
        let help = if tag.is_empty() { Some(EMPTY_WORD.to_owned()) } else { help };
        let help = help.unwrap_or_else(|| "no conversation has `tags`".to_owned());
        format!("there is no conversation with the tag `{tag}`: {help}")
    }

    fn no_skip(&self, skip: &str) -> String {
        let names = self.names.iter().map(CaseName::as_str);
        let parts = self.names.iter().flat_map(|name| name.as_str().split(['/', '@']));
        let close = suggest::closest(skip, names.chain(parts));
        let help = match close {
            _ if skip.is_empty() => EMPTY_WORD.to_owned(),
            Some(close) => format!("did you mean `{close}`?"),
            None => "`rehearsal list` shows the names".to_owned(),
        };
        format!("--skip `{skip}` leaves out no case: {help}")
    }
}
