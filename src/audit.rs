//! Reading everything a team has written, offline: config, conversations, snapshots, agents.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    agent::Script,
    config::{AgentKind, Config},
    plan::{self, CaseName},
    snapshot::{Redactor, Store, accepted::unknown_placeholders, disk, file},
    source::{Diagnostic, Node, Problems, SourceFile, Span, yaml},
    spec::{Conversation, discover::discover},
};

/// What was read, and every mistake in it.
#[derive(Debug)]
pub struct Audit {
    /// The mistakes.
    pub problems: Problems,
    /// How many conversations were read.
    pub conversations: usize,
    /// How many accepted snapshots were read.
    pub snapshots: usize,
    /// How many agents were read.
    pub agents: usize,
    /// How many snapshots wait for a decision.
    pub pending: usize,
    /// The snapshots that no conversation uses; empty while some conversation cannot be read.
    pub unreferenced: Vec<Unreferenced>,
}

/// A snapshot, accepted or pending, that no conversation uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreferenced {
    /// The file.
    pub path: PathBuf,
    /// Its path as messages show it.
    pub shown: PathBuf,
    /// The case that it probably belongs to now, under which its text can be kept.
    pub rename_to: Option<CaseName>,
}

/// Reads everything; `problems` are the mistakes of the configuration itself, and `strict` makes a
/// mistake of a snapshot whose conversation is gone.
#[must_use]
pub fn audit(config: &Config, mut problems: Problems, store: &Store, strict: bool) -> Audit {
    let folder = &config.conversations;
    let found = if folder.is_dir() { discover(folder, &mut problems) } else { Vec::new() };
    if found.is_empty() && !problems.has_errors() {
        let file = SourceFile::new(&config.conversations, "");
        problems.push(
            Diagnostic::of_file(&file, "there are no conversations")
                .help("`rehearsal init` writes a first one"),
        );
    }
    let read = found.iter().filter_map(|one| plan::read_conversation(one, config, &mut problems));
    let conversations: Vec<Conversation> = read.collect();
    let agents = audit_agents(config, &mut problems);
    let complete = !problems.has_errors();
    let cases = names(config, &conversations);
    let mut auditor = Auditor {
        config,
        redactor: Redactor::new(&config.redactions),
        problems: &mut problems,
        unreferenced: Vec::new(),
    };
    let mut snapshots = store.snapshots();
    // Other tests may keep insta's snapshots in the same folder.
    snapshots.retain(|(_, path)| disk::is_of_a_conversation(path));
    // Something of another kind in the place of a snapshot is none, but has to be told.
    snapshots.extend(
        cases.keys().map(|case| (case.clone(), store.path(case))).filter(|(_, path)| path.is_dir()),
    );
    for (case, path) in &snapshots {
        match cases.get(case) {
            Some(conversation) => auditor.snapshot(path, conversation),
            // While a conversation cannot be read, its snapshot only seems to be nobody's.
            None if complete => {
                let rename_to = rename(case, &cases, store);
                let pins = !conversations.iter().any(|other| other.name == case.conversation());
                auditor.unreferenced(path, rename_to, pins, strict);
            }
            None => {}
        }
    }
    let pending = store.pending();
    for case in pending.iter().filter(|case| complete && !cases.contains_key(case)) {
        if let Ok(path) = store.pending_path(case)
            && disk::is_of_a_conversation(&path)
        {
            auditor.unreferenced(&path, None, true, false);
        }
    }
    let unreferenced = auditor.unreferenced;
    let (conversations, snapshots) = (conversations.len(), snapshots.len());
    Audit { problems, conversations, snapshots, agents, pending: pending.len(), unreferenced }
}

fn audit_agents(config: &Config, problems: &mut Problems) -> usize {
    let environments = config.projects.iter().flat_map(|project| &project.environments);
    let scripts = environments.filter_map(|environment| match &environment.agent {
        AgentKind::Embedded { script } => Some(script.as_path()),
        AgentKind::Remote { .. } | AgentKind::Unknown => None,
    });
    let mut scripts: Vec<&Path> = scripts.collect();
    scripts.sort_unstable();
    scripts.dedup();
    scripts.iter().filter_map(|script| Script::read_file(script, problems)).count()
}

/// The names of all cases that have a snapshot, each with its conversation.
fn names<'c>(
    config: &Config,
    conversations: &'c [Conversation],
) -> BTreeMap<CaseName, &'c Conversation> {
    let mut names = BTreeMap::new();
    for conversation in conversations.iter().filter(|conversation| conversation.has_snapshot()) {
        let project = conversation
            .project
            .as_ref()
            .map_or_else(|| config.the_project(), |name| config.project(name));
        let Some(project) = project else { continue };
        for (variant, _) in plan::variants(conversation, project) {
            let variant = variant.as_ref().map(|variant| variant.name.as_str());
            names.insert(CaseName::of(&conversation.name, variant), conversation);
        }
    }
    names
}

/// The case that a snapshot without one probably belongs to now: one of the same conversation that
/// has none of its own.
fn rename(
    case: &CaseName,
    cases: &BTreeMap<CaseName, &Conversation>,
    store: &Store,
) -> Option<CaseName> {
    let mut same = cases.keys().filter(|other| other.conversation() == case.conversation());
    same.find(|other| !store.path(other).exists()).cloned()
}

struct Auditor<'a> {
    config: &'a Config,
    redactor: Redactor,
    problems: &'a mut Problems,
    unreferenced: Vec<Unreferenced>,
}

impl Auditor<'_> {
    /// The file as messages show it, relative to where the configuration was found.
    fn shown(&self, path: &Path, text: &str) -> Arc<SourceFile> {
        let folder = std::path::absolute(&self.config.snapshots).unwrap_or_default();
        let below = path
            .strip_prefix(&folder)
            .map_or_else(|_| path.to_owned(), |below| self.config.snapshots.join(below));
        SourceFile::new(below, text)
    }

    /// Notes a snapshot that no case uses; `is_gone` where its conversation is gone as well.
    fn unreferenced(
        &mut self,
        path: &Path,
        rename_to: Option<CaseName>,
        is_gone: bool,
        strict: bool,
    ) {
        let remedy = match &rename_to {
            Some(other) => format!(
                "the conversation is played as `{other}` now: rename the file to `{other}.snap` to keep what was accepted"
            ),
            None if is_gone => {
                "bring its conversation or variant back, or remove it: --remove-unreferenced"
                    .to_owned()
            }
            None => "its conversation pins no text any more: remove it (--remove-unreferenced)"
                .to_owned(),
        };
        let file = self.shown(path, "");
        let diagnostic =
            Diagnostic::of_file(&file, "no conversation uses this snapshot").help(remedy);
        self.problems.push(if strict { diagnostic } else { diagnostic.warning() });
        let (path, shown) = (path.to_owned(), file.path.clone());
        self.unreferenced.push(Unreferenced { path, shown, rename_to });
    }

    fn snapshot(&mut self, path: &Path, conversation: &Conversation) {
        let text = match SourceFile::read(path) {
            Ok(file) => file,
            Err(error) => {
                let file = self.shown(path, "");
                return self.problems.push(Diagnostic::of_file(&file, error.to_string()));
            }
        };
        let shown = self.shown(path, &text.text);
        if let disk::Accepted::Unreadable(mistakes) = disk::read(path, &shown.path) {
            return mistakes.into_iter().for_each(|one| self.problems.push(one));
        }
        let masked = SourceFile::new(&shown.path, file::masked(&text.text));
        let Some(node) = yaml::parse(&masked, &mut Problems::default()) else { return };
        self.entries(&shown, &node, conversation);
    }

    fn entries(&mut self, file: &Arc<SourceFile>, node: &Node, conversation: &Conversation) {
        let known: Vec<&str> = conversation.turns.iter().map(|turn| turn.user.source()).collect();
        for entry in node.items() {
            for agent in entry.get("agent").map(Node::one_or_many).unwrap_or_default() {
                self.placeholders(file, agent.text().unwrap_or_default(), agent.span);
            }
            let user = entry.get("user");
            if user.is_some_and(|user| !known.contains(&user.text().unwrap_or_default())) {
                let span = user.map_or(entry.span, |user| user.span);
                self.problems.push(
                    Diagnostic::error(file, span, "the conversation no longer has this turn")
                        .warning()
                        .help("play it and accept the pending snapshot"),
                );
            }
        }
    }

    fn placeholders(&mut self, file: &Arc<SourceFile>, text: &str, span: Span) {
        for name in unknown_placeholders(text, &self.redactor) {
            let names: Vec<&str> = self.redactor.names().collect();
            let help = crate::source::suggest::help(name, "the placeholders are", names);
            self.problems.push(
                Diagnostic::error(file, span, format!("there is no placeholder {{{{{name}}}}}"))
                    .label("literal braces are written {{{{")
                    .maybe_help(help),
            );
        }
    }
}
