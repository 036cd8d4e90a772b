//! Several runs as one: the shards of several machines, the processes of one nextest run.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{CaseOutcome, RunInfo, RunOutcome, Summary, read::RecordedRun, shards};
use crate::{
    player::OpenConversation,
    text::{
        layout::{brief, count},
        one_line,
    },
};

/// How many cases are named in a note.
const MOST_NAMED: usize = 5;

/// Several runs as one, and what should be known of how they were joined, a line each.
///
/// Of a case that was played several times in an environment, the later time counts. A run that
/// was killed, and a shard that is missing, make the whole count as interrupted.
#[must_use]
pub fn join(runs: Vec<RecordedRun>) -> (RunOutcome, Vec<String>) {
    let mut notes = shards::notes(&runs);
    let mut summary = Summary { interrupted: !notes.is_empty(), ..Summary::default() };
    let (run, duration) = (run_info(&runs), duration(&runs));
    let mut expected = 0;
    let mut cases: Vec<Arc<CaseOutcome>> = Vec::new();
    for recorded in runs {
        expected += recorded.run.cases.max(recorded.cases.len());
        end(&recorded, &mut summary);
        if let Some(note) = cut_off(&recorded) {
            notes.push(note);
            summary.interrupted = true;
        }
        cases.extend(recorded.cases);
    }
    let all = cases.len();
    let cases = latest(cases, &mut notes);
    cases.iter().for_each(|case| summary.add(case));
    summary.duration_ms = duration;
    summary.halted = summary.halted.filter(|reasons| !reasons.is_empty());
    let run = RunInfo { cases: expected - (all - cases.len()), ..run };
    (RunOutcome::new(run, cases, summary), notes)
}

/// Adds what a run said in the end, or what can be told in its place.
fn end(recorded: &RecordedRun, summary: &mut Summary) {
    match &recorded.end {
        Some(end) => {
            let sent: usize = recorded.cases.iter().map(|case| case.requests()).sum();
            summary.requests += end.requests.saturating_sub(sent);
            summary.interrupted |= end.interrupted;
            summary.maybe_open.extend(end.maybe_open.iter().cloned());
            let halted = summary.halted.get_or_insert_default();
            if let Some(reason) = end.halted.as_ref().filter(|reason| !halted.contains(*reason)) {
                *halted += &format!("{}{reason}", if halted.is_empty() { "" } else { "; " });
            }
        }
        None => {
            summary.interrupted = true;
            summary.maybe_open.extend(recorded.cases.iter().flat_map(|case| maybe_open(case)));
        }
    }
}

/// The conversations of a case that could not be closed when it ended.
fn maybe_open(case: &CaseOutcome) -> impl Iterator<Item = OpenConversation> {
    let open = case.plays.iter().filter(|play| play.maybe_open.is_some());
    open.filter_map(|play| {
        Some(OpenConversation {
            project: case.project.clone(),
            environment: case.environment.clone(),
            conversation_id: play.conversation_id.clone()?,
        })
    })
}

fn cut_off(recorded: &RecordedRun) -> Option<String> {
    let missing = recorded.run.cases.saturating_sub(recorded.cases.len());
    let path = one_line(&recorded.path.display().to_string());
    let mut note = match (&recorded.end, missing) {
        (Some(_), 0) => return None,
        (Some(_), _) => format!("{path}: {} of this run is missing", count(missing, "case")),
        (None, _) => format!(
            "{path}: this run was killed; nothing is known of {missing} of its {}",
            count(recorded.run.cases, "case")
        ),
    };
    if !recorded.playing.is_empty() {
        let names = recorded.playing.iter().take(MOST_NAMED).map(|case| brief(case.as_str(), 60));
        let names = names.collect::<Vec<_>>().join(", ");
        let more = if recorded.playing.len() > MOST_NAMED { ", …" } else { "" };
        note += &format!(" (it was playing {names}{more}: these conversations may be open)");
    }
    Some(note)
}

/// Takes the earlier ones of a case that is there several times out.
fn latest(mut cases: Vec<Arc<CaseOutcome>>, notes: &mut Vec<String>) -> Vec<Arc<CaseOutcome>> {
    cases.sort_by(|a, b| a.key().cmp(&b.key()).then(b.started().cmp(&a.started())));
    let mut twice = BTreeSet::new();
    cases.dedup_by(|earlier, later| {
        let same = earlier.key() == later.key();
        if same {
            twice.insert(format!("{} in {}", brief(later.case.as_str(), 60), later.environment));
        }
        same
    });
    if !twice.is_empty() {
        let names = twice.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if twice.len() > MOST_NAMED { ", …" } else { "" };
        notes.push(format!(
            "{} played more than once, and the later time counts: {}{more}",
            if twice.len() == 1 {
                "1 case was".to_owned()
            } else {
                format!("{} cases were", twice.len())
            },
            one_line(&names)
        ));
    }
    cases
}

fn run_info(runs: &[RecordedRun]) -> RunInfo {
    let all = || runs.iter().map(|recorded| &recorded.run);
    let environments: BTreeSet<&String> = all().flat_map(|run| &run.environments).collect();
    RunInfo {
        started: all().map(|run| run.started).min().unwrap_or_default(),
        cases: 0,
        environments: environments.into_iter().cloned().collect(),
        concurrency: all().map(|run| run.concurrency).max().unwrap_or(0),
        attempts: all().map(|run| run.attempts).max().unwrap_or(0),
        shard: None,
        selected: None,
        selection: None,
    }
}

/// From the first beginning to the last end, in milliseconds.
fn duration(runs: &[RecordedRun]) -> u64 {
    let first = runs.iter().map(|recorded| recorded.run.started).min();
    let last = runs.iter().map(end_of).max();
    let between = first.zip(last).map(|(first, last)| last.duration_since(first).as_millis());
    between.and_then(|between| u64::try_from(between).ok()).unwrap_or(0)
}

fn end_of(recorded: &RecordedRun) -> Timestamp {
    let after = |start: Timestamp, duration: Duration| {
        let duration = SignedDuration::try_from(duration).unwrap_or_default();
        start.checked_add(duration).unwrap_or(start)
    };
    match &recorded.end {
        Some(end) => after(recorded.run.started, Duration::from_millis(end.duration_ms)),
        None => {
            let plays = recorded.cases.iter().flat_map(|case| &case.plays);
            let ends = plays.map(|play| after(play.started, play.duration));
            ends.max().unwrap_or(recorded.run.started)
        }
    }
}
