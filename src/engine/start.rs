//! Getting ready: credentials, clients, embedded agents.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    FailedCases, StartError, credentials,
    halt::Halt,
    leftovers,
    limits::{self, Limits, Peer},
};
use crate::{
    agent::{Faults, Known, Script, Server},
    chat::{self, ChatClient, Credentials, Operation},
    check::Rules,
    config::{AgentKind, Config, Environment, Named},
    plan::{Planned, Selected, Shard, Target},
    replay::{Budget, Ledger, Place, Player, Stop, Traffic},
    report::{
        Surroundings, Unwritten,
        support::{Endpoint, conversations_page},
    },
    snapshot::{InstaSettings, Redactor, Store, Update, mode::is_ci},
    source::{Problems, file::absolute},
    text::Scrubber,
    vars::Vars,
};

/// How long one case may take where nothing is configured, all attempts together.
const CASE_TIMEOUT: Duration = Duration::from_secs(600);

/// What an engine is made of.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The cases that will be played.
    pub cases: &'a [Planned],
    /// What was selected; with a shard, more than these.
    pub selected: Selected,
    /// The process's environment variables, for credentials and insta's settings.
    pub vars: &'a Vars,
    /// How the run behaves.
    pub options: RunOptions,
    /// The signal to stop.
    pub stop: Stop,
    /// Will know the open conversations.
    pub ledger: Arc<Ledger>,
}

/// What is decided for one run rather than in the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// The first case that does not pass ends the run.
    pub fail_fast: bool,
    /// How many requests the run may send.
    pub max_requests: Option<usize>,
    /// Whether it is right that there is nothing to play: the cases are elsewhere.
    pub may_be_empty: bool,
    /// The part of the selection that the cases are.
    pub shard: Option<Shard>,
    /// How often a conversation is played whose answers nobody accepted yet; 0 counts as once.
    pub plays: usize,
}

/// Plays cases. Everything that cases share lives here, and nothing that they could spoil for
/// one another.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) stages: BTreeMap<String, Stage>,
    /// The traffic, one for each host and API key.
    pub(super) lanes: Vec<Arc<Traffic>>,
    notice: Option<String>,
    pub(super) store: Store,
    pub(super) rules: Rules,
    pub(super) ledger: Arc<Ledger>,
    pub(super) stop: Stop,
    pub(super) surroundings: Surroundings,
    pub(super) halt: Halt,
    pub(super) may_be_empty: bool,
    pub(super) shard: Option<Shard>,
    pub(super) selected: Selected,
    pub(super) failed: FailedCases,
    pub(super) plays: usize,
    scrubber: Scrubber,
}

/// Where the cases of one project are played.
#[derive(Debug)]
pub(super) struct Stage {
    pub player: Player,
    lane: usize,
    pub attempts: u32,
    /// Where the requests go; `None` for the embedded agent, which is gone after the run.
    pub endpoint: Option<Arc<Endpoint>>,
    /// Kept only to be stopped with the engine.
    _server: Option<Server>,
}

impl Engine {
    /// Makes everything ready that the cases need.
    ///
    /// # Errors
    /// When credentials are missing, an embedded agent cannot be served, or the cases need more
    /// requests than the run may send.
    pub async fn start(setup: Setup<'_>) -> Result<Self, StartError> {
        let Setup { config, cases, vars, .. } = setup;
        let needed: usize = cases.iter().map(Planned::requests).sum();
        let needed = needed * setup.options.plays.max(1);
        if let Some(most) = setup.options.max_requests.filter(|most| needed > *most) {
            return Err(StartError::TooManyRequests { needed, most });
        }
        let store = store(config, vars)?;
        let mut targets: BTreeMap<&str, &Target> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.conversation.skip.is_none()) {
            targets.insert(&case.target.project, &case.target);
        }
        let mut ready = Vec::new();
        for target in targets.into_values() {
            ready.push(Ready::of(target, vars).await?);
        }
        let peers = ready.iter().map(|ready| (&ready.peer, &ready.target.settings));
        let Limits { lanes, of_projects, notice } = limits::share(peers);
        let budget = Arc::new(Budget::new(setup.options.max_requests));
        let mut stages = BTreeMap::new();
        for (ready, lane) in ready.into_iter().zip(of_projects) {
            let project = ready.target.project.clone();
            stages.insert(project, ready.stage((lane, &lanes), &setup, &budget));
        }
        let redactor = Redactor::new(&config.redactions);
        let surroundings = Surroundings {
            config: config.named.then(|| config.path.clone()),
            pending_dir: store.settings().pending_dir.as_deref().map(|dir| as_named(dir, config)),
            unwritten: unwritten(vars, store.settings()),
            cargo: None,
        };
        let mut scrubber = Scrubber::default();
        for stage in stages.values() {
            scrubber.extend(stage.player.client.scrubber());
        }
        let failed = failed_cases(config, vars)?.scrubbing(scrubber.clone());
        leftovers::remove(&store, &failed, cases);
        Ok(Self {
            config: config.clone(),
            stages,
            lanes,
            notice,
            store: store.scrubbing(scrubber.clone()),
            scrubber,
            rules: Rules { forbid: config.forbid.clone(), redactor },
            ledger: setup.ledger,
            stop: setup.stop,
            surroundings,
            halt: Halt::new(setup.options.fail_fast),
            may_be_empty: setup.options.may_be_empty,
            shard: setup.options.shard,
            selected: setup.selected,
            failed,
            plays: setup.options.plays,
        })
    }

    /// How many conversations are in flight at most.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.lanes.iter().map(|traffic| traffic.concurrency()).sum::<usize>().max(1)
    }

    /// Why less is in flight than the configuration says, if so.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Which of the lanes a project is in.
    pub(super) fn lane(&self, project: &str) -> usize {
        self.stages.get(project).map_or(0, |stage| stage.lane)
    }

    /// The same, with failures that also show how `command` plays and accepts a case.
    #[must_use]
    pub fn under_cargo(mut self, command: String) -> Self {
        self.surroundings.cargo = Some(command);
        self
    }

    /// What commands have to name to find the files of this run.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Takes the credentials of this run out of texts.
    #[must_use]
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }

    /// Where and how snapshots are kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// The snapshots of a configuration.
///
/// # Errors
/// When a path cannot be made absolute or `INSTA_UPDATE` holds an unknown word.
pub fn store(config: &Config, vars: &Vars) -> Result<Store, StartError> {
    let settings = InstaSettings::from_vars(vars, &root(config)?)?;
    Ok(Store::new(in_full(&config.snapshots)?, config.snapshots.clone(), settings))
}

/// What is remembered of the cases that did not pass. In CI nothing is written, unless pending
/// snapshots are kept in a folder of their own.
///
/// # Errors
/// When a path cannot be made absolute or `INSTA_UPDATE` holds an unknown word.
pub fn failed_cases(config: &Config, vars: &Vars) -> Result<FailedCases, StartError> {
    let root = root(config)?;
    let settings = InstaSettings::from_vars(vars, &root)?;
    let pending = settings.pending_dir.map(|folder| settings.workspace.join(folder));
    let keeps = !is_ci(vars) || pending.is_some();
    Ok(FailedCases::new(&root, pending.as_deref(), keeps).in_suite(config))
}

fn unwritten(vars: &Vars, settings: &InstaSettings) -> Option<Unwritten> {
    match settings.update {
        Update::Nothing if is_ci(vars) => Some(Unwritten::InCi),
        Update::Nothing => Some(Unwritten::AsAsked),
        Update::Pending | Update::Accept | Update::AcceptUnseen => None,
    }
}

/// A folder as it is named in the folder of the configuration, where that is the current one.
fn as_named(folder: &Path, config: &Config) -> PathBuf {
    let root = root(config).ok().filter(|_| config.root.as_os_str().is_empty());
    let below = root.as_ref().and_then(|root| folder.strip_prefix(root).ok());
    below.unwrap_or(folder).to_owned()
}

fn root(config: &Config) -> Result<PathBuf, StartError> {
    let root = &config.root;
    in_full(if root.as_os_str().is_empty() { Path::new(".") } else { root })
}

fn in_full(path: &Path) -> Result<PathBuf, StartError> {
    absolute(path).map_err(|error| StartError::Folder(path.display().to_string(), error))
}

/// Who will answer the cases of a project.
struct Ready<'a> {
    target: &'a Target,
    peer: Peer,
    client: ChatClient,
    server: Option<Server>,
}

impl<'a> Ready<'a> {
    async fn of(target: &'a Target, vars: &Vars) -> Result<Self, StartError> {
        match &target.environment.agent {
            AgentKind::Embedded { script, named } => {
                let server = serve(script, named, target).await?;
                let credentials = credentials::of_embedded_agent();
                let client = client(target, &server.base_url(), &credentials)?;
                Ok(Self { target, peer: Peer::Embedded, client, server: Some(server) })
            }
            AgentKind::Unknown => Err(StartError::Agent(Vec::new())),
            AgentKind::Remote { base_url, api_key_env, token_env } => {
                let credentials = credentials::read(target, api_key_env, token_env, vars)?;
                let client = client(target, base_url, &credentials)?;
                let peer = Peer::Platform { host: client.host(), api_key: credentials.api_key };
                Ok(Self { target, peer, client, server: None })
            }
        }
    }

    fn stage(
        self,
        (lane, lanes): (usize, &[Arc<Traffic>]),
        setup: &Setup<'_>,
        budget: &Arc<Budget>,
    ) -> Stage {
        let Target { project, environment, settings } = self.target;
        let player = Player {
            client: self.client,
            traffic: Arc::clone(&lanes[lane]),
            budget: Arc::clone(budget),
            ledger: Arc::clone(&setup.ledger),
            place: Arc::new(Place {
                project: project.clone(),
                environment: environment.name.clone(),
            }),
            stop: setup.stop.clone(),
            case_timeout: settings.case_timeout.unwrap_or(CASE_TIMEOUT),
        };
        let endpoint = endpoint(environment, &player.client);
        let attempts = settings.attempts.unwrap_or(1);
        Stage { player, lane, attempts, endpoint, _server: self.server }
    }
}

fn endpoint(environment: &Environment, client: &ChatClient) -> Option<Arc<Endpoint>> {
    let AgentKind::Remote { base_url, api_key_env, token_env } = &environment.agent else {
        return None;
    };
    Some(Arc::new(Endpoint {
        create: client.url(Operation::Create).to_owned(),
        respond: client.url(Operation::Respond).to_owned(),
        api_key_env: api_key_env.clone(),
        token_env: token_env.clone(),
        conversations: conversations_page(
            base_url,
            &environment.account_id,
            &environment.project_id,
        ),
    }))
}

/// A client for a project of PolyAI's, without an engine around it.
///
/// # Errors
/// When the environment is answered by the embedded agent, or credentials are missing.
pub fn remote_client(target: &Target, vars: &Vars) -> Result<ChatClient, StartError> {
    match &target.environment.agent {
        AgentKind::Embedded { .. } | AgentKind::Unknown => {
            Err(StartError::Embedded { environment: target.environment.name.clone() })
        }
        AgentKind::Remote { base_url, api_key_env, token_env } => {
            client(target, base_url, &credentials::read(target, api_key_env, token_env, vars)?)
        }
    }
}

fn client(
    target: &Target,
    base_url: &str,
    credentials: &Credentials,
) -> Result<ChatClient, StartError> {
    let (environment, settings) = (&target.environment, &target.settings);
    let usual = chat::Limits::default();
    let limits = chat::Limits {
        turn_timeout: settings.turn_timeout.unwrap_or(usual.turn_timeout),
        connect_timeout: settings.connect_timeout.unwrap_or(usual.connect_timeout),
        ..usual
    };
    let (account_id, project_id) = (&environment.account_id, &environment.project_id);
    Ok(ChatClient::new(base_url, account_id, project_id, credentials, limits)?)
}

async fn serve(script: &Path, named: &Named, target: &Target) -> Result<Server, StartError> {
    let mut problems = Problems::default();
    let script = Script::read_named(script, named, &mut problems);
    let Some(script) = script.filter(|_| !problems.has_errors()) else {
        return Err(StartError::Agent(problems.into_sorted()));
    };
    let known = Known {
        account_id: Some(target.environment.account_id.clone()),
        project_id: Some(target.environment.project_id.clone()),
    };
    Server::start(script, known, Faults::default(), 0).await.map_err(StartError::Serve)
}
