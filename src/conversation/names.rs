//! The names a conversation uses: project, variants, environments and `${…}`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    expectation::Expectation,
    model::{Conversation, VariantChoice},
};
use crate::{
    config::{Config, Project},
    source::{Diagnostic, Node, Problems, SourceFile, Span, Value, suggest},
    text::Template,
};

/// Reports every name that stands for nothing.
pub(super) fn check(
    file: &Arc<SourceFile>,
    node: &Node,
    conversation: &Conversation,
    config: &Config,
    problems: &mut Problems,
) {
    let mut checker = NameChecker { file, problems };
    if let Some(project) = checker.project(node, conversation, config) {
        checker.variants(node, conversation, project);
        checker.environments(node, project);
    }
    checker.references(node, conversation);
}

struct NameChecker<'a> {
    file: &'a Arc<SourceFile>,
    problems: &'a mut Problems,
}

impl NameChecker<'_> {
    fn project<'c>(
        &mut self,
        node: &Node,
        conversation: &Conversation,
        config: &'c Config,
    ) -> Option<&'c Project> {
        let names = || config.projects.iter().map(|project| project.name.as_str());
        match &conversation.project {
            Some(name) => {
                let project = config.project(name);
                if project.is_none() && !name.is_empty() {
                    let span = node.get("project").map_or(node.span, |node| node.span);
                    self.unknown(span, "project", name, names().collect());
                }
                project
            }
            None => {
                let project = config.the_project();
                if project.is_none() && config.projects.len() > 1 {
                    let help = format!(
                        "write `project: …` here, or `default_project` in rehearsal.toml; the projects are: {}",
                        names().collect::<Vec<_>>().join(", ")
                    );
                    self.problems.push(
                        Diagnostic::of_file(
                            self.file,
                            "the conversation names no project, and there is no default",
                        )
                        .help(help),
                    );
                }
                project
            }
        }
    }

    fn unknown(&mut self, span: Span, what: &str, name: &str, names: Vec<&str>) {
        let help = if names.is_empty() {
            Some(format!("the project has no {what}s in rehearsal.toml"))
        } else {
            suggest::help(name, &format!("the {what}s in rehearsal.toml are"), names)
        };
        self.problems.push(
            Diagnostic::error(self.file, span, format!("there is no {what} `{name}`"))
                .label("not defined in rehearsal.toml")
                .maybe_help(help),
        );
    }

    fn variants(&mut self, node: &Node, conversation: &Conversation, project: &Project) {
        let names: Vec<&str> = project.variants.iter().map(|(name, _)| name.as_str()).collect();
        let Some(node) = node.get("variants") else { return };
        if matches!(conversation.variants, VariantChoice::All) && names.is_empty() {
            self.problems.push(
                Diagnostic::error(
                    self.file,
                    node.span,
                    format!("the project `{}` has no variants", project.name),
                )
                .help("define them in rehearsal.toml: variants = { name = \"VARIANT-…\" }"),
            );
        }
        let mut seen = BTreeSet::new();
        let listed = node.items().iter().filter_map(|item| Some((item.text()?, item.span)));
        let mapped = node.entries().iter().map(|entry| (entry.key.as_str(), entry.key_span));
        for (name, span) in listed.chain(mapped) {
            if !names.contains(&name) {
                self.unknown(span, "variant", name, names.clone());
            } else if !seen.insert(name.to_owned()) {
                self.problems.push(
                    Diagnostic::error(
                        self.file,
                        span,
                        format!("the variant `{name}` stands twice"),
                    )
                    .help("keep one of them"),
                );
            }
        }
    }

    fn environments(&mut self, node: &Node, project: &Project) {
        let names: Vec<&str> =
            project.environments.iter().map(|environment| environment.name.as_str()).collect();
        for turn in node.get("turns").map(Node::items).unwrap_or_default() {
            for entry in turn.get("expect_in").map(Node::entries).unwrap_or_default() {
                if !names.contains(&entry.key.as_str()) {
                    self.unknown(entry.key_span, "environment", &entry.key, names.clone());
                }
            }
        }
    }

    /// Every `${name}` must be a fact of every variant, or have been captured in an earlier turn,
    /// in every environment that the conversation tells apart.
    fn references(&mut self, node: &Node, conversation: &Conversation) {
        let instead = conversation.turns.iter().flat_map(|turn| &turn.expect_in);
        let environments: BTreeSet<&str> = instead.map(|(name, _)| name.as_str()).collect();
        self.references_in("", node, conversation);
        for environment in environments {
            self.references_in(environment, node, conversation);
        }
    }

    fn references_in(&mut self, environment: &str, node: &Node, conversation: &Conversation) {
        let facts = FactNames::of(conversation, node);
        let mut captured: BTreeSet<String> = BTreeSet::new();
        self.json(node.get("integration_attributes"), &facts, &captured);
        if let Some(greeting) = &conversation.greeting {
            self.expectation(greeting, &facts, &mut captured);
        }
        let nodes = node.get("turns").map(Node::items).unwrap_or_default();
        for (turn, node) in conversation.turns.iter().zip(nodes) {
            for name in turn.message.text.names() {
                self.reference(name, turn.span, &facts, &captured);
            }
            self.json(node.get("integration_attributes"), &facts, &captured);
            self.json(node.get("metadata"), &facts, &captured);
            self.expectation(turn.expectation(environment), &facts, &mut captured);
        }
    }

    fn expectation(
        &mut self,
        expectation: &Expectation,
        facts: &FactNames,
        captured: &mut BTreeSet<String>,
    ) {
        for (name, span) in expectation.references() {
            self.reference(name, span, facts, captured);
            self.blank(name, span, facts);
        }
        self.capture(expectation.captures(), facts, captured);
    }

    /// An expectation on a blank value would check nothing.
    fn blank(&mut self, name: &str, span: Span, facts: &FactNames) {
        let Some(variant) = facts.blank.get(name) else { return };
        let span = self.place_of(name, span);
        self.problems.push(
            Diagnostic::error(self.file, span, format!("`${{{name}}}` is blank here"))
                .label(format!("the fact `{name}` of the variant `{variant}` is blank"))
                .help("an expectation on it would check nothing: give the fact a value"),
        );
    }

    fn capture<'n>(
        &mut self,
        names: impl Iterator<Item = (&'n str, Span)>,
        facts: &FactNames,
        captured: &mut BTreeSet<String>,
    ) {
        for (name, span) in names {
            if facts.anywhere.contains(name) {
                self.problems.push(
                    Diagnostic::error(
                        self.file,
                        span,
                        format!("`{name}` is captured here, but is a fact of a variant as well"),
                    )
                    .help("give one of them another name"),
                );
            }
            captured.insert(name.to_owned());
        }
    }

    fn json(&mut self, node: Option<&Node>, facts: &FactNames, captured: &BTreeSet<String>) {
        let Some(node) = node else { return };
        match &node.value {
            Value::Text(text) => {
                let template = Template::parse(text).unwrap_or_default();
                for name in template.names() {
                    self.reference(name, node.span, facts, captured);
                }
            }
            Value::List(items) => {
                items.iter().for_each(|item| self.json(Some(item), facts, captured))
            }
            Value::Map(entries) => {
                entries.iter().for_each(|entry| self.json(Some(&entry.node), facts, captured))
            }
            _ => {}
        }
    }

    /// Where `${name}` stands in what is written at a place.
    fn place_of(&self, name: &str, span: Span) -> Span {
        let written = format!("${{{name}}}");
        self.file.within(span, &written, 0..written.len()).unwrap_or(span)
    }

    fn reference(
        &mut self,
        name: &str,
        span: Span,
        facts: &FactNames,
        captured: &BTreeSet<String>,
    ) {
        if facts.everywhere.contains(name) || captured.contains(name) {
            return;
        }
        let span = self.place_of(name, span);
        let diagnostic =
            Diagnostic::error(self.file, span, format!("`${{{name}}}` stands for nothing here"));
        let diagnostic = match facts.missing_in(name) {
            Some(variant) => diagnostic
                .label(format!("the variant `{variant}` has no fact `{name}`"))
                .help("give the fact to every variant of this conversation"),
            None => diagnostic.label("not a fact, and not captured before").maybe_help(
                suggest::closest(name, facts.everywhere.iter().chain(captured).map(String::as_str))
                    .map(|close| format!("did you mean `${{{close}}}`?")),
            ),
        };
        self.problems.push(diagnostic);
    }
}

/// The facts of a conversation's variants.
struct FactNames<'a> {
    everywhere: BTreeSet<String>,
    anywhere: BTreeSet<String>,
    variants: &'a [(String, super::Facts)],
    /// Facts that are written as blank text, each with its variant.
    blank: BTreeMap<&'a str, &'a str>,
}

impl<'a> FactNames<'a> {
    fn of(conversation: &'a Conversation, node: &'a Node) -> Self {
        let variants = match &conversation.variants {
            VariantChoice::These(variants) => variants.as_slice(),
            _ => &[],
        };
        let anywhere: BTreeSet<String> =
            variants.iter().flat_map(|(_, facts)| facts.keys().cloned()).collect();
        let everywhere = anywhere
            .iter()
            .filter(|name| variants.iter().all(|(_, facts)| facts.contains_key(*name)));
        let blank = node.get("variants").map(Node::entries).unwrap_or_default();
        let blank = blank.iter().flat_map(|variant| {
            let facts = variant.node.entries().iter();
            let blank =
                facts.filter(|fact| fact.node.text().is_some_and(|it| it.trim().is_empty()));
            blank.map(|fact| (fact.key.as_str(), variant.key.as_str()))
        });
        let blank = blank.collect();
        Self { everywhere: everywhere.cloned().collect(), variants, anywhere, blank }
    }

    fn missing_in(&self, name: &str) -> Option<&str> {
        let somewhere = self.anywhere.contains(name);
        let missing =
            self.variants.iter().find(|(_, facts)| somewhere && !facts.contains_key(name));
        missing.map(|(variant, _)| variant.as_str())
    }
}
