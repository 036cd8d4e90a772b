//! The conversation around a change: as it was last played, where that is known.
//!
//! It is known from the record of the case that failed, if that is the run which left the change
//! pending, and otherwise from the snapshot alone. Records travel with `--pending-dir`.

use crate::{
    backend::Handoff,
    check::Mismatch,
    conversation::{CaseName, TurnNumber},
    outcome::{CaseOutcome, LearnedTurn, memory::Memory},
    player::Exchange,
    snapshot::{
        Entry,
        decision::{PendingSnapshot, TurnChange},
    },
};

/// A conversation with something pending.
#[derive(Clone, Debug, Default)]
pub struct ReviewConversation {
    /// The outcome that left it pending; `None` where only the snapshot is known.
    pub outcome: Option<CaseOutcome>,
    /// The greeting, where it is known, and the turns.
    pub turns: Vec<ReviewTurn>,
}

/// A turn, or the greeting (0).
#[derive(Clone, Debug, Default)]
pub struct ReviewTurn {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// What the user said; as the conversation has it where no run is known.
    pub user: Option<String>,
    /// What the agent said; `None` where it is not known.
    pub said: Option<String>,
    /// The handoff.
    pub handoff: Option<Handoff>,
    /// Whether the agent ended the conversation.
    pub end_conversation: bool,
    /// Whether its text is new or different in a play.
    pub is_changed: bool,
    /// What does not hold and what no snapshot can accept.
    pub beside: Vec<Mismatch>,
}

impl ReviewConversation {
    /// The conversation of a pending snapshot.
    #[must_use]
    pub fn of(case: &CaseName, pending: &PendingSnapshot, failed: &Memory) -> Self {
        let changes = pending.changes();
        match failed.latest(case).filter(|outcome| is_about(outcome, &changes)) {
            Some(outcome) => Self { turns: turns(&outcome), outcome: Some(outcome) },
            None => Self { outcome: None, turns: entries(pending.entries()) },
        }
    }

    /// The turns before one.
    #[must_use]
    pub fn before(&self, turn: usize) -> &[ReviewTurn] {
        &self.turns[..self.turns.partition_point(|one| one.turn < turn)]
    }

    /// The turns of which the pending snapshot proposes no text although the run wanted one, for
    /// their answers never agreed.
    #[must_use]
    pub fn without_text(&self, pending: &PendingSnapshot) -> Vec<usize> {
        let wants_text = |turn: usize| self.turn(turn).is_some_and(|turn| turn.is_changed);
        let silent = entries(pending.entries()).into_iter().filter(|entry| entry.said.is_none());
        silent.map(|entry| entry.turn).filter(|turn| wants_text(*turn)).collect()
    }

    /// One turn.
    #[must_use]
    pub fn turn(&self, turn: usize) -> Option<&ReviewTurn> {
        self.turns.iter().find(|one| one.turn == turn)
    }

    /// The file and line of a mismatch.
    #[must_use]
    pub fn place(&self, mismatch: &Mismatch) -> String {
        let path = self.outcome.as_ref().map(|outcome| outcome.path.display().to_string());
        let path = path.unwrap_or_default();
        mismatch.line().map_or_else(|| path.clone(), |line| format!("{path}:{line}"))
    }
}

/// Whether an outcome is of the run that left these changes pending.
fn is_about(outcome: &CaseOutcome, changes: &[TurnChange]) -> bool {
    let holds = |change: &TurnChange| {
        let learned = outcome.learned.iter().find(|one| one.turn.get() == change.turn);
        let proposes = |one: &LearnedTurn| one.learned.texts().first() == Some(&change.new);
        learned.is_some_and(proposes)
            || outcome.mismatches().any(|mismatch| {
                mismatch.turn.get() == change.turn && mismatch.kind.proposed() == Some(&change.new)
            })
    };
    !changes.is_empty() && changes.iter().all(holds)
}

/// The turns as the play that is shown first has them.
fn turns(outcome: &CaseOutcome) -> Vec<ReviewTurn> {
    let Some(play) = outcome.shown() else { return Vec::new() };
    let is_changed = |turn: TurnNumber| {
        outcome.mismatches().any(|one| one.turn == turn && one.kind.is_acceptable())
    };
    let turn = |exchange: &Exchange| ReviewTurn {
        turn: exchange.turn.get(),
        user: exchange.user.clone(),
        said: Some(exchange.response.clone()),
        handoff: exchange.handoff.clone(),
        end_conversation: exchange.end_conversation,
        is_changed: is_changed(exchange.turn),
        beside: play
            .mismatches_of(exchange.turn)
            .filter(|mismatch| !mismatch.kind.is_acceptable())
            .cloned()
            .collect(),
    };
    play.turns.iter().map(turn).collect()
}

fn entries(entries: &[Entry]) -> Vec<ReviewTurn> {
    let first = usize::from(entries.first().is_none_or(|entry| entry.user.is_some()));
    let turn = |(turn, entry): (usize, &Entry)| ReviewTurn {
        turn,
        user: entry.user.clone(),
        said: entry.agent.first().cloned(),
        ..ReviewTurn::default()
    };
    (first..).zip(entries).map(turn).collect()
}
