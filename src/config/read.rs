//! From the tree of `rehearsal.toml` to [`Config`].

use std::{path::Path, sync::Arc, time::Duration};

use jiff::{Timestamp, civil::Date};

use super::{
    AgentKind, Config, Environment, FlakyCounts, Named, PlayCount, Project, ProjectVariant,
    QuarantineLimits, Redaction, RunSettings,
    attributes::check_names,
    region::{host, refuse_base_url},
    shape::{CONFIG, ENVIRONMENT},
    swallow::swallow,
};
use crate::{
    source::{
        Diagnostic, MapEntry, Node, Problems, SourceFile, Span, Value,
        conform::{conform, parse_duration},
        secrets::is_variable_name,
        shape::ValueKind,
        suggest, toml,
    },
    text::{Pattern, placeholder},
};

/// The variable that PolyAI's own tools read the key from.
const API_KEY_ENV: &str = "POLY_API_KEY";

/// Reads the file; `None` when it has no usable content.
pub(super) fn read(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Config> {
    let node = toml::parse(file, problems)?;
    conform(file, &node, &ValueKind::Map(&CONFIG), problems);
    let mut reader = ConfigReader { file, problems };
    let config = reader.config(&node).at(Timestamp::now());
    reader.check_names(&node, &config);
    Some(config)
}

struct ConfigReader<'a> {
    file: &'a Arc<SourceFile>,
    problems: &'a mut Problems,
}

impl ConfigReader<'_> {
    fn config(&mut self, node: &Node) -> Config {
        let root = self.file.path.parent().unwrap_or(Path::new("")).to_owned();
        let folder = |key: &str| root.join(text(node, key).unwrap_or_else(|| key.to_owned()));
        Config {
            path: self.file.path.clone(),
            named: false,
            conversations: folder("conversations"),
            snapshots: folder("snapshots"),
            default_project: text(node, "default_project"),
            default_environment: text(node, "default_environment"),
            projects: self.projects(node, &root),
            run: node.get("run").map(|run| self.run_settings(run)).unwrap_or_default(),
            quarantine: node.get("quarantine").map(QuarantineLimits::read).unwrap_or_default(),
            today: Date::default(),
            forbid: self.forbid(node),
            redactions: self.redactions(node),
            root,
        }
    }

    fn projects(&mut self, node: &Node, root: &Path) -> Vec<Project> {
        let Some(projects) = node.get("projects") else { return Vec::new() };
        if projects.entries().is_empty() {
            self.problems.push(
                Diagnostic::of_file(self.file, "there is no project")
                    .help("add a table such as [projects.bistro] with its environments"),
            );
        }
        projects.entries().iter().map(|entry| self.project(entry, root)).collect()
    }

    fn project(&mut self, entry: &MapEntry, root: &Path) -> Project {
        self.file_name(entry, "a project's name");
        let variants = entry.node.get("variants").map(Node::entries).unwrap_or_default();
        for (index, variant) in variants.iter().enumerate() {
            self.file_name(variant, "a variant's name");
            let same = |other: &&MapEntry| other.key.to_lowercase() == variant.key.to_lowercase();
            if let Some(other) = variants[..index].iter().find(same) {
                let title = format!("`{}` and `{}` differ only in case", other.key, variant.key);
                self.error(variant.key_span, title, "not every file system tells them apart");
            }
        }
        let environments = entry.node.get("environments").map(Node::entries).unwrap_or_default();
        if entry.node.get("environments").is_some() && environments.is_empty() {
            self.error(
                entry.key_span,
                format!("the project `{}` has no environment", entry.key),
                "add one",
            );
        }
        Project {
            name: entry.key.clone(),
            variants: variants.iter().map(|variant| self.variant(variant, &entry.node)).collect(),
            default_variant: text(&entry.node, "default_variant"),
            environments: environments
                .iter()
                .map(|environment| self.environment(environment, &entry.node, root))
                .collect(),
        }
    }

    fn variant(&mut self, entry: &MapEntry, project: &Node) -> ProjectVariant {
        let attributes = project.get("attributes").and_then(|all| all.get(&entry.key));
        if let Some(attributes) = attributes {
            check_names(self.file, attributes, self.problems);
        }
        ProjectVariant {
            name: entry.key.clone(),
            id: entry.node.text().unwrap_or_default().to_owned(),
            attributes: attributes.map(|node| node.texts(&self.file.text)).unwrap_or_default(),
        }
    }

    /// Names become parts of file names and of case names.
    fn file_name(&mut self, entry: &MapEntry, what: &str) {
        let allowed = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let fine =
            !entry.key.is_empty() && !entry.key.starts_with('.') && entry.key.chars().all(allowed);
        if !fine {
            self.problems.push(
                Diagnostic::error(
                    self.file,
                    entry.key_span,
                    format!("`{}` cannot be {what}", entry.key),
                )
                .label("letters, digits, `-`, `_` and `.` are allowed")
                .help("it becomes a part of case names and file names"),
            );
        }
    }

    fn environment(&mut self, entry: &MapEntry, project: &Node, root: &Path) -> Environment {
        let node = &entry.node;
        let either = |key: &str| text(node, key).or_else(|| text(project, key));
        let agent = match node.get("agent") {
            Some(agent) => {
                for key in ["api_key_env", "token_env", "region", "base_url"] {
                    if let Some(extra) = node.get(key) {
                        let title = format!("`{key}` cannot be combined with `agent`");
                        self.error(
                            extra.span,
                            title,
                            "the embedded agent needs no host and no credentials",
                        );
                    }
                }
                match agent.text() {
                    Some(script) => AgentKind::Embedded {
                        script: root.join(script),
                        named: Named { file: Arc::clone(self.file), span: agent.span },
                    },
                    None => AgentKind::Unknown,
                }
            }
            // A misspelt key is reported already; what it was meant to be is not missed as well.
            None if has_unknown_key(node) => AgentKind::Unknown,
            None => self.remote(entry, project),
        };
        let remote = matches!(agent, AgentKind::Remote { .. });
        for key in ["account_id", "project_id"] {
            if remote && either(key).is_none() {
                let title = format!("the environment `{}` has no `{key}`", entry.key);
                self.error(entry.key_span, title, format!("write `{key}` here or in its project"));
            }
        }
        Environment {
            name: entry.key.clone(),
            account_id: either("account_id").unwrap_or_else(|| "account".to_owned()),
            project_id: either("project_id").unwrap_or_else(|| "project".to_owned()),
            agent,
            run: self.run_settings(node),
        }
    }

    fn remote(&mut self, entry: &MapEntry, project: &Node) -> AgentKind {
        let node = &entry.node;
        let mut variable = |key: &str, usual: Option<&str>| {
            let Some(value) = node.get(key) else {
                if let Some(usual) = usual {
                    return usual.to_owned();
                }
                let title = format!("the environment `{}` has no `{key}`", entry.key);
                self.error(entry.key_span, title, format!("name the environment variable: {key} = \"POLYAI_…\"; or name an `agent` file"));
                return String::new();
            };
            let name = value.text().unwrap_or_default();
            if !name.is_empty() && !is_variable_name(name) {
                self.problems.push(
                    Diagnostic::error(self.file, value.span, format!("`{key}` is not the name of an environment variable"))
                        .help("if this is the key itself: take it out of the file, put it into an environment variable and write that variable's NAME here (and have the key replaced if the file was shared)"),
                );
            }
            name.to_owned()
        };
        let api_key_env = variable("api_key_env", Some(API_KEY_ENV));
        let token_env = variable("token_env", None);
        AgentKind::Remote { base_url: self.base_url(entry, project), api_key_env, token_env }
    }

    fn base_url(&mut self, entry: &MapEntry, project: &Node) -> String {
        for node in [&entry.node, project] {
            if let Some(address) = node.get("base_url") {
                let written = address.text().unwrap_or_default();
                if let Some(reason) = refuse_base_url(written).filter(|_| !written.is_empty()) {
                    self.error(address.span, "`base_url` cannot be used", reason);
                }
                return written.trim_end_matches('/').to_owned();
            }
            if let Some(region) = node.get("region") {
                return region.text().and_then(host).unwrap_or_default().to_owned();
            }
        }
        let title = format!("the environment `{}` has no `region`", entry.key);
        self.error(
            entry.key_span,
            title,
            "write `region` (us-1, uk-1, euw-1 or studio) or `base_url`, here or in its project",
        );
        String::new()
    }

    fn forbid(&mut self, node: &Node) -> Vec<Pattern> {
        let Some(forbid) = node.get("expect").and_then(|expect| expect.get("forbid")) else {
            return Vec::new();
        };
        forbid.one_or_many().iter().filter_map(|item| self.pattern(item)).collect()
    }

    fn pattern(&mut self, node: &Node) -> Option<Pattern> {
        let pattern = Pattern::new(node.text()?).ok()?;
        if pattern.is_always_found() {
            let title = "this regular expression matches every text";
            self.error(node.span, title, "it matches the empty text; write what must be there");
        }
        if let Some(name) = pattern.names().next().map(str::to_owned) {
            let title = format!("`${{{name}}}` cannot be used here");
            self.error(
                node.span,
                title,
                "variant attributes and captures can be used in conversations only; a literal `${` is written `\\$\\{`",
            );
            return None;
        }
        Some(pattern)
    }

    fn redactions(&mut self, node: &Node) -> Vec<Redaction> {
        let mut redactions: Vec<Redaction> = Vec::new();
        for item in node.get("redact").map(Node::items).unwrap_or_default() {
            let pattern = item.get("pattern").and_then(|pattern| self.pattern(pattern));
            let Some(name) = item.get("with") else { continue };
            let written = name.text().unwrap_or_default();
            if written.is_empty() {
                continue;
            }
            if !placeholder::is_name(written) {
                self.error(
                    name.span,
                    format!("`{written}` cannot be the name of a redaction"),
                    "use letters, digits, spaces, `-` and `_`, starting with a letter",
                );
            } else if placeholder::BUILT_IN.contains(&written) {
                self.error(
                    name.span,
                    format!("`{{{{{written}}}}}` is a built-in placeholder"),
                    "choose another name",
                );
            } else if redactions.iter().any(|earlier| earlier.name == written) {
                self.error(
                    name.span,
                    format!("duplicate redaction `{written}`"),
                    "write one pattern with `|`",
                );
            } else if let Some(pattern) = pattern {
                let earlier = redactions.iter().map(|redaction| &redaction.pattern);
                if !pattern.is_always_found() && swallow(earlier.chain([&pattern])) {
                    let span = item.get("pattern").map_or(name.span, |pattern| pattern.span);
                    self.error(
                        span,
                        "this redaction can match an entire answer",
                        "every other answer would be accepted too; write a pattern of what varies",
                    );
                }
                redactions.push(Redaction { name: written.to_owned(), pattern });
            }
        }
        redactions
    }

    fn check_names(&mut self, node: &Node, config: &Config) {
        let projects = || config.projects.iter().map(|project| project.name.as_str());
        if let Some(name) = node.get("default_project") {
            self.known(name, "project", projects().collect());
        }
        if let Some(name) = node.get("default_environment") {
            let names = config.projects.iter().flat_map(|project| &project.environments);
            self.known(
                name,
                "environment",
                names.map(|environment| environment.name.as_str()).collect(),
            );
        }
        for (entry, project) in
            node.get("projects").map(Node::entries).unwrap_or_default().iter().zip(&config.projects)
        {
            let variants =
                || project.variants.iter().map(|variant| variant.name.as_str()).collect();
            if let Some(name) = entry.node.get("default_variant") {
                self.known(name, "variant", variants());
            }
            let attributes = entry.node.get("attributes").map(Node::entries).unwrap_or_default();
            for of in attributes.iter().filter(|of| matches!(of.node.value, Value::Map(_))) {
                self.known_name(of.key_span, &of.key, "variant", variants());
            }
        }
    }

    fn known(&mut self, node: &Node, what: &str, names: Vec<&str>) {
        if let Some(name) = node.text() {
            self.known_name(node.span, name, what, names);
        }
    }

    fn known_name(&mut self, span: Span, name: &str, what: &str, names: Vec<&str>) {
        if !names.contains(&name) && !name.is_empty() {
            let help = suggest::help(name, &format!("the {what}s are"), names);
            self.problems.push(
                Diagnostic::error(self.file, span, format!("there is no {what} `{name}`"))
                    .label("not defined in this file")
                    .maybe_help(help),
            );
        }
    }

    fn run_settings(&mut self, node: &Node) -> RunSettings {
        let count = |key: &str| node.get(key)?.count().and_then(|count| u32::try_from(count).ok());
        RunSettings {
            concurrency: count("concurrency").map(|count| count as usize),
            requests_per_second: node.get("requests_per_second").and_then(Node::number),
            turn_timeout: duration(node, "turn_timeout"),
            connect_timeout: duration(node, "connect_timeout"),
            case_timeout: duration(node, "case_timeout"),
            attempts: count("attempts"),
            plays: PlayCount::read(node, self.file, self.problems),
            confirm_failures: count("confirm_failures"),
            flaky: text(node, "flaky").map(|word| match word.as_str() {
                "warn" => FlakyCounts::Warn,
                _ => FlakyCounts::Fail,
            }),
        }
    }

    fn error(&mut self, span: Span, title: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Diagnostic::error(self.file, span, title).help(help));
    }
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().map(str::to_owned)
}

fn duration(node: &Node, key: &str) -> Option<Duration> {
    node.get(key).and_then(Node::text).and_then(parse_duration)
}

fn has_unknown_key(environment: &Node) -> bool {
    environment
        .entries()
        .iter()
        .any(|entry| ENVIRONMENT.keys.iter().all(|key| key.name != entry.key))
}
