//! Which cases there are to play: conversations × variants, in a chosen environment.

mod case;
mod cost_range;
mod durations;
mod planned;
mod quarantined;
mod read;
mod select;
mod selected;
mod shard;
mod unknown;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

pub use case::{Case, CaseVariant, Target};
pub use cost_range::{CostRange, most_confirmed};
pub use durations::{Durations, DurationsError};
pub use planned::{Cost, Outline, Planned};
pub use quarantined::too_many_quarantined;
pub use read::{read_conversation, read_conversations};
pub use select::Selection;
pub use selected::Selected;
pub use shard::{ParseShardError, Shard};
pub use unknown::EMPTY_WORD;

use self::unknown::KnownWords;

use crate::{
    config::{AgentKind, Config, Project},
    conversation::{CaseName, Conversation, Discovered, discover},
    source::{Diagnostic, Problems, ReadError, suggest},
};

/// How many turns of conversations stay in memory between planning and playing, which is about
/// 8 MiB. The conversations of most suites are read once; what a large one has beyond this is
/// read again, each conversation when it is played.
const KEPT_TURNS: usize = 12_000;

/// The cases of a run.
#[derive(Debug)]
pub struct Plan {
    /// The cases, by name.
    pub cases: Vec<Planned>,
}

/// Why there is nothing to play.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The configuration cannot be read at all.
    #[error(transparent)]
    Config(#[from] ReadError),
    /// Files hold mistakes. All of them are here.
    #[error("{}", summary(.0))]
    Mistakes(Vec<Diagnostic>),
    /// There is no conversation file.
    #[error(
        "there are no conversations in {folder}: write one as {folder}/first.yaml, or run `rehearsal init`"
    )]
    NoConversations {
        /// The folder that was looked into.
        folder: String,
    },
    /// The selection leaves nothing.
    #[error("{0}")]
    NothingSelected(String),
    /// A tag or a `--skip` that no conversation knows.
    #[error("{0}")]
    UnknownWord(String),
    /// A name given for the run is not in the configuration.
    #[error("there is no {what} `{name}` in {}{}", config, help.as_ref().map(|help| format!(": {help}")).unwrap_or_default())]
    Unknown {
        /// "project", "environment" or "variant".
        what: &'static str,
        /// The name.
        name: String,
        /// The configuration file.
        config: String,
        /// The likely meaning, or the names there are.
        help: Option<String>,
    },
    /// No project is chosen, and there are several.
    #[error(
        "no project is chosen: use --project (or REHEARSAL_PROJECT), or write `default_project` in {config}; the projects are: {names}"
    )]
    NoProject {
        /// The configuration file.
        config: String,
        /// The projects there are.
        names: String,
    },
    /// No environment is chosen, and there are several.
    #[error(
        "no environment is chosen: use --environment (or REHEARSAL_ENVIRONMENT), or write `default_environment` in {config}; the environments are: {names}"
    )]
    NoEnvironment {
        /// The configuration file.
        config: String,
        /// The environments there are.
        names: String,
    },
}

fn summary(mistakes: &[Diagnostic]) -> String {
    match mistakes.len() {
        1 => "1 mistake; nothing was played".to_owned(),
        many => format!("{many} mistakes; nothing was played"),
    }
}

/// Reads the conversations and makes cases of them. `problems` are the mistakes of the
/// configuration itself: all are reported together, and nothing is planned while there is one.
///
/// With [`Selection::exact`] only the named files are opened; otherwise all are, so that a
/// mistake in any of them is found.
///
/// # Errors
/// When a file cannot be read or holds a mistake, or when nothing is selected.
pub fn plan(
    config: &Config,
    selection: &Selection,
    mut problems: Problems,
) -> Result<Plan, PlanError> {
    let found = find_conversations(config, selection, &mut problems)?;
    let kept_turns = AtomicUsize::new(0);
    let conversations = read_conversations(&found, config, &mut problems, |conversation| {
        Read::of(conversation, config, &kept_turns)
    });
    let mut planner = Planner { config, selection, targets: BTreeMap::new(), variants: Vec::new() };
    planner.check_agents(&mut problems);
    if problems.has_errors() {
        return Err(PlanError::Mistakes(problems.into_sorted()));
    }
    planner.check_selection()?;
    let unknown = unknown_word(&conversations, selection);
    if !selection.exact {
        unknown.clone().map_or(Ok(()), Err).map_err(PlanError::UnknownWord)?;
    }
    let mut cases = Vec::new();
    for conversation in conversations {
        planner.expand(conversation, &mut cases)?;
    }
    // What is read by its whole name is not the whole suite, of which this is a rule.
    if !selection.exact {
        let quarantined = cases.iter().filter(|case| !case.conversation.quarantines.is_empty());
        let quarantined: Vec<CaseName> = quarantined.map(|case| case.name.clone()).collect();
        let mistake = too_many_quarantined(config, &quarantined, cases.len());
        mistake.map_or(Ok(()), |mistake| Err(PlanError::Mistakes(vec![mistake])))?;
    }
    selection.apply(&mut cases).map_err(PlanError::NothingSelected)?;
    // Of a name that does not exist nothing was read: that it is wrong is said first.
    unknown.map_or(Ok(Plan { cases }), |unknown| Err(PlanError::UnknownWord(unknown)))
}

/// A sentence about a word that none of these conversations knows, in whichever project.
fn unknown_word(conversations: &[Read], selection: &Selection) -> Option<String> {
    let mut known = KnownWords::default();
    if selection.tags.is_empty() && selection.skip.is_empty() {
        return None;
    }
    for read in conversations {
        known.add(&read.outline, read.names());
    }
    known.unknown_word(selection)
}

/// The project and environment that a selection means, without any conversation.
///
/// # Errors
/// When it names what is not in the configuration, or nothing where there are several.
pub fn choose(config: &Config, selection: &Selection) -> Result<Arc<Target>, PlanError> {
    let mut planner = Planner { config, selection, targets: BTreeMap::new(), variants: Vec::new() };
    planner.check_selection()?;
    let named = selection.project.as_ref().and_then(|name| config.project(name));
    let Some(project) = named.or_else(|| config.the_project()) else {
        let names: Vec<&str> = config.projects.iter().map(|one| one.name.as_str()).collect();
        return Err(PlanError::NoProject { config: shown(&config.path), names: names.join(", ") });
    };
    planner.target(project)
}

fn find_conversations(
    config: &Config,
    selection: &Selection,
    problems: &mut Problems,
) -> Result<Vec<Discovered>, PlanError> {
    let folder = &config.conversations;
    if selection.exact && !selection.filters.is_empty() {
        // What is skipped is read too, to know that it exists.
        let names = selection.filters.iter().chain(&selection.skip);
        let names = names.map(|name| CaseName::new(name.as_str()).conversation().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.dedup();
        return Ok(names.iter().filter_map(|name| discover::find(folder, name)).collect());
    }
    let found = if folder.is_dir() { discover::discover(folder, problems) } else { Vec::new() };
    if found.is_empty() && !problems.has_errors() {
        return Err(PlanError::NoConversations { folder: shown(folder) });
    }
    Ok(found)
}

/// A conversation as it was read, and the variants it is played in.
struct Read {
    outline: Outline,
    project: Option<String>,
    variants: Vec<Option<CaseVariant>>,
}

impl Read {
    fn of(conversation: Conversation, config: &Config, kept_turns: &AtomicUsize) -> Self {
        let project = config.project_of(conversation.project.as_deref());
        let variants = project.map(|project| conversation.variants_in(project)).unwrap_or_default();
        let variants =
            variants.into_iter().map(|(variant, _)| variant.map(CaseVariant::from)).collect();
        let mut outline = Outline::of(&conversation, config);
        let turns = conversation.turns.len() + 1;
        if kept_turns.fetch_add(turns, Ordering::Relaxed) + turns <= KEPT_TURNS {
            outline.whole = Some(Arc::new(conversation));
        }
        Self { outline, project: project.map(|project| project.name.clone()), variants }
    }

    /// The names of its cases.
    fn names(&self) -> impl Iterator<Item = CaseName> {
        let variants = self.variants.iter().map(Option::as_ref);
        let names = variants.map(|variant| variant.map(|variant| variant.name.as_str()));
        names.map(|variant| CaseName::of(&self.outline.name, variant))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

struct Planner<'a> {
    config: &'a Config,
    selection: &'a Selection,
    targets: BTreeMap<String, Arc<Target>>,
    variants: Vec<Arc<CaseVariant>>,
}

impl Planner<'_> {
    fn unknown<'n>(
        &self,
        what: &'static str,
        name: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) -> PlanError {
        let help = suggest::help(name, &format!("the {what}s are"), names);
        PlanError::Unknown { what, name: name.to_owned(), config: shown(&self.config.path), help }
    }

    /// A project or variant asked for must exist, or a misspelt one would select nothing.
    fn check_selection(&self) -> Result<(), PlanError> {
        let projects = || self.config.projects.iter();
        if let Some(name) = &self.selection.project
            && self.config.project(name).is_none()
        {
            return Err(self.unknown(
                "project",
                name,
                projects().map(|project| project.name.as_str()),
            ));
        }
        if let Some(name) = &self.selection.variant {
            let variants = || projects().flat_map(|project| &project.variants);
            if !variants().any(|variant| variant.name == *name) {
                let names = variants().map(|variant| variant.name.as_str());
                return Err(self.unknown("variant", name, names));
            }
        }
        Ok(())
    }

    fn target(&mut self, project: &Project) -> Result<Arc<Target>, PlanError> {
        if let Some(target) = self.targets.get(&project.name) {
            return Ok(Arc::clone(target));
        }
        let chosen =
            self.selection.environment.as_deref().or(self.config.default_environment.as_deref());
        let environment = match (chosen, project.environments.as_slice()) {
            (Some(name), _) => {
                project.environment(name).ok_or_else(|| self.no_environment(name, project))?
            }
            (None, [only]) => only,
            (None, _) => {
                let names =
                    project.environments.iter().map(|environment| environment.name.as_str());
                let names = names.collect::<Vec<_>>().join(", ");
                return Err(PlanError::NoEnvironment { config: shown(&self.config.path), names });
            }
        };
        let target = Arc::new(Target {
            project: project.name.clone(),
            settings: environment.run.or(&self.config.run),
            environment: environment.clone(),
        });
        self.targets.insert(project.name.clone(), Arc::clone(&target));
        Ok(target)
    }

    fn no_environment(&self, name: &str, project: &Project) -> PlanError {
        let names = project.environments.iter().map(|environment| environment.name.as_str());
        let of = format!("the environments of `{}` are", project.name);
        PlanError::Unknown {
            what: "environment",
            name: name.to_owned(),
            config: format!("the project `{}` of {}", project.name, shown(&self.config.path)),
            help: suggest::help(name, &of, names),
        }
    }

    fn expand(&mut self, read: Read, cases: &mut Vec<Planned>) -> Result<(), PlanError> {
        let project = read.project.as_ref().and_then(|name| self.config.project(name));
        let Some(project) = project else { return Ok(()) };
        if self.selection.project.as_ref().is_some_and(|name| *name != project.name) {
            return Ok(());
        }
        let target = match self.target(project) {
            Ok(target) => target,
            Err(error) if self.selection.may_select(&read.outline) => return Err(error),
            Err(_) => return Ok(()),
        };
        let conversation = Arc::new(read.outline);
        let rule = target.rule(conversation.plays);
        cases.extend(read.variants.into_iter().map(|variant| Planned {
            name: CaseName::of(
                &conversation.name,
                variant.as_ref().map(|variant| variant.name.as_str()),
            ),
            conversation: Arc::clone(&conversation),
            variant: variant.map(|variant| self.shared(variant)),
            target: Arc::clone(&target),
            rule,
        }));
        Ok(())
    }

    /// A variant that all cases of it share.
    fn shared(&mut self, variant: CaseVariant) -> Arc<CaseVariant> {
        match self.variants.iter().find(|known| ***known == variant) {
            Some(known) => Arc::clone(known),
            None => {
                let variant = Arc::new(variant);
                self.variants.push(Arc::clone(&variant));
                variant
            }
        }
    }

    /// The agent files of the chosen environment must be free of mistakes too.
    fn check_agents(&mut self, problems: &mut Problems) {
        let config = self.config;
        for project in &config.projects {
            // One that lacks the environment is reported when a case of it is wanted.
            let Ok(target) = self.target(project) else { continue };
            if let AgentKind::Embedded { script, named } = &target.environment.agent {
                crate::agent::AgentScript::read_named(script, named, problems);
            }
        }
    }
}
