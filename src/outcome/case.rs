//! The outcome of one case.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Invocation, Judgement, Play, PlayVerdict, Standing, Verdict};
use crate::{
    backend::Auth,
    check::Mismatch,
    config::{FlakyCounts, Place, VerdictRule},
    conversation::{CaseName, Quarantine, TurnNumber},
    snapshot::learn::Learned,
    suite::CaseVariant,
};

/// The outcome of one case, which is a conversation in a variant.
///
/// It is what `--json` writes of a case, what every report is made of and what a review reads, so it
/// can be read back from a line of JSON:
///
/// ```
/// use rehearsal::{CaseOutcome, Verdict};
///
/// let line = r#"{"event": "case_finished", "case": "hours@downtown", "verdict": "skipped",
///     "reason": "Not built yet", "project": "bistro", "environment": "local", "tags": [],
///     "path": "conversations/hours.yaml", "turns": 1, "plays": []}"#;
/// let outcome: CaseOutcome = serde_json::from_str(line)?;
/// assert_eq!(outcome.verdict, Verdict::Skipped);
/// assert_eq!(outcome.case.conversation(), "hours");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseOutcome {
    /// The case's name.
    pub case: CaseName,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it did not pass or was not played, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The project, by its name in `rehearsal.toml`.
    pub project: String,
    /// The environment it was played in.
    pub environment: String,
    /// The variant's name, where one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The variant's id, as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) variant_id: Option<String>,
    /// The conversation's tags.
    pub tags: Vec<String>,
    /// The conversation's file, relative if the configuration was named so.
    pub path: PathBuf,
    /// How many turns the conversation has; the greeting is none.
    pub turns: usize,
    /// What decides it.
    #[serde(default, skip_serializing_if = "VerdictRule::is_once")]
    pub(crate) rule: VerdictRule,
    /// What is quarantined of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) quarantines: Vec<Quarantine>,
    /// The plays; none where it was skipped.
    pub plays: Vec<Play>,
    /// What several plays taught about turns whose text is new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) learned: Vec<LearnedTurn>,
    /// What was written about its snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<SnapshotWritten>,
    /// The headers that sign its requests; empty where no request can be repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) auth: Vec<Auth>,
    /// What commands about it have to name.
    #[serde(default, skip_serializing_if = "Invocation::is_default")]
    pub(crate) invocation: Invocation,
    /// What else should be known, such as an accepted snapshot that cannot be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What several plays taught about a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedTurn {
    /// The turn.
    pub turn: TurnNumber,
    /// How many answers there were.
    pub plays: usize,
    /// What they have in common.
    pub learned: Learned,
}

/// What was written about a case's snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "path", rename_all = "snake_case")]
pub enum SnapshotWritten {
    /// A pending snapshot, which a person may accept.
    Pending(PathBuf),
    /// A pending snapshot that only follows turns that were added, removed or moved.
    Outdated(PathBuf),
    /// It was accepted at once, because `INSTA_UPDATE` says so.
    Accepted(PathBuf),
}

impl CaseOutcome {
    /// What tells it from every other case: project, environment and name.
    #[must_use]
    #[doc(hidden)]
    pub fn key(&self) -> (&str, &str, &str) {
        (&self.project, &self.environment, self.case.as_str())
    }

    /// Where it was played.
    #[cfg(feature = "reports")]
    #[must_use]
    #[doc(hidden)]
    pub fn place(&self) -> Place {
        Place { project: self.project.clone(), environment: self.environment.clone() }
    }

    /// Whether it was played there.
    #[must_use]
    pub(crate) fn is_in(&self, place: &Place) -> bool {
        self.project == place.project && self.environment == place.environment
    }

    /// The variant, where one was sent.
    #[must_use]
    pub(crate) fn case_variant(&self) -> Option<CaseVariant> {
        let (name, id) = (self.variant.clone()?, self.variant_id.clone()?);
        Some(CaseVariant { name, id })
    }

    /// The play that is shown first: the first that shows more than new answers, else the first
    /// that failed, else that could not be played, else the first.
    #[must_use]
    pub fn shown(&self) -> Option<&Play> {
        let first = |wanted: &dyn Fn(&Play) -> bool| self.plays.iter().find(|play| wanted(play));
        // What no other play can excuse decides the case.
        first(&|play| Standing::of(play, &self.quarantines) == Standing::Unforgivable)
            .or_else(|| first(&Play::shows_more_than_new_text))
            .or_else(|| first(&|play| play.verdict == PlayVerdict::Failed))
            .or_else(|| first(&|play| play.verdict == PlayVerdict::Errored))
            .or_else(|| self.plays.first())
    }

    /// The case as it would be if this had been its only play, for what shows plays one by one.
    #[cfg(feature = "reports")]
    #[must_use]
    pub(crate) fn alone(&self, play: &Play) -> Self {
        let verdict = match play.verdict {
            PlayVerdict::Passed => Verdict::Passed,
            PlayVerdict::Failed => Verdict::Failed,
            PlayVerdict::Errored => Verdict::Errored,
        };
        Self {
            case: self.case.clone(),
            verdict,
            reason: Some(play.reason()).filter(|reason| !reason.is_empty()),
            project: self.project.clone(),
            environment: self.environment.clone(),
            variant: self.variant.clone(),
            variant_id: self.variant_id.clone(),
            tags: self.tags.clone(),
            path: self.path.clone(),
            turns: self.turns,
            rule: VerdictRule::ONCE,
            quarantines: Vec::new(),
            plays: vec![Play { play: 1, ..play.clone() }],
            learned: Vec::new(),
            snapshot: self.snapshot.clone(),
            auth: self.auth.clone(),
            invocation: Invocation { unwritten: None, ..self.invocation.clone() },
            warnings: Vec::new(),
        }
    }

    /// Everything that does not hold, in all plays.
    pub fn mismatches(&self) -> impl Iterator<Item = &Mismatch> {
        self.plays.iter().flat_map(|play| &play.mismatches)
    }

    /// The line of the conversation file, from 1, of the first thing that does not hold or was not
    /// played.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        let play = self.shown()?;
        let mismatches = play.mismatches.iter().filter_map(Mismatch::line);
        let unplayed = play.unanswered.iter().chain(&play.not_reached).map(|turn| turn.line);
        mismatches.chain(unplayed).next()
    }

    /// Whether the run ended before any play of this case was begun.
    #[must_use]
    pub fn never_begun(&self) -> bool {
        !self.plays.is_empty() && self.plays.iter().all(Play::never_begun)
    }

    /// Whether it counts against the run: it failed, or could not be decided.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        match self.verdict {
            Verdict::Failed | Verdict::Errored => true,
            Verdict::Flaky => self.rule.flaky == FlakyCounts::Fail,
            Verdict::Passed | Verdict::Quarantined | Verdict::Skipped => false,
        }
    }

    /// Whether its verdict rests on something that does not hold, whatever that counts.
    #[must_use]
    pub(crate) fn shows_mismatches(&self) -> bool {
        matches!(self.verdict, Verdict::Failed | Verdict::Flaky | Verdict::Quarantined)
    }

    /// Whether it was played, and every play passed.
    pub(crate) fn all_passed(&self) -> bool {
        let passed = |play: &Play| play.verdict == PlayVerdict::Passed;
        !self.plays.is_empty() && self.plays.iter().all(passed)
    }

    /// What each of its plays says about it.
    #[must_use]
    pub(crate) fn standings(&self) -> Vec<Standing> {
        self.plays.iter().map(|play| Standing::of(play, &self.quarantines)).collect()
    }

    /// What follows from its plays by its rule.
    #[must_use]
    pub(crate) fn decision(&self) -> Judgement {
        Judgement::of(&self.rule, &self.standings())
    }

    /// Whether it passed, but a play of it only on a later attempt.
    #[must_use]
    pub fn passed_on_retry(&self) -> bool {
        self.verdict == Verdict::Passed && self.plays.iter().any(|play| play.attempts > 1)
    }

    /// When its first play began; the epoch where it was not played.
    #[must_use]
    pub(crate) fn started(&self) -> Timestamp {
        self.plays.first().map_or(Timestamp::UNIX_EPOCH, |play| play.started)
    }

    /// How long its plays took together.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.plays.iter().map(|play| play.duration).fold(Duration::ZERO, Duration::saturating_add)
    }

    /// How many requests were sent, all plays and attempts together.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.plays.iter().map(|play| play.requests).sum()
    }

    /// Whether accepting the pending snapshot would settle something of it.
    #[must_use]
    pub(crate) fn is_acceptable(&self) -> bool {
        self.mismatches().any(|mismatch| mismatch.kind.is_acceptable())
    }

    /// The pending snapshot that was written, for `rehearsal review` to decide about.
    #[must_use]
    pub fn pending_snapshot(&self) -> Option<&Path> {
        match &self.snapshot {
            Some(SnapshotWritten::Pending(path) | SnapshotWritten::Outdated(path)) => Some(path),
            _ => None,
        }
    }
}
