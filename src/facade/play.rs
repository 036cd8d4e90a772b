//! A run of a suite, from its plan to its outcome.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use tokio::{
    runtime::Handle,
    sync::watch,
    task::{AbortHandle, JoinError},
};

use super::{
    Error, Suite,
    suite::{OnEvent, StopWhen},
};
use crate::{
    engine::{self, Engine, Setup},
    outcome::{CaseOutcome, Event, RunInfo, RunOutcome, Summary},
    player::{Ledger, Stop},
    suite::{self, Planned, Selected},
};

/// Nothing is left to play.
#[derive(Debug, thiserror::Error)]
#[error("nothing is played: every selected case is skipped")]
struct AllSkipped;

pub(super) async fn play(suite: Suite) -> Result<RunOutcome, Error> {
    let Suite { config, problems, selection, vars, options, on_event, stop_when } = suite;
    let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
    let selection = selection.or_vars(&vars)?;
    // Reads every file of the suite, for which the caller's other tasks should not wait.
    let planning = runtime.spawn_blocking(move || {
        let plan = suite::plan(&config, &selection, problems);
        plan.map(|plan| (config, plan.cases))
    });
    let (config, cases) = planning.await.map_err(not_joined)??;
    if cases.iter().all(|case| case.conversation.skip.is_some()) {
        return Err(Error::Selection(Box::new(AllSkipped)));
    }
    let (sender, stop) = Stop::new();
    let setup = Setup {
        config: &config,
        cases: &cases,
        selected: Selected::of(&cases),
        vars: &vars,
        options,
        stop,
        ledger: Arc::new(Ledger::default()),
    };
    let engine = Arc::new(Engine::start(setup).await?);
    let _stopper = Stopper::new(&runtime, sender.clone(), stop_when);
    let seen = Seen { on_event, panic: None, stop: sender, run: RunInfo::default(), cases: vec![] };
    // A task of its own goes on closing conversations when nobody waits for it any more.
    let playing = runtime.spawn(to_the_end(engine, cases, seen));
    let (summary, seen) = playing.await.map_err(not_joined)?;
    match seen.panic {
        Some(panic) => resume_unwind(panic),
        None => Ok(RunOutcome::new(seen.run, seen.cases, summary)),
    }
}

async fn to_the_end(engine: Arc<Engine>, cases: Vec<Planned>, mut seen: Seen) -> (Summary, Seen) {
    let notice = engine.notice().map(str::to_owned);
    let mut summary = engine::run(engine, cases, &mut |event| seen.on_event(event)).await;
    summary.notes.extend(notice);
    (summary, seen)
}

fn not_joined(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Error::NoRuntime,
    }
}

/// What was seen of a run so far.
struct Seen {
    on_event: Option<OnEvent>,
    /// What the caller's function panicked with.
    panic: Option<Box<dyn Any + Send>>,
    stop: watch::Sender<bool>,
    run: RunInfo,
    cases: Vec<Arc<CaseOutcome>>,
}

impl Seen {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { run } => self.run = run.clone(),
            Event::CaseFinished { outcome } => self.cases.push(Arc::clone(outcome)),
            Event::CaseStarted { .. } | Event::Idle | Event::RunFinished { .. } => {}
        }
        let Some(on_event) = &mut self.on_event else { return };
        // A panic here would abort the other cases with their conversations open.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| on_event(event))) {
            self.on_event = None;
            self.panic = Some(panic);
            self.stop.send_replace(true);
        }
    }
}

/// Ends the run in order when it is dropped, or when what the caller gave is ready.
struct Stopper {
    stop: watch::Sender<bool>,
    waiting: Option<AbortHandle>,
}

impl Stopper {
    fn new(runtime: &Handle, stop: watch::Sender<bool>, when: Option<StopWhen>) -> Self {
        let waiting = when.map(|ready| {
            let stop = stop.clone();
            let waiting = runtime.spawn(async move {
                ready.await;
                stop.send_replace(true);
            });
            waiting.abort_handle()
        });
        Self { stop, waiting }
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.waiting.iter().for_each(AbortHandle::abort);
    }
}
