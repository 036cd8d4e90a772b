//! A whole run: many cases at once, each finished on its own.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::timeout};

use super::{Engine, waiting::Waiting};
use crate::{
    config::Place,
    outcome::{CaseOutcome, Event, RunInfo, Summary},
    player::OpenConversation,
    suite::Planned,
};

/// How long nothing happens before reporters are told.
const QUIET: Duration = Duration::from_millis(10);

/// Plays all cases, as many at once as the settings say, and says what happens as it happens.
///
/// When this returns, every conversation that was created has been closed, or stands in
/// `Summary::maybe_open`.
pub async fn run(
    engine: Arc<Engine>,
    cases: Vec<Planned>,
    on_event: &mut (dyn FnMut(Event<'_>) + Send),
) -> Summary {
    let started = Instant::now();
    let mut summary = Summary { may_be_empty: engine.may_be_empty, ..Summary::default() };
    on_event(Event::RunStarted { run: &engine.run_info(&cases) });
    let mut waiting = Waiting::new(&engine, cases);
    let mut tasks: JoinSet<Arc<CaseOutcome>> = JoinSet::new();
    let mut playing: HashMap<tokio::task::Id, Arc<Planned>> = HashMap::new();
    loop {
        while let Some(case) = waiting.next() {
            on_event(Event::CaseStarted { case: &case.name });
            let (engine, own) = (Arc::clone(&engine), Arc::clone(&case));
            let handle = tasks.spawn(async move { engine.play(&own).await });
            playing.insert(handle.id(), case);
        }
        let mut over = next(&mut tasks, on_event).await;
        if over.is_none() {
            // Closing what is still open may take a while.
            on_event(Event::Idle);
            break;
        }
        while let Some(joined) = over {
            if let Some(outcome) = finished(&engine, joined, &mut playing) {
                waiting.over(engine.limiter_of(&outcome.place()));
                summary.add(&outcome);
                on_event(Event::CaseFinished { outcome: &outcome });
            }
            over = tasks.try_join_next_with_id();
        }
    }
    engine.end(&mut summary, started).await;
    on_event(Event::RunFinished { summary: &summary });
    summary
}

type Joined = Result<(tokio::task::Id, Arc<CaseOutcome>), tokio::task::JoinError>;

/// The case that is over next, if any is played. If that takes a while, everybody is told.
async fn next(
    tasks: &mut JoinSet<Arc<CaseOutcome>>,
    on_event: &mut (dyn FnMut(Event<'_>) + Send),
) -> Option<Joined> {
    if let Ok(joined) = timeout(QUIET, tasks.join_next_with_id()).await {
        return joined;
    }
    on_event(Event::Idle);
    tasks.join_next_with_id().await
}

/// The outcome of a case whose task is over, also where that was a fault of this program.
fn finished(
    engine: &Engine,
    joined: Joined,
    playing: &mut HashMap<tokio::task::Id, Arc<Planned>>,
) -> Option<Arc<CaseOutcome>> {
    match joined {
        Ok((id, outcome)) => {
            playing.remove(&id);
            Some(outcome)
        }
        Err(error) => {
            let case = playing.remove(&error.id())?;
            Some(Arc::new(engine.internal_error(&case, &error.to_string())))
        }
    }
}

/// How often the end of a run tries to close what is still open, and how long it rests before.
const CLOSING_ROUNDS: usize = 3;
const CLOSING_REST: Duration = Duration::from_millis(200);

impl Engine {
    /// What a run of these cases is asked to do.
    #[must_use]
    pub fn run_info(&self, cases: &[Planned]) -> RunInfo {
        let played = cases.iter().filter(|case| case.conversation.skip.is_none()).count();
        RunInfo {
            started: Timestamp::now(),
            cases: cases.len(),
            environments: self.selected.environments.clone(),
            concurrency: self.concurrency().min(played),
            attempts: self.targets.values().map(|target| target.attempts).max().unwrap_or(1),
            shard: self.shard.map(|shard| shard.to_string()),
            selected: self.shard.map(|_| self.selected.cases),
            selection: Some(self.selected.digest.clone()),
        }
    }

    /// Whether the cases that did not pass can be played again with `--rerun-failed`.
    #[must_use]
    pub fn remembers_failures(&self) -> bool {
        self.memory.keeps()
    }

    /// Adds to the sum of a run what its cases do not tell, once they are all over: what is still
    /// open, after trying once more to close it, and whether and why it went no further.
    pub async fn end(&self, summary: &mut Summary, started: Instant) {
        let (requests, maybe_open) = self.close_open().await;
        summary.requests += requests;
        summary.maybe_open = maybe_open;
        if let Err(error) = self.memory.finish() {
            let what = format!("the cases that passed cannot be remembered: {error}");
            summary.notes.push(what);
        }
        summary.interrupted = self.stop.is_given();
        summary.halted = self.halt.reasons();
        summary.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    }

    /// Tries once more to close what is still open, all at once, in a few rounds; how many
    /// requests that took, and what may stay open.
    async fn close_open(&self) -> (usize, Vec<OpenConversation>) {
        let mut requests = 0;
        for round in 0..CLOSING_ROUNDS {
            let open = self.ledger.open();
            if open.is_empty() {
                break;
            }
            if round > 0 {
                tokio::time::sleep(CLOSING_REST).await;
            }
            requests += open.len();
            self.close_all(open).await;
        }
        (requests, self.ledger.open())
    }

    async fn close_all(&self, open: Vec<OpenConversation>) {
        let mut closing = JoinSet::new();
        for OpenConversation { project, environment, conversation_id } in open {
            let target = self.targets.get(&Place { project, environment });
            if let Some(player) = target.map(|target| target.player.clone()) {
                // What could not be closed stays in the ledger.
                closing.spawn(
                    async move { player.close_conversation(&conversation_id).await.is_ok() },
                );
            }
        }
        closing.join_all().await;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        config::Config,
        engine::{RunOptions, Setup},
        outcome::Verdict,
        player::{Ledger, Stop},
        source::Problems,
        suite::{Selected, Selection, plan},
        vars::Vars,
    };

    /// A team with one conversation.
    struct Team {
        _folder: tempfile::TempDir,
        config: Config,
        cases: Vec<Planned>,
    }

    fn team() -> Team {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
        let config = "[projects.demo]\naccount_id = \"a\"\nproject_id = \"p\"\n\
                      [projects.demo.environments.local]\nagent = \"agent.yaml\"\n";
        write("rehearsal.toml", config).expect("a file");
        write("agent.yaml", "greeting: [{ say: Hello }]\nfallback: { say: Goodbye }")
            .expect("a file");
        fs::create_dir(folder.path().join("conversations")).expect("a folder");
        write("conversations/hours.yaml", "turns: [{ user: hi }]").expect("a file");
        let mut problems = Problems::default();
        let config = Config::read(&folder.path().join("rehearsal.toml"), &mut problems);
        let config = config.ok().flatten().expect("a configuration");
        let plan = plan(&config, &Selection::default(), problems).expect("a plan");
        Team { _folder: folder, config, cases: plan.cases }
    }

    async fn engine(config: &Config, cases: &[Planned]) -> Arc<Engine> {
        let (_sender, stop) = Stop::new();
        let setup = Setup {
            config,
            cases,
            selected: Selected::of(cases),
            vars: &Vars::default(),
            options: RunOptions::default(),
            stop,
            ledger: Arc::new(Ledger::default()),
        };
        Arc::new(Engine::start(setup).await.expect("it starts"))
    }

    #[tokio::test]
    async fn a_case_that_panics_is_told_as_a_fault_of_this_program() {
        let Team { _folder, config, mut cases } = team();
        let engine = engine(&config, &cases).await;
        let mut tasks: JoinSet<Arc<CaseOutcome>> = JoinSet::new();
        let handle = tasks.spawn(async { panic!("a bug") });
        let mut playing = HashMap::from([(handle.id(), Arc::new(cases.remove(0)))]);
        let joined = next(&mut tasks, &mut |_| {}).await.expect("a case is over");
        let outcome = finished(&engine, joined, &mut playing).expect("it is known");
        assert_eq!((outcome.case.as_str(), outcome.verdict), ("hours", Verdict::Errored));
        let reason = outcome.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("a bug"), "{reason}");
        assert!(playing.is_empty());
    }

    #[tokio::test]
    async fn what_is_over_can_be_written_before_open_conversations_are_closed() {
        let Team { _folder, config, cases } = team();
        let engine = engine(&config, &cases).await;
        let mut happened = Vec::new();
        let mut on_event = |event: Event<'_>| {
            happened.push(match event {
                Event::RunStarted { .. } => "run started",
                Event::CaseStarted { .. } => "case started",
                Event::CaseFinished { .. } => "case finished",
                Event::Idle => "idle",
                Event::RunFinished { .. } => "run finished",
            });
        };
        run(engine, cases, &mut on_event).await;
        assert_eq!(happened.first_chunk(), Some(&["run started", "case started"]));
        assert_eq!(happened.last_chunk(), Some(&["case finished", "idle", "run finished"]));
    }
}
