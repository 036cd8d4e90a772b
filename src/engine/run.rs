//! A whole run: many cases at once, each finished on its own.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use super::{Engine, case::internal};
use crate::{
    plan::Planned,
    replay::OpenConversation,
    report::{CaseReport, Event, Summary},
};

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
    tell(Event::RunStarted { cases: cases.len() });
    let mut waiting = cases.into_iter().map(Arc::new);
    let mut tasks: JoinSet<CaseReport> = JoinSet::new();
    let mut playing: HashMap<tokio::task::Id, Arc<Planned>> = HashMap::new();
    loop {
        while tasks.len() < engine.concurrency() {
            let Some(case) = waiting.next() else { break };
            tell(Event::CaseStarted { case: &case.name });
            let (engine, own) = (Arc::clone(&engine), Arc::clone(&case));
            let handle = tasks.spawn(async move { engine.play(&own).await });
            playing.insert(handle.id(), case);
        }
        let Some(joined) = tasks.join_next_with_id().await else { break };
        let report = match joined {
            Ok((id, report)) => {
                playing.remove(&id);
                report
            }
            Err(error) => match playing.remove(&error.id()) {
                Some(case) => internal(&case, &error.to_string()),
                None => continue,
            },
        };
        summary.add(&report);
        tell(Event::CaseFinished { report: &report });
    }
    let (requests, maybe_open) = engine.close_open().await;
    summary.requests += requests;
    summary.maybe_open = maybe_open;
    summary.interrupted = engine.stop.is_given();
    summary.halted = engine.halt.reasons();
    summary.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tell(Event::RunFinished { summary: &summary });
    summary
}

/// How often the end of a run tries to close what is still open, and how long it rests before.
const CLOSING_ROUNDS: usize = 3;
const CLOSING_REST: Duration = Duration::from_millis(200);

impl Engine {
    /// Tries once more to close what is still open, all at once, in a few rounds; how many
    /// requests that took, and what may stay open.
    pub async fn close_open(&self) -> (usize, Vec<OpenConversation>) {
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
