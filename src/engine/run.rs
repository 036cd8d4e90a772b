//! A whole run: many cases at once, each finished on its own.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::timeout};

use super::{Engine, Finished, case::internal, waiting::Waiting};
use crate::{
    plan::Planned,
    replay::OpenConversation,
    report::{Event, RunFacts, Summary},
};

/// How long nothing happens before that is told.
const QUIET: Duration = Duration::from_millis(10);

/// Plays all cases, as many at once as the settings say, and tells what happens as it happens.
///
/// When this returns, every conversation that was created has been closed, or stands in
/// [`Summary::maybe_open`].
pub async fn run(
    engine: Arc<Engine>,
    cases: Vec<Planned>,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Summary {
    let started = Instant::now();
    let mut summary = Summary { may_be_empty: engine.may_be_empty, ..Summary::default() };
    tell(Event::RunStarted { facts: &engine.facts(&cases) });
    let mut waiting = Waiting::new(&engine, cases);
    let mut tasks: JoinSet<Finished> = JoinSet::new();
    let mut playing: HashMap<tokio::task::Id, Arc<Planned>> = HashMap::new();
    loop {
        while let Some(case) = waiting.next() {
            tell(Event::CaseStarted { case: &case.name });
            let (engine, own) = (Arc::clone(&engine), Arc::clone(&case));
            let handle = tasks.spawn(async move { engine.play(&own).await });
            playing.insert(handle.id(), case);
        }
        let mut over = next(&mut tasks, tell).await;
        if over.is_none() {
            // Closing what is still open may take a while.
            tell(Event::Quiet);
            break;
        }
        while let Some(joined) = over {
            if let Some(Finished { report, record }) = finished(joined, &mut playing) {
                waiting.over(engine.lane(&report.project));
                summary.add(&record);
                tell(Event::CaseFinished { report: &report, record: &record });
            }
            over = tasks.try_join_next_with_id();
        }
    }
    engine.end(&mut summary, started).await;
    tell(Event::RunFinished { summary: &summary });
    summary
}

type Joined = Result<(tokio::task::Id, Finished), tokio::task::JoinError>;

/// The case that is over next, if any is played. If that takes a while, everybody is told.
async fn next(
    tasks: &mut JoinSet<Finished>,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Option<Joined> {
    if let Ok(joined) = timeout(QUIET, tasks.join_next_with_id()).await {
        return joined;
    }
    tell(Event::Quiet);
    tasks.join_next_with_id().await
}

/// What came of a case whose task is over, also where that was a fault of this program.
fn finished(
    joined: Joined,
    playing: &mut HashMap<tokio::task::Id, Arc<Planned>>,
) -> Option<Finished> {
    match joined {
        Ok((id, played)) => {
            playing.remove(&id);
            Some(played)
        }
        Err(error) => {
            let case = playing.remove(&error.id())?;
            Some(Finished::of(internal(&case, &error.to_string())))
        }
    }
}

/// How often the end of a run tries to close what is still open, and how long it rests before.
const CLOSING_ROUNDS: usize = 3;
const CLOSING_REST: Duration = Duration::from_millis(200);

impl Engine {
    /// What a run of these cases is asked to do.
    #[must_use]
    pub fn facts(&self, cases: &[Planned]) -> RunFacts {
        let played = cases.iter().filter(|case| case.conversation.skip.is_none()).count();
        RunFacts {
            started: Timestamp::now(),
            cases: cases.len(),
            environments: self.selected.environments.clone(),
            concurrency: self.concurrency().min(played),
            attempts: self.stages.values().map(|stage| stage.attempts).max().unwrap_or(1),
            shard: self.shard.map(|shard| shard.to_string()),
            selected: self.shard.map(|_| self.selected.cases),
            selection: Some(self.selected.digest.clone()),
        }
    }

    /// Whether the cases that did not pass can be played again with `--rerun-failed`.
    #[must_use]
    pub fn remembers_failures(&self) -> bool {
        self.failed.keeps()
    }

    /// Adds to the sum of a run what its cases do not tell, once they are all over: what is still
    /// open, after trying once more to close it, and whether and why it went no further.
    pub async fn end(&self, summary: &mut Summary, started: Instant) {
        let (requests, maybe_open) = self.close_open().await;
        summary.requests += requests;
        summary.maybe_open = maybe_open;
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
        for OpenConversation { project, conversation_id, .. } in open {
            if let Some(player) = self.stages.get(&project).map(|stage| stage.player.clone()) {
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
        plan::{Selected, Selection, plan},
        replay::{Ledger, Stop},
        report::Verdict,
        source::Problems,
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

    #[tokio::test]
    async fn a_case_that_panics_is_told_as_a_fault_of_this_program() {
        let mut team = team();
        let mut tasks: JoinSet<Finished> = JoinSet::new();
        let handle = tasks.spawn(async { panic!("a bug") });
        let mut playing = HashMap::from([(handle.id(), Arc::new(team.cases.remove(0)))]);
        let joined = next(&mut tasks, &mut |_| {}).await.expect("a case is over");
        let Finished { record, .. } = finished(joined, &mut playing).expect("it is known");
        assert_eq!((record.case.as_str(), record.verdict), ("hours", Verdict::Errored));
        let said = record.error.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
        assert!(said.contains("a bug"), "{said}");
        assert!(playing.is_empty());
    }

    #[tokio::test]
    async fn what_is_over_can_be_written_before_open_conversations_are_closed() {
        let Team { _folder, config, cases } = team();
        let (_sender, stop) = Stop::new();
        let setup = Setup {
            config: &config,
            cases: &cases,
            selected: Selected::of(&cases),
            vars: &Vars::default(),
            options: RunOptions::default(),
            stop,
            ledger: Arc::new(Ledger::default()),
        };
        let engine = Engine::start(setup).await.expect("it starts");
        let mut told = Vec::new();
        let mut tell = |event: Event<'_>| {
            told.push(match event {
                Event::RunStarted { .. } => "run started",
                Event::CaseStarted { .. } => "case started",
                Event::CaseFinished { .. } => "case finished",
                Event::Quiet => "quiet",
                Event::RunFinished { .. } => "run finished",
            });
        };
        run(Arc::new(engine), cases, &mut tell).await;
        assert_eq!(told.first_chunk(), Some(&["run started", "case started"]));
        assert_eq!(told.last_chunk(), Some(&["case finished", "quiet", "run finished"]));
    }
}
