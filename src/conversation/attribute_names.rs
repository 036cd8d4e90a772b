//! The attributes that a `${name}` of a conversation may mean.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Conversation, VariantChoice};
use crate::{
    config::{Config, Project},
    source::Node,
    text::Bindings,
};

/// The attributes of the variants that a conversation is played in.
pub(super) struct AttributeNames<'a> {
    /// Those that every variant has, so that a `${name}` may be used.
    pub everywhere: BTreeSet<&'a str>,
    /// Those that the conversation itself gives as blank text, each with its variant.
    pub blank: BTreeMap<&'a str, &'a str>,
    project: Option<&'a Project>,
    variants: Vec<(&'a str, Bindings)>,
}

impl<'a> AttributeNames<'a> {
    pub fn of(
        conversation: &'a Conversation,
        node: &'a Node,
        project: Option<&'a Project>,
        config: &'a Config,
    ) -> Self {
        let own = match &conversation.variants {
            VariantChoice::These(variants) => variants.as_slice(),
            _ => &[],
        };
        let is_unknown = |name: &str| project.is_none_or(|it| it.variant(name).is_none());
        let unknown = own.iter().filter(|(name, _)| is_unknown(name));
        let unknown: Vec<_> = unknown.map(|(name, own)| (name.as_str(), own.clone())).collect();
        // An unknown project or variant is a mistake of its own. Which attributes it was meant to
        // have cannot be told, so those of all that it may be are taken as given.
        let possible = match project {
            None => config.projects.as_slice(),
            Some(_) if unknown.is_empty() => &[],
            Some(project) => std::slice::from_ref(project),
        };
        let variants = project.map(|project| conversation.variants_in(project)).unwrap_or_default();
        let known = variants.into_iter().filter_map(|(it, names)| Some((it?.name.as_str(), names)));
        let variants: Vec<_> = known.chain(unknown).collect();
        let is_everywhere = |name: &str| variants.iter().all(|(_, all)| all.contains_key(name));
        let everywhere = names(own, project).filter(|name| is_everywhere(name));
        let everywhere =
            everywhere.chain(possible.iter().flat_map(|it| names(&[], Some(it)))).collect();
        Self { everywhere, blank: blank(node).collect(), project, variants }
    }

    /// Whether a variant of the conversation has the attribute.
    pub fn is_anywhere(&self, name: &str) -> bool {
        self.variants.iter().any(|(_, names)| names.contains_key(name))
    }

    /// What is wrong with an attribute that some variant has or leaves blank, and another lacks.
    pub fn missing(&self, name: &str) -> Option<String> {
        let is_anywhere = self.is_anywhere(name);
        let lacking = self.variants.iter().filter(|(_, names)| !names.contains_key(name));
        lacking.map(|(variant, _)| *variant).find_map(|variant| {
            let of_project = self.project.and_then(|project| project.variant(variant));
            if of_project.is_some_and(|it| it.attributes.contains_key(name)) {
                return Some(format!("it is blank for the variant `{variant}` in rehearsal.toml"));
            }
            is_anywhere.then(|| format!("the variant `{variant}` has no attribute `{name}`"))
        })
    }
}

/// The names of all attributes that a conversation and its project give.
fn names<'a>(
    own: &'a [(String, Bindings)],
    project: Option<&'a Project>,
) -> impl Iterator<Item = &'a str> {
    let of_project = project.into_iter().flat_map(|project| &project.variants);
    let all = of_project.map(|variant| &variant.attributes).chain(own.iter().map(|(_, own)| own));
    all.flat_map(BTreeMap::keys).map(String::as_str)
}

/// The attributes that a conversation itself gives as blank text, with their variants.
fn blank(node: &Node) -> impl Iterator<Item = (&str, &str)> {
    let variants = node.get("variants").map(Node::entries).unwrap_or_default();
    variants.iter().flat_map(|variant| {
        let attributes = variant.node.entries().iter();
        let blank = attributes.filter(|it| it.node.text().is_some_and(|it| it.trim().is_empty()));
        blank.map(|attribute| (attribute.key.as_str(), variant.key.as_str()))
    })
}
