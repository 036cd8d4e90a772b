//! Several runs as one: the shards of several machines, the processes of one nextest run.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{
    CaseRecord, RunFacts, RunRecord, Summary, latency::of_milliseconds, shards, stream::Stream,
};
use crate::{
    replay::OpenConversation,
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
pub fn join(streams: Vec<Stream>) -> (RunRecord, Vec<String>) {
    let mut notes = shards::notes(&streams);
    let mut summary = Summary { interrupted: !notes.is_empty(), ..Summary::default() };
    let (facts, duration) = (facts(&streams), duration(&streams));
    let mut expected = 0;
    let mut cases: Vec<Arc<CaseRecord>> = Vec::new();
    for stream in streams {
        expected += stream.facts.cases.max(stream.cases.len());
        end(&stream, &mut summary);
        if let Some(note) = cut_off(&stream) {
            notes.push(note);
            summary.interrupted = true;
        }
        cases.extend(stream.cases);
    }
    let all = cases.len();
    let cases = latest(cases, &mut notes);
    cases.iter().for_each(|case| summary.add(case));
    summary.duration_ms = duration;
    summary.halted = summary.halted.filter(|reasons| !reasons.is_empty());
    let facts = RunFacts { cases: expected - (all - cases.len()), ..facts };
    (RunRecord::new(facts, cases, summary), notes)
}

/// Adds what a run said in the end, or what can be told in its place.
fn end(stream: &Stream, summary: &mut Summary) {
    match &stream.end {
        Some(end) => {
            let sent: usize = stream.cases.iter().map(|case| case.requests).sum();
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
            let open = stream.cases.iter().filter(|case| case.maybe_open);
            summary.maybe_open.extend(open.filter_map(|case| {
                Some(OpenConversation {
                    project: case.project.clone(),
                    environment: case.environment.clone(),
                    conversation_id: case.conversation_id.clone()?,
                })
            }));
        }
    }
}

fn cut_off(stream: &Stream) -> Option<String> {
    let missing = stream.facts.cases.saturating_sub(stream.cases.len());
    let path = one_line(&stream.path.display().to_string());
    let mut note = match (&stream.end, missing) {
        (Some(_), 0) => return None,
        (Some(_), _) => format!("{path}: {} of this run is missing", count(missing, "case")),
        (None, _) => format!(
            "{path}: this run was killed; nothing is known of {missing} of its {}",
            count(stream.facts.cases, "case")
        ),
    };
    if !stream.playing.is_empty() {
        let names = stream.playing.iter().take(MOST_NAMED).map(|case| brief(case.as_str(), 60));
        let names = names.collect::<Vec<_>>().join(", ");
        let more = if stream.playing.len() > MOST_NAMED { ", …" } else { "" };
        note += &format!(" (it was playing {names}{more}: these conversations may be open)");
    }
    Some(note)
}

/// Takes the earlier ones of a case that is there several times out.
fn latest(mut cases: Vec<Arc<CaseRecord>>, notes: &mut Vec<String>) -> Vec<Arc<CaseRecord>> {
    cases.sort_by(|a, b| a.key().cmp(&b.key()).then(b.started.cmp(&a.started)));
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

fn facts(streams: &[Stream]) -> RunFacts {
    let all = || streams.iter().map(|stream| &stream.facts);
    let environments: BTreeSet<&String> = all().flat_map(|facts| &facts.environments).collect();
    RunFacts {
        started: all().map(|facts| facts.started).min().unwrap_or_default(),
        cases: 0,
        environments: environments.into_iter().cloned().collect(),
        concurrency: all().map(|facts| facts.concurrency).max().unwrap_or(0),
        attempts: all().map(|facts| facts.attempts).max().unwrap_or(0),
        shard: None,
        selected: None,
        selection: None,
    }
}

/// From the first beginning to the last end, in milliseconds.
fn duration(streams: &[Stream]) -> u64 {
    let first = streams.iter().map(|stream| stream.facts.started).min();
    let last = streams.iter().map(stream_end).max();
    let between = first.zip(last).map(|(first, last)| last.duration_since(first).as_millis());
    between.and_then(|between| u64::try_from(between).ok()).unwrap_or(0)
}

fn stream_end(stream: &Stream) -> Timestamp {
    let after = |start: Timestamp, milliseconds: f64| {
        let duration = SignedDuration::try_from(of_milliseconds(milliseconds)).unwrap_or_default();
        start.checked_add(duration).unwrap_or(start)
    };
    match &stream.end {
        Some(end) => after(stream.facts.started, end.duration_ms as f64),
        None => {
            let ends = stream.cases.iter().map(|case| after(case.started, case.duration_ms));
            ends.max().unwrap_or(stream.facts.started)
        }
    }
}
