//! What came of a case, in the form that is written down: by `--json`, for the next run, and for
//! every report that is made later from either.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Summary, Verdict, diff::nearest};
use crate::{
    chat::{Handoff, Operation},
    check::Aspect,
    plan::CaseName,
    replay::Place,
};

/// The version of these types; another one is not read.
pub const SCHEMA_VERSION: u32 = 1;

/// What a run was asked to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFacts {
    /// When it began.
    pub started: Timestamp,
    /// How many cases it has, with those that are skipped.
    pub cases: usize,
    /// Where they are played.
    pub environments: Vec<String>,
    /// How many conversations are in flight at most.
    pub concurrency: usize,
    /// How often a case that could not be played is begun at most.
    pub attempts: u32,
    /// The part of the cases that was selected, such as `2/5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// With a shard: how many cases all of them have together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<usize>,
    /// The digest of the names of all selected cases, before a shard was taken of them: parts of
    /// one run have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
}

/// A whole run as it was written down: what every report but the terminal's is made of.
#[derive(Clone, Debug, Default)]
pub struct RunRecord {
    /// What it was asked to do.
    pub facts: RunFacts,
    /// What came of its cases, by project, environment and name.
    pub cases: Vec<Arc<CaseRecord>>,
    /// The sum of it.
    pub summary: Summary,
}

/// What came of one case. Times are in milliseconds; turn 0 is the greeting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRecord {
    /// The case.
    pub case: CaseName,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it did not pass or was not played, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The conversation's file, as it was found.
    pub path: String,
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The variant's name, where one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The variant's id, as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_id: Option<String>,
    /// The conversation's tags.
    pub tags: Vec<String>,
    /// The platform's id of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// The page of the conversation in Agent Studio, where PolyAI hosts the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_url: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// How long it took.
    pub duration_ms: f64,
    /// How many conversations were begun for it.
    pub attempts: usize,
    /// How many requests were sent, all attempts together.
    pub requests: usize,
    /// How many of them were sent again because the platform was too busy.
    pub repeated_requests: usize,
    /// Whether the run went no further before this case was begun.
    pub never_begun: bool,
    /// The greeting and the turns that were played.
    pub turns: Vec<TurnRecord>,
    /// Everything that does not hold.
    pub mismatches: Vec<MismatchRecord>,
    /// The turns that were not reached.
    pub not_reached: Vec<UnplayedRecord>,
    /// The message that got no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<UnplayedRecord>,
    /// Why it could not be played to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorRecord>,
    /// Why earlier attempts could not be played.
    pub earlier_errors: Vec<ErrorRecord>,
    /// The file of the pending snapshot that was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_snapshot: Option<String>,
    /// The file of the snapshot that was accepted at once, because `INSTA_UPDATE` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_snapshot: Option<String>,
    /// Whether the conversation may still be open on the platform.
    pub maybe_open: bool,
    /// How many more may be open, whose ids are not known.
    pub maybe_created: usize,
    /// What else should be known.
    pub warnings: Vec<String>,
    /// The failure as the terminal shows it, without colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A message and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnRecord {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// What the user said; `null` for the greeting.
    pub user: Option<String>,
    /// What the agent said.
    pub response: String,
    /// Whether it ended the conversation.
    pub end_conversation: bool,
    /// The handoff, where there was one.
    pub handoff: Option<Handoff>,
    /// From sending to the last byte of the answer.
    pub latency_ms: f64,
    /// The id that the request carried.
    pub correlation_id: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// Departures from the documented answer that were put up with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Where something does not hold: the command that repeats the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MismatchRecord {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// The side of the answer that it is about.
    pub kind: Aspect,
    /// The expectation's key; `snapshot` for what accepting would settle.
    pub matcher: String,
    /// What does not hold, in one line.
    pub message: String,
    /// The line of the conversation's file, from 1.
    pub line: Option<usize>,
    /// What was expected.
    pub expected: Value,
    /// What came.
    pub actual: Value,
    /// The id that the request carried.
    pub correlation_id: String,
}

/// A turn that was not played, or got no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnplayedRecord {
    /// The turn, from 1.
    pub turn: usize,
    /// The user's line.
    pub user: String,
    /// The line of the conversation's file, from 1.
    pub line: Option<usize>,
}

/// Why a case, or an attempt of it, could not be played.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRecord {
    /// In one line.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The HTTP status of its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The platform's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The platform's sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The id under which the platform logged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_id: Option<String>,
    /// The id that the request carried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The command that repeats the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

impl RunRecord {
    /// The cases in the order of the reports.
    #[must_use]
    pub fn new(facts: RunFacts, mut cases: Vec<Arc<CaseRecord>>, summary: Summary) -> Self {
        cases.sort_by(|a, b| a.key().cmp(&b.key()));
        Self { facts, cases, summary }
    }

    /// A run that has begun and of which nothing else is known.
    #[must_use]
    pub fn begun() -> Self {
        let facts = RunFacts { started: Timestamp::now(), ..RunFacts::default() };
        let summary = Summary { interrupted: true, ..Summary::default() };
        Self { facts, cases: Vec::new(), summary }
    }

    /// How many cases it was to have of which nothing is known.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.facts.cases.saturating_sub(self.cases.len())
    }
}

impl MismatchRecord {
    /// The whole text that was expected, the accepted one that is most alike where there are
    /// several, and the text that came, as it is compared with it; `None` where only a part or
    /// nothing was expected.
    #[must_use]
    pub fn whole_texts(&self) -> Option<(String, String)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let actual = text(&self.actual)?;
        let expected = match &*self.matcher {
            "equals" => text(&self.expected)?,
            "snapshot" => {
                let texts: Vec<String> =
                    self.expected.as_array()?.iter().filter_map(text).collect();
                if texts.is_empty() {
                    return None;
                }
                nearest(&texts, &actual).to_owned()
            }
            _ => return None,
        };
        Some((expected, actual))
    }

    /// Whether accepting the pending snapshot would settle it.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        self.matcher == "snapshot"
    }
}

impl CaseRecord {
    /// What tells it from every other case: project, environment and name.
    #[must_use]
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.project, &self.environment, self.case.as_str())
    }

    /// Where it was played.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { project: self.project.clone(), environment: self.environment.clone() }
    }

    /// Whether it was played there.
    #[must_use]
    pub fn is_in(&self, place: &Place) -> bool {
        self.project == place.project && self.environment == place.environment
    }

    /// Whether it passed, but only on a later attempt.
    #[must_use]
    pub fn is_flaky(&self) -> bool {
        self.verdict == Verdict::Passed && self.attempts > 1
    }

    /// Whether it did not pass.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        matches!(self.verdict, Verdict::Failed | Verdict::Errored)
    }

    /// The line of the conversation's file, from 1, of the first thing that does not hold or was
    /// not played.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        let mismatches = self.mismatches.iter().filter_map(|one| one.line);
        let unplayed = self.unanswered.iter().chain(&self.not_reached).filter_map(|one| one.line);
        mismatches.chain(unplayed).next()
    }

    /// What does not hold in a turn.
    pub fn mismatches_of(&self, turn: usize) -> impl Iterator<Item = &MismatchRecord> {
        self.mismatches.iter().filter(move |mismatch| mismatch.turn == turn)
    }
}
