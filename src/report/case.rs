//! What came of one case.

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::support::Endpoint;
use crate::{
    chat::ChatError,
    check::Mismatch,
    plan::{CaseName, CaseVariant},
    replay::{Closing, Exchange},
    snapshot::learn::Learned,
    source::{Diagnostic, SourceFile, Span},
    text::layout::shell_word,
};

/// The verdict on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything holds.
    Passed,
    /// At least one expectation or snapshot does not hold.
    Failed,
    /// It could not be played; this says nothing about the agent.
    Errored,
    /// It was not played, because its file says so.
    Skipped,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// The case.
    pub case: CaseName,
    /// The conversation's file.
    pub path: PathBuf,
    /// Its text, where something of it is to be shown.
    pub source: Option<Arc<SourceFile>>,
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The variant, where one was sent.
    pub variant: Option<CaseVariant>,
    /// The conversation's tags.
    pub tags: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it was skipped.
    pub skipped: Option<String>,
    /// How many turns the conversation has.
    pub turns: usize,
    /// The greeting and the turns that were played, in order.
    pub exchanges: Vec<ExchangeReport>,
    /// The turns that were not reached.
    pub not_reached: Vec<NotReached>,
    /// The `${name}` without a value because of which the next turn could not be sent.
    pub unbound: Option<String>,
    /// The message that got no answer.
    pub unanswered: Option<Unanswered>,
    /// Why it could not be played to its end.
    pub error: Option<CaseError>,
    /// Why earlier attempts could not be played.
    pub earlier: Vec<ChatError>,
    /// The platform's id of the conversation.
    pub conversation_id: Option<String>,
    /// Why the conversation may still be open on the platform.
    pub maybe_open: Option<ChatError>,
    /// How many conversations may have been started whose ids are not known.
    pub maybe_created: usize,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// How many requests were sent, all attempts together.
    pub requests: usize,
    /// How many of them were sent again because the platform was too busy.
    pub repeated: usize,
    /// What was written about its snapshot.
    pub snapshot: SnapshotNote,
    /// Where its requests went; `None` where the embedded agent answered.
    pub endpoint: Option<Arc<Endpoint>>,
    /// What the commands that are shown have to name.
    pub surroundings: Surroundings,
    /// What several plays taught about turns whose text is new.
    pub learned: Vec<LearnedTurn>,
    /// Which play the exchanges are of, where it was played several times.
    pub play: Option<ShownPlay>,
    /// What else should be known, such as an accepted snapshot that cannot be read.
    pub warnings: Vec<Diagnostic>,
}

/// What a command must name to do in another shell what this run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The configuration, where it is not the one that is found by itself.
    pub config: Option<PathBuf>,
    /// `INSTA_PENDING_DIR`, where it is set.
    pub pending_dir: Option<PathBuf>,
    /// Why nothing is written of snapshots, where that is so.
    pub unwritten: Option<Unwritten>,
    /// The command of the `cargo test` harness, to which names are added.
    pub cargo: Option<String>,
}

impl Surroundings {
    /// The flags that lead another command to the same files, each after a space.
    #[must_use]
    pub fn flags(&self) -> String {
        let all = [("config", &self.config), ("pending-dir", &self.pending_dir)];
        let flags = all.into_iter().filter_map(|(name, path)| {
            Some(format!(" --{name} {}", shell_word(&path.as_ref()?.to_string_lossy())))
        });
        flags.collect()
    }
}

/// Why nothing is written of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// It is never written in CI.
    InCi,
    /// `INSTA_UPDATE` says so.
    AsAsked,
}

/// Which of several plays is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownPlay {
    /// The play, from 1.
    pub number: usize,
    /// How many there were.
    pub of: usize,
    /// How many of them show more than answers that are new.
    pub alike: usize,
}

/// What several plays taught about a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearnedTurn {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// How many answers there were.
    pub plays: usize,
    /// What they have in common.
    pub learned: Learned,
}

/// What was written about a case's snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SnapshotNote {
    /// Nothing.
    #[default]
    Nothing,
    /// A pending snapshot, which a person may accept.
    Pending(PathBuf),
    /// A pending snapshot that only follows turns that were added, removed or moved.
    Outdated(PathBuf),
    /// It was accepted at once, because `INSTA_UPDATE` says so.
    Accepted(PathBuf),
}

/// One message and its answer, with everything that does not hold.
#[derive(Clone, Debug)]
pub struct ExchangeReport {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// What was said and done.
    pub said: Exchange,
    /// What does not hold.
    pub mismatches: Vec<Mismatch>,
}

/// A turn that was not reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReached {
    /// The turn, from 1.
    pub turn: usize,
    /// The user's line, as the conversation has it.
    pub user: String,
    /// Where it stands.
    pub span: Span,
}

/// A message that was sent and got no answer as documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The turn, from 1.
    pub turn: usize,
    /// What the user said.
    pub user: String,
    /// Where it stands.
    pub span: Span,
}

/// Why a case could not be played to its end.
#[derive(Clone, Debug)]
pub enum CaseError {
    /// A request was not answered as documented.
    Chat(ChatError),
    /// The run was stopped.
    Interrupted,
    /// The run went no further before this case was begun.
    NotPlayed(String),
    /// The case's own time was over.
    OutOfTime {
        /// The limit (`case_timeout`).
        limit: Duration,
    },
    /// The run may send no more requests (`--max-requests`).
    BudgetSpent {
        /// Why a request was to be sent again, where that spent it.
        after: Option<ChatError>,
    },
    /// A file could not be written.
    Files(String),
    /// A fault of Rehearsal itself.
    Internal(String),
}

impl CaseReport {
    /// All mismatches, each with its exchange.
    pub fn mismatches(&self) -> impl Iterator<Item = (&ExchangeReport, &Mismatch)> {
        self.exchanges.iter().flat_map(|exchange| {
            exchange.mismatches.iter().map(move |mismatch| (exchange, mismatch))
        })
    }

    /// The line (from 1) of the conversation file that a mismatch is about.
    #[must_use]
    pub fn line(&self, mismatch: &Mismatch) -> Option<usize> {
        self.line_of(mismatch.span?)
    }

    /// The line (from 1) of the conversation file that a place is on.
    #[must_use]
    pub fn line_of(&self, span: Span) -> Option<usize> {
        Some(self.source.as_ref()?.line_column(span.start).0)
    }

    /// The page of the conversation in Agent Studio, where PolyAI hosts the agent.
    #[must_use]
    pub fn conversation_url(&self) -> Option<String> {
        self.endpoint.as_ref()?.conversation_url(self.conversation_id.as_deref()?)
    }

    /// Whether the run went no further, or was stopped, before this case was begun.
    #[must_use]
    pub fn never_begun(&self) -> bool {
        match &self.error {
            Some(CaseError::NotPlayed(_)) => true,
            Some(CaseError::Interrupted) => self.requests == 0,
            _ => false,
        }
    }

    /// Takes note of a conversation that may still be open.
    pub fn note_closing(&mut self, closing: &Closing) {
        if let Closing::MayBeOpen(error) = closing {
            self.maybe_open = Some((**error).clone());
        }
    }

    /// How many times it was played.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.earlier.len() + 1
    }

    /// Whether accepting the pending snapshot would settle something of it.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        self.mismatches().any(|(_, mismatch)| mismatch.kind.is_acceptable())
    }
}
