//! The conversation around a change: as it was last played, where that is known.

use crate::{
    chat::Handoff,
    engine::FailedCases,
    plan::CaseName,
    report::{CaseRecord, record::MismatchRecord},
    snapshot::{
        Entry,
        decision::{Change, Pending},
    },
};

/// A conversation with something pending.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// What the run wrote down that left it pending; `None` where only the snapshot is known.
    pub record: Option<CaseRecord>,
    /// The greeting, where it is known, and the turns.
    pub turns: Vec<Turn>,
}

/// A turn, or the greeting (0).
#[derive(Clone, Debug, Default)]
pub struct Turn {
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
    /// Whether its text is pending.
    pub is_changed: bool,
    /// What does not hold and what no snapshot can accept.
    pub beside: Vec<MismatchRecord>,
}

impl Conversation {
    /// The conversation of a pending snapshot.
    #[must_use]
    pub fn of(case: &CaseName, pending: &Pending, failed: &FailedCases) -> Self {
        let changes = pending.changes();
        match failed.latest(case).filter(|record| is_about(record, &changes)) {
            Some(record) => Self { turns: turns(&record), record: Some(record) },
            None => Self { record: None, turns: entries(pending.entries()) },
        }
    }

    /// The turns before one.
    #[must_use]
    pub fn before(&self, turn: usize) -> &[Turn] {
        &self.turns[..self.turns.partition_point(|one| one.turn < turn)]
    }

    /// The turns of which the pending snapshot proposes no text although the run wanted one, for
    /// their answers never agreed.
    #[must_use]
    pub fn without_text(&self, pending: &Pending) -> Vec<usize> {
        let wants_text = |turn: usize| self.turn(turn).is_some_and(|turn| turn.is_changed);
        let silent = entries(pending.entries()).into_iter().filter(|entry| entry.said.is_none());
        silent.map(|entry| entry.turn).filter(|turn| wants_text(*turn)).collect()
    }

    /// One turn.
    #[must_use]
    pub fn turn(&self, turn: usize) -> Option<&Turn> {
        self.turns.iter().find(|one| one.turn == turn)
    }

    /// The file and line of a mismatch.
    #[must_use]
    pub fn place(&self, mismatch: &MismatchRecord) -> String {
        let path = self.record.as_ref().map_or("", |record| &record.path);
        mismatch.line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"))
    }
}

/// Whether a record is of the run that left these changes pending.
fn is_about(record: &CaseRecord, changes: &[Change]) -> bool {
    let holds = |change: &Change| {
        let mut mismatches = record.mismatches_of(change.turn);
        mismatches.any(|one| one.is_acceptable() && one.actual.as_str() == Some(&change.new))
    };
    !changes.is_empty() && changes.iter().all(holds)
}

fn turns(record: &CaseRecord) -> Vec<Turn> {
    let turn = |turn: &crate::report::record::TurnRecord| Turn {
        turn: turn.turn,
        user: turn.user.clone(),
        said: Some(turn.response.clone()),
        handoff: turn.handoff.clone(),
        end_conversation: turn.end_conversation,
        is_changed: record.mismatches_of(turn.turn).any(MismatchRecord::is_acceptable),
        beside: record
            .mismatches_of(turn.turn)
            .filter(|mismatch| !mismatch.is_acceptable())
            .cloned()
            .collect(),
    };
    record.turns.iter().map(turn).collect()
}

fn entries(entries: &[Entry]) -> Vec<Turn> {
    let first = usize::from(entries.first().is_none_or(|entry| entry.user.is_some()));
    let turn = |(turn, entry): (usize, &Entry)| Turn {
        turn,
        user: entry.user.clone(),
        said: entry.agent.first().cloned(),
        ..Turn::default()
    };
    (first..).zip(entries).map(turn).collect()
}
