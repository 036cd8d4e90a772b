//! Reading everything a team has written, offline: config, conversations, snapshots, agents.

mod unreferenced;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

pub use unreferenced::Unreferenced;

use crate::{
    agent::AgentScript,
    config::{AgentKind, Config, Environment, Named, ProjectVariant},
    conversation::{CaseName, Conversation, discover::discover},
    snapshot::{Entry, Redactor, Store, accepted::unknown_placeholders, disk, file},
    source::{Diagnostic, Node, Problems, Severity, SourceFile, Span, yaml},
    suite::{self, too_many_quarantined},
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

/// Reads everything; `problems` are the mistakes of the configuration itself, and a
/// snapshot whose conversation is gone is as severe as `unreferenced` says.
#[must_use]
pub fn audit(
    config: &Config,
    mut problems: Problems,
    store: &Store,
    unreferenced: Severity,
) -> Audit {
    let folder = &config.conversations;
    let found = if folder.is_dir() { discover(folder, &mut problems) } else { Vec::new() };
    if found.is_empty() && !problems.has_errors() {
        let file = SourceFile::new(&config.conversations, "");
        problems.push(
            Diagnostic::of_file(&file, "there are no conversations")
                .help("`rehearsal init` writes a first one"),
        );
    }
    let snapshots: BTreeMap<CaseName, PathBuf> = store.snapshots().into_iter().collect();
    let auditor = Auditor { config, store, snapshots, redactor: Redactor::new(&config.redactions) };
    let read = |conversation| auditor.conversation(&conversation);
    let conversations = suite::read_conversations(&found, config, &mut problems, read);
    let agents = audit_agents(config, &mut problems);
    let pending = store.pending();
    // While a conversation cannot be read, its snapshot only seems to be nobody's.
    let unreferenced = if problems.has_errors() {
        Vec::new()
    } else {
        auditor.unreferenced(&conversations, &pending, unreferenced, &mut problems)
    };
    let cases = conversations.iter().map(|one| one.all_cases).sum();
    let quarantined: Vec<CaseName> =
        conversations.iter().flat_map(|one| one.quarantined.clone()).collect();
    too_many_quarantined(config, &quarantined, cases)
        .into_iter()
        .for_each(|one| problems.push(one));
    let mut audit = Audit {
        problems,
        conversations: conversations.len(),
        snapshots: 0,
        agents,
        pending: pending.len(),
        unreferenced,
    };
    for one in conversations {
        audit.snapshots += one.snapshots;
        audit.problems.extend(one.problems);
    }
    audit
}

/// What is left of a conversation once it and its snapshots were looked at.
struct Audited {
    name: String,
    /// Its cases whose text is pinned.
    cases: Vec<CaseName>,
    /// How many cases there are of it.
    all_cases: usize,
    /// Those of them of which something is quarantined.
    quarantined: Vec<CaseName>,
    /// How many accepted snapshots there are of them.
    snapshots: usize,
    /// The mistakes in its snapshots, and what should be known of its quarantines.
    problems: Problems,
}

fn audit_agents(config: &Config, problems: &mut Problems) -> usize {
    let environments = config.projects.iter().flat_map(|project| &project.environments);
    let scripts = environments.filter_map(|environment| match &environment.agent {
        AgentKind::Embedded { script, named } => Some((script.as_path(), named)),
        AgentKind::Remote { .. } | AgentKind::Unknown => None,
    });
    let mut scripts: Vec<(&Path, &Named)> = scripts.collect();
    scripts.sort_by_key(|(path, _)| *path);
    scripts.dedup_by_key(|(path, _)| *path);
    let mut agents = 0;
    for (path, named) in scripts {
        if let Some(script) = AgentScript::read_named(path, named, problems) {
            agents += 1;
            unknown_variants(config, path, &script, problems);
        }
    }
    agents
}

/// Warns of variants that an embedded agent does not know: it answers them with a 400.
fn unknown_variants(config: &Config, path: &Path, script: &AgentScript, problems: &mut Problems) {
    let plays = |environment: &Environment| matches!(&environment.agent, AgentKind::Embedded { script, .. } if script == path);
    for project in config.projects.iter().filter(|one| one.environments.iter().any(plays)) {
        let is_unknown = |variant: &&ProjectVariant| script.variant(&variant.id).is_none();
        for ProjectVariant { name, id, .. } in project.variants.iter().filter(is_unknown) {
            let file = SourceFile::new(path, "");
            let what = format!(
                "this agent has no variant `{id}`, which is `{name}` of `{}`",
                project.name
            );
            let help =
                "give it one with this id below `variants`; until then it answers with HTTP 400";
            problems.push(Diagnostic::of_file(&file, what).warning().help(help));
        }
    }
}

/// The names of a conversation's cases.
fn names(config: &Config, conversation: &Conversation) -> Vec<CaseName> {
    let project = config.project_of(conversation.project.as_deref());
    let variants = project.map(|project| conversation.variants_in(project)).unwrap_or_default();
    let names = variants.into_iter().map(|(variant, _)| variant.map(|it| it.name.as_str()));
    names.map(|variant| CaseName::of(&conversation.name, variant)).collect()
}

struct Auditor<'a> {
    config: &'a Config,
    store: &'a Store,
    snapshots: BTreeMap<CaseName, PathBuf>,
    redactor: Redactor,
}

impl Auditor<'_> {
    fn conversation(&self, conversation: &Conversation) -> Audited {
        let all = names(self.config, conversation);
        let all_cases = all.len();
        let mut problems = Problems::default();
        let today = self.config.today;
        for notice in conversation.quarantines().filter_map(|one| one.notice(today)) {
            let file = SourceFile::new(&conversation.path, "");
            problems.push(Diagnostic::of_file(&file, notice).warning());
        }
        let is_quarantined = conversation.quarantines().any(|one| one.holds_on(today));
        let quarantined = if is_quarantined { all.clone() } else { Vec::new() };
        let cases = if conversation.has_snapshot() { all } else { Vec::new() };
        let mut snapshots = 0;
        for case in &cases {
            match self.snapshots.get(case) {
                Some(path) => {
                    snapshots += 1;
                    self.snapshot(path, conversation, &mut problems);
                }
                // Something of another kind in its place is no snapshot, but has to be told.
                None if self.store.path(case).is_dir() => {
                    self.snapshot(&self.store.path(case), conversation, &mut problems);
                }
                None => {}
            }
        }
        Audited {
            name: conversation.name.clone(),
            cases,
            all_cases,
            quarantined,
            snapshots,
            problems,
        }
    }

    /// The file as messages show it, relative to where the configuration was found.
    fn shown(&self, path: &Path) -> PathBuf {
        let folder = std::path::absolute(&self.config.snapshots).unwrap_or_default();
        path.strip_prefix(&folder)
            .map_or_else(|_| path.to_owned(), |below| self.config.snapshots.join(below))
    }

    fn snapshot(&self, path: &Path, conversation: &Conversation, problems: &mut Problems) {
        let shown = self.shown(path);
        let text = match SourceFile::read(path) {
            Ok(file) => file,
            Err(error) => {
                let file = SourceFile::new(shown, "");
                return problems.push(Diagnostic::of_file(&file, error.to_string()));
            }
        };
        match disk::parse(&text.text, &shown) {
            disk::Accepted::Unreadable(mistakes) => {
                mistakes.into_iter().for_each(|one| problems.push(one));
            }
            disk::Accepted::Entries(entries) if !self.is_sound(&entries, conversation) => {
                let masked = SourceFile::new(&shown, file::masked(&text.text));
                let Some(node) = yaml::parse(&masked, &mut Problems::default()) else { return };
                self.entries(&SourceFile::new(shown, &*text.text), &node, conversation, problems);
            }
            _ => {}
        }
    }

    /// Whether there is nothing to say of entries, so that their places need not be known.
    fn is_sound(&self, entries: &[Entry], conversation: &Conversation) -> bool {
        let known = |user: &String| conversation.turns.iter().any(|turn| turn.user() == user);
        let texts = || entries.iter().flat_map(|entry| &entry.agent);
        entries.iter().all(|entry| entry.user.as_ref().is_none_or(known))
            && texts().all(|text| unknown_placeholders(text, &self.redactor).is_empty())
    }

    fn entries(
        &self,
        file: &Arc<SourceFile>,
        node: &Node,
        conversation: &Conversation,
        problems: &mut Problems,
    ) {
        let known: Vec<&str> = conversation.turns.iter().map(|turn| turn.user()).collect();
        for entry in node.items() {
            for agent in entry.get("agent").map(Node::one_or_many).unwrap_or_default() {
                let text = agent.text().unwrap_or_default();
                self.placeholders(file, text, agent.span, problems);
            }
            let user = entry.get("user");
            if user.is_some_and(|user| !known.contains(&user.text().unwrap_or_default())) {
                let span = user.map_or(entry.span, |user| user.span);
                problems.push(
                    Diagnostic::error(file, span, "the conversation no longer has this turn")
                        .warning()
                        .help("play it and accept the pending snapshot"),
                );
            }
        }
    }

    fn placeholders(
        &self,
        file: &Arc<SourceFile>,
        text: &str,
        span: Span,
        problems: &mut Problems,
    ) {
        for name in unknown_placeholders(text, &self.redactor) {
            let names: Vec<&str> = self.redactor.names().collect();
            let help = crate::source::suggest::help(name, "the placeholders are", names);
            problems.push(
                Diagnostic::error(file, span, format!("there is no placeholder {{{{{name}}}}}"))
                    .label("literal braces are written {{{{")
                    .maybe_help(help),
            );
        }
    }
}
