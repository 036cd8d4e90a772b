//! A whole run: many cases at once, in rounds of plays, each finished on its own.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio::{task::JoinSet, time::timeout};

use super::{
    AfterPlay, Engine,
    waiting::{NextPlay, Waiting},
};
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
    let summary = Summary {
        may_be_empty: engine.may_be_empty,
        is_shard: engine.shard.is_some(),
        ..Summary::default()
    };
    on_event(Event::RunStarted { run: &engine.run_info(&cases) });
    let waiting = Waiting::new(&engine, cases);
    let mut run = ActiveRun {
        engine,
        waiting,
        tasks: JoinSet::new(),
        playing: HashMap::new(),
        unconfirmed: Vec::new(),
        summary,
        on_event,
    };
    run.play().await;
    run.confirm();
    run.play().await;
    let ActiveRun { engine, mut summary, on_event, .. } = run;
    // Closing what is still open may take a while.
    on_event(Event::Idle);
    engine.end(&mut summary, started).await;
    on_event(Event::RunFinished { summary: &summary });
    summary
}

/// A run under way.
struct ActiveRun<'a> {
    engine: Arc<Engine>,
    waiting: Waiting,
    tasks: JoinSet<AfterPlay>,
    playing: HashMap<tokio::task::Id, Arc<Planned>>,
    /// The cases that failed and wait until all others are over.
    unconfirmed: Vec<NextPlay>,
    summary: Summary,
    on_event: &'a mut (dyn FnMut(Event<'_>) + Send),
}

type Joined = Result<(tokio::task::Id, AfterPlay), tokio::task::JoinError>;

impl ActiveRun<'_> {
    /// Plays until nothing waits and nothing is played.
    async fn play(&mut self) {
        loop {
            while let Some(play) = self.waiting.next() {
                self.begin(play);
            }
            let Some(first) = self.next().await else { return };
            let mut over = Some(first);
            while let Some(joined) = over {
                self.on_joined(joined);
                over = self.tasks.try_join_next_with_id();
            }
        }
    }

    fn begin(&mut self, NextPlay { case, so_far }: NextPlay) {
        if so_far.is_none() {
            (self.on_event)(Event::CaseStarted { case: &case.name });
        }
        let (engine, own) = (Arc::clone(&self.engine), Arc::clone(&case));
        let handle = self.tasks.spawn(async move { engine.play(&own, so_far).await });
        self.playing.insert(handle.id(), case);
    }

    /// The play that is over next, if there is any. If that takes a while, everybody is told.
    async fn next(&mut self) -> Option<Joined> {
        if let Ok(joined) = timeout(QUIET, self.tasks.join_next_with_id()).await {
            return joined;
        }
        (self.on_event)(Event::Idle);
        self.tasks.join_next_with_id().await
    }

    fn on_joined(&mut self, joined: Joined) {
        let id = joined.as_ref().map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
        let Some(case) = self.playing.remove(&id) else { return };
        let limiter = self.engine.limiter_of(&case.target.place());
        self.waiting.over(limiter);
        match joined {
            Ok((_, AfterPlay::Over(outcome))) => self.finish(&outcome),
            Ok((_, AfterPlay::Again(so_far))) => {
                self.waiting.add(limiter, NextPlay { case, so_far: Some(so_far) });
            }
            Ok((_, AfterPlay::Confirm(so_far))) => {
                let is_confirmed = so_far.is_confirmed();
                let play = NextPlay { case, so_far: Some(so_far) };
                if is_confirmed {
                    self.waiting.add(limiter, play);
                } else {
                    self.unconfirmed.push(play);
                }
            }
            // A fault of this program.
            Err(error) => {
                let outcome = self.engine.internal_error(&case, &error.to_string());
                self.finish(&Arc::new(outcome));
            }
        }
    }

    fn finish(&mut self, outcome: &Arc<CaseOutcome>) {
        self.summary.add(outcome);
        (self.on_event)(Event::CaseFinished { outcome });
    }

    /// Lets the cases that failed be played again, unless so many did that it is not chance.
    fn confirm(&mut self) {
        let mut failed = std::mem::take(&mut self.unconfirmed);
        failed.sort_by(|a, b| a.case.name.cmp(&b.case.name));
        if self.engine.confirmations.allow_all(failed.len()) {
            for play in failed {
                self.waiting.add(self.engine.limiter_of(&play.case.target.place()), play);
            }
            return;
        }
        self.summary.notes.push(format!(
            "{} cases failed, too many to be chance: none of them was played again (confirm_failures)",
            failed.len()
        ));
        for NextPlay { case, so_far } in failed {
            let outcome = so_far.map(|so_far| self.engine.give_up_confirming(&case, so_far));
            outcome.iter().for_each(|outcome| self.finish(outcome));
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
    /// open, after trying once more to close it, and why it was aborted, if it was.
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
        let mut tasks: JoinSet<AfterPlay> = JoinSet::new();
        let handle = tasks.spawn(async { panic!("a bug") });
        let playing = HashMap::from([(handle.id(), Arc::new(cases.remove(0)))]);
        let mut told = Vec::new();
        let mut on_event = |event: Event<'_>| {
            if let Event::CaseFinished { outcome } = event {
                told.push(Arc::clone(outcome));
            }
        };
        let mut run = ActiveRun {
            waiting: Waiting::new(&engine, Vec::new()),
            engine,
            tasks,
            playing,
            unconfirmed: Vec::new(),
            summary: Summary::default(),
            on_event: &mut on_event,
        };
        run.play().await;
        assert!(run.playing.is_empty());
        assert_eq!(run.summary.errored, 1);
        let [outcome] = &told[..] else { panic!("one case is over: {told:?}") };
        assert_eq!((outcome.case.as_str(), outcome.verdict), ("hours", Verdict::Errored));
        let reason = outcome.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("a bug"), "{reason}");
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
