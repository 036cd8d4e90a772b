//! From a target's settings to what answers there: the one place that chooses a backend.
//!
//! Each target has one client, used from one runtime: pooled connections belong to the runtime that
//! opened them.

use std::{path::Path, sync::Arc, time::Duration};

use super::{Setup, StartError, credentials, limits::LimitScope};
use crate::{
    agent::{AgentScript, AgentServer, Faults, ServedProject},
    backend::{
        Auth, Backend,
        chat::{ChatClient, ProjectIds},
        wire::{Credentials, HttpLimits},
    },
    config::{AgentKind, Named, studio},
    player::{Budget, Limiter, Player},
    source::Problems,
    suite::Target,
    vars::Vars,
};

/// How long one case may take where nothing is configured, all attempts together.
const CASE_TIMEOUT: Duration = Duration::from_secs(600);

/// A project in an environment while a run plays there.
#[derive(Debug)]
pub(super) struct ActiveTarget {
    pub player: Player,
    /// The index of its limiter.
    pub limiter: usize,
    pub attempts: u32,
    /// The page of its conversations in Agent Studio, where PolyAI hosts it.
    pub studio_page: Option<String>,
    /// Kept only to be stopped with the engine.
    _server: Option<AgentServer>,
}

/// A target, and what answers its cases.
pub(super) struct Connected<'a> {
    pub target: &'a Target,
    pub peer: LimitScope,
    backend: Arc<dyn Backend>,
    server: Option<AgentServer>,
}

impl<'a> Connected<'a> {
    /// Makes ready what answers a target's cases.
    pub async fn to(
        target: &'a Target,
        vars: &Vars,
        seed: Option<u64>,
    ) -> Result<Self, StartError> {
        match &target.environment.agent {
            AgentKind::Embedded { script, named } => {
                let server = serve(script, named, target, seed).await?;
                let credentials = credentials::of_embedded_agent();
                let client = chat(target, &server.base_url(), &credentials, Vec::new())?;
                let (peer, backend) = (LimitScope::Embedded, Arc::new(client));
                Ok(Self { target, peer, backend, server: Some(server) })
            }
            AgentKind::Unknown => Err(StartError::Agent(Vec::new())),
            AgentKind::Remote { .. } => {
                let backend = remote(target, vars)?;
                let peer = LimitScope::Platform { limit_key: backend.limit_key() };
                Ok(Self { target, peer, backend, server: None })
            }
        }
    }

    /// The target with everything that its cases share.
    pub fn activate(
        self,
        (limiter, limiters): (usize, &[Arc<Limiter>]),
        setup: &Setup<'_>,
        budget: &Arc<Budget>,
    ) -> ActiveTarget {
        let Target { environment, settings, .. } = self.target;
        let player = Player {
            backend: self.backend,
            limiter: Arc::clone(&limiters[limiter]),
            budget: Arc::clone(budget),
            ledger: Arc::clone(&setup.ledger),
            place: Arc::new(self.target.place()),
            stop: setup.stop.clone(),
            case_timeout: settings.case_timeout.unwrap_or(CASE_TIMEOUT),
        };
        let studio_page = match &environment.agent {
            AgentKind::Remote { base_url, .. } => studio::conversations_page(
                base_url,
                &environment.account_id,
                &environment.project_id,
            ),
            AgentKind::Embedded { .. } | AgentKind::Unknown => None,
        };
        let attempts = settings.attempts.unwrap_or(1);
        ActiveTarget { player, limiter, attempts, studio_page, _server: self.server }
    }
}

/// What answers an environment of the platform, without an engine around it.
///
/// # Errors
/// When the environment is answered by the embedded agent, or credentials are missing.
pub fn remote(target: &Target, vars: &Vars) -> Result<Arc<dyn Backend>, StartError> {
    match &target.environment.agent {
        AgentKind::Embedded { .. } | AgentKind::Unknown => {
            Err(StartError::Embedded { environment: target.environment.name.clone() })
        }
        AgentKind::Remote { base_url, api_key_env, token_env } => {
            let credentials = credentials::read(target, api_key_env, token_env, vars)?;
            let auth = [("X-API-KEY", api_key_env), ("X-TOKEN", token_env)];
            let auth = auth.map(|(header, variable)| Auth {
                header: header.to_owned(),
                variable: variable.clone(),
            });
            Ok(Arc::new(chat(target, base_url, &credentials, auth.to_vec())?))
        }
    }
}

fn chat(
    target: &Target,
    base_url: &str,
    credentials: &Credentials,
    auth: Vec<Auth>,
) -> Result<ChatClient, StartError> {
    let (environment, settings) = (&target.environment, &target.settings);
    let usual = HttpLimits::default();
    let limits = HttpLimits {
        turn_timeout: settings.turn_timeout.unwrap_or(usual.turn_timeout),
        connect_timeout: settings.connect_timeout.unwrap_or(usual.connect_timeout),
        ..usual
    };
    let project =
        ProjectIds { account_id: &environment.account_id, project_id: &environment.project_id };
    Ok(ChatClient::new(base_url, project, credentials, auth, limits)?)
}

async fn serve(
    script: &Path,
    named: &Named,
    target: &Target,
    seed: Option<u64>,
) -> Result<AgentServer, StartError> {
    let mut problems = Problems::default();
    let script = AgentScript::read_named(script, named, &mut problems);
    let Some(script) = script.filter(|_| !problems.has_errors()) else {
        return Err(StartError::Agent(problems.into_sorted()));
    };
    let script = match seed {
        Some(seed) => script.seeded(seed),
        None => script,
    };
    let known = ServedProject {
        account_id: Some(target.environment.account_id.clone()),
        project_id: Some(target.environment.project_id.clone()),
    };
    AgentServer::start(script, known, Faults::default(), 0).await.map_err(StartError::Serve)
}
