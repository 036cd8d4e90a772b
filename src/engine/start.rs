//! Getting ready: credentials, clients, embedded agents.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    StartError,
    confirmations::Confirmations,
    connect::{ActiveTarget, Connected},
    files::{as_named, memory, store, unwritten},
    halt::Halt,
    leftovers,
    limits::{self, Limits},
};
use crate::{
    check::Rules,
    config::{Config, Place},
    outcome::{Invocation, memory::Memory},
    player::{Budget, Ledger, Limiter, Stop},
    snapshot::{Redactor, Store},
    suite::{Planned, Selected, Shard, Target},
    text::Scrubber,
    vars::Vars,
};

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
    /// How often a conversation is played of which an answer was never accepted, to learn what
    /// its answers have in common; left out, nothing is learned.
    pub learn: Option<usize>,
    /// Decides what embedded agents leave to chance; where it is left out, nobody can tell before.
    pub seed: Option<u64>,
}

/// Plays cases. Everything that cases share lives here, and nothing that they could spoil for
/// one another.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) targets: BTreeMap<Place, ActiveTarget>,
    /// One for each host and API key.
    pub(super) limiters: Vec<Arc<Limiter>>,
    notice: Option<String>,
    pub(super) store: Store,
    pub(super) rules: Rules,
    pub(super) ledger: Arc<Ledger>,
    pub(super) stop: Stop,
    pub(super) invocation: Invocation,
    pub(super) halt: Halt,
    pub(super) may_be_empty: bool,
    pub(super) shard: Option<Shard>,
    pub(super) selected: Selected,
    pub(super) memory: Memory,
    pub(super) learn: Option<usize>,
    pub(super) confirmations: Confirmations,
    scrubber: Scrubber,
}

impl Engine {
    /// Makes everything ready that the cases need.
    ///
    /// # Errors
    /// When credentials are missing, an embedded agent cannot be served, or the cases need more
    /// requests than the run may send.
    pub async fn start(setup: Setup<'_>) -> Result<Self, StartError> {
        let Setup { config, cases, vars, .. } = setup;
        let needed: usize = cases.iter().map(|case| case.cost().requests).sum();
        let needed = needed * setup.options.learn.unwrap_or(1);
        if let Some(most) = setup.options.max_requests.filter(|most| needed > *most) {
            return Err(StartError::TooManyRequests { needed, most });
        }
        let store = store(config, vars)?;
        let mut wanted: BTreeMap<Place, &Target> = BTreeMap::new();
        for case in cases.iter().filter(|case| case.conversation.skip.is_none()) {
            wanted.insert(case.target.place(), &case.target);
        }
        let mut connected = Vec::new();
        for target in wanted.into_values() {
            connected.push(Connected::to(target, vars, setup.options.seed).await?);
        }
        let peers = connected.iter().map(|one| (&one.peer, &one.target.settings));
        let Limits { limiters, of_targets, notice } = limits::share(peers);
        let budget = Arc::new(Budget::new(setup.options.max_requests));
        let mut targets = BTreeMap::new();
        for (one, limiter) in connected.into_iter().zip(of_targets) {
            let place = one.target.place();
            targets.insert(place, one.activate((limiter, &limiters), &setup, &budget));
        }
        let redactor = Redactor::new(&config.redactions);
        let invocation = Invocation {
            config: config.named.then(|| config.path.clone()),
            pending_dir: store.settings().pending_dir.as_deref().map(|dir| as_named(dir, config)),
            unwritten: unwritten(vars, store.settings()),
            cargo: None,
        };
        let mut scrubber = Scrubber::default();
        for target in targets.values() {
            scrubber.extend(&target.player.backend.scrubber());
        }
        let memory = memory(config, vars)?.scrubbing(scrubber.clone());
        leftovers::remove(&store, &memory, cases);
        Ok(Self {
            config: config.clone(),
            targets,
            limiters,
            notice,
            store: store.scrubbing(scrubber.clone()),
            scrubber,
            rules: Rules { forbid: config.forbid.clone(), redactor },
            ledger: setup.ledger,
            stop: setup.stop,
            invocation,
            halt: Halt::new(setup.options.fail_fast),
            may_be_empty: setup.options.may_be_empty,
            shard: setup.options.shard,
            selected: setup.selected,
            memory,
            learn: setup.options.learn,
            confirmations: Confirmations::of(cases),
        })
    }

    /// How many conversations are in flight at most.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.limiters.iter().map(|limiter| limiter.concurrency()).sum::<usize>().max(1)
    }

    /// Why less is in flight than the configuration says, if so.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// The index of the limiter that a place falls under.
    pub(super) fn limiter_of(&self, place: &Place) -> usize {
        self.targets.get(place).map_or(0, |target| target.limiter)
    }

    /// The same, with failures that also show how `command` plays and accepts a case.
    #[must_use]
    pub fn under_cargo(mut self, command: String) -> Self {
        self.invocation.cargo = Some(command);
        self
    }

    /// What commands have to name to find the files of this run.
    #[must_use]
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
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
