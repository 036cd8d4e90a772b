//! The names a conversation uses: project, variants, environments and `${…}`.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    attribute_names::AttributeNames,
    expectation::Expectation,
    model::{Conversation, VariantChoice},
};
use crate::{
    config::{Config, Project},
    source::{Diagnostic, Node, Problems, SourceFile, Span, Value, suggest},
    text::Template,
};

/// Reports every undefined name.
pub(super) fn check(
    file: &Arc<SourceFile>,
    node: &Node,
    conversation: &Conversation,
    config: &Config,
    problems: &mut Problems,
) {
    let mut checker = NameChecker { file, problems };
    let project = checker.project(node, conversation, config);
    if let Some(project) = project {
        checker.variants(node, conversation, project);
        checker.environments(node, project);
    }
    let attributes = AttributeNames::of(conversation, node, project, config);
    checker.references(node, conversation, &attributes);
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
                            "no project: the conversation names none, and there is no default",
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
        let names: Vec<&str> =
            project.variants.iter().map(|variant| variant.name.as_str()).collect();
        let Some(node) = node.get("variants") else { return };
        if matches!(conversation.variants, VariantChoice::All) && names.is_empty() {
            self.problems.push(
                Diagnostic::error(
                    self.file,
                    node.span,
                    format!("the project `{}` has no variants", project.name),
                )
                .help("define some in rehearsal.toml: variants = { name = \"VARIANT-…\" }"),
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
                    Diagnostic::error(self.file, span, format!("duplicate variant `{name}`"))
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

    /// Every `${name}` must be an attribute of every variant, or have been captured in an earlier
    /// turn, in every environment that the conversation tells apart.
    fn references(
        &mut self,
        node: &Node,
        conversation: &Conversation,
        attributes: &AttributeNames<'_>,
    ) {
        let instead = conversation.turns.iter().flat_map(|turn| &turn.expect_in);
        let environments: BTreeSet<&str> = instead.map(|(name, _)| name.as_str()).collect();
        self.references_in("", node, conversation, attributes);
        for environment in environments {
            self.references_in(environment, node, conversation, attributes);
        }
    }

    fn references_in(
        &mut self,
        environment: &str,
        node: &Node,
        conversation: &Conversation,
        attributes: &AttributeNames<'_>,
    ) {
        let mut captured: BTreeSet<String> = BTreeSet::new();
        self.json(node.get("integration_attributes"), attributes, &captured);
        if let Some(greeting) = &conversation.greeting {
            self.expectation(greeting, attributes, &mut captured);
        }
        let nodes = node.get("turns").map(Node::items).unwrap_or_default();
        for (turn, node) in conversation.turns.iter().zip(nodes) {
            for name in turn.message.text.names() {
                self.reference(name, turn.span, attributes, &captured);
            }
            self.json(node.get("integration_attributes"), attributes, &captured);
            self.json(node.get("metadata"), attributes, &captured);
            self.expectation(turn.expectation(environment), attributes, &mut captured);
        }
    }

    fn expectation(
        &mut self,
        expectation: &Expectation,
        attributes: &AttributeNames<'_>,
        captured: &mut BTreeSet<String>,
    ) {
        for (name, span) in expectation.references() {
            self.reference(name, span, attributes, captured);
            self.blank(name, span, attributes);
        }
        self.capture(expectation.captures(), attributes, captured);
    }

    /// An expectation on a blank value would check nothing.
    fn blank(&mut self, name: &str, span: Span, attributes: &AttributeNames<'_>) {
        let Some(variant) = attributes.blank.get(name) else { return };
        let span = self.place_of(name, span);
        self.problems.push(
            Diagnostic::error(self.file, span, format!("`${{{name}}}` is blank here"))
                .label(format!("the attribute `{name}` of the variant `{variant}` is blank"))
                .help("an expectation on it would check nothing: give the attribute a value"),
        );
    }

    fn capture<'n>(
        &mut self,
        names: impl Iterator<Item = (&'n str, Span)>,
        attributes: &AttributeNames<'_>,
        captured: &mut BTreeSet<String>,
    ) {
        for (name, span) in names {
            if attributes.is_anywhere(name) {
                self.problems.push(
                    Diagnostic::error(
                        self.file,
                        span,
                        format!("`{name}` is captured here, but is also a variant attribute"),
                    )
                    .help("give one of them another name"),
                );
            }
            captured.insert(name.to_owned());
        }
    }

    fn json(
        &mut self,
        node: Option<&Node>,
        attributes: &AttributeNames<'_>,
        captured: &BTreeSet<String>,
    ) {
        let Some(node) = node else { return };
        match &node.value {
            Value::Text(text) => {
                let template = Template::parse(text).unwrap_or_default();
                for name in template.names() {
                    self.reference(name, node.span, attributes, captured);
                }
            }
            Value::List(items) => {
                items.iter().for_each(|item| self.json(Some(item), attributes, captured))
            }
            Value::Map(entries) => {
                entries.iter().for_each(|entry| self.json(Some(&entry.node), attributes, captured))
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
        attributes: &AttributeNames<'_>,
        captured: &BTreeSet<String>,
    ) {
        if attributes.everywhere.contains(name) || captured.contains(name) {
            return;
        }
        let span = self.place_of(name, span);
        let diagnostic =
            Diagnostic::error(self.file, span, format!("undefined variable `${{{name}}}`"));
        let diagnostic = match attributes.missing(name) {
            Some(reason) => diagnostic.label(reason).help(
                "give the attribute to every variant of this conversation, here or in rehearsal.toml",
            ),
            None => {
                let names = attributes.everywhere.iter().copied();
                let close = suggest::closest(name, names.chain(captured.iter().map(String::as_str)));
                diagnostic
                    .label("not a variant attribute, and not captured before")
                    .maybe_help(close.map(|close| format!("did you mean `${{{close}}}`?")))
            }
        };
        self.problems.push(diagnostic);
    }
}
