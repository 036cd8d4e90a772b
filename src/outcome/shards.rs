//! Whether the shards that are joined are all there, and are shards of the same selection.
//!
//! Shards are told apart by the selection before it was divided (its digest and environments, in
//! `run_started`), not by their cases: a shard may be empty.

use std::collections::{BTreeMap, BTreeSet};

use super::{RunInfo, read::RecordedRun};
use crate::{
    conversation::CaseName,
    text::{
        layout::{brief, count},
        one_line,
    },
};

/// What the shards of one run have in common: the selection before it was divided, and into how
/// many it was. What a shard itself holds, such as its environments, differs from shard to shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ShardGroup<'a> {
    environments: &'a [String],
    of: usize,
    selection: Option<&'a str>,
}

/// The shards of one run that are there.
#[derive(Debug, Default)]
struct Shards<'a> {
    numbers: BTreeSet<usize>,
    /// How many cases were selected.
    selected: usize,
    /// Project, environment and name of every case that is in one of them.
    cases: BTreeSet<(&'a str, &'a str, &'a str)>,
}

/// What keeps these shards from being whole runs, a sentence each.
pub(super) fn notes(recorded: &[RecordedRun]) -> Vec<String> {
    let runs = runs(recorded);
    let mut notes: Vec<String> =
        runs.iter().filter_map(|(key, shards)| missing(key, shards)).collect();
    notes.extend(runs.iter().filter_map(|(key, shards)| cut_differently(key, shards)));
    if !notes.is_empty() {
        notes.extend(selected_differently(&runs));
    }
    notes
}

fn runs(recorded: &[RecordedRun]) -> BTreeMap<ShardGroup<'_>, Shards<'_>> {
    let mut runs: BTreeMap<ShardGroup<'_>, Shards<'_>> = BTreeMap::new();
    for one in recorded {
        let Some((number, of)) = shard_of(&one.run) else { continue };
        let RunInfo { environments, selection, selected, .. } = &one.run;
        let key = ShardGroup { environments, of, selection: selection.as_deref() };
        let shards = runs.entry(key).or_default();
        shards.numbers.insert(number);
        shards.selected = selected.unwrap_or(0).max(shards.selected);
        shards.cases.extend(one.cases.iter().map(|case| case.key()));
        shards.cases.extend(one.playing.iter().map(CaseName::as_str).map(|case| ("", "", case)));
    }
    runs
}

/// The number of a shard and of how many there are.
fn shard_of(run: &RunInfo) -> Option<(usize, usize)> {
    let (number, of) = run.shard.as_deref()?.split_once('/')?;
    Some((number.parse().ok()?, of.parse().ok()?))
}

/// Shards such as `2/5` of which not all five are there.
fn missing(key: &ShardGroup<'_>, shards: &Shards<'_>) -> Option<String> {
    let missing: Vec<String> = (1..=key.of)
        .filter(|number| !shards.numbers.contains(number))
        .map(|number| format!("{number}/{}", key.of))
        .collect();
    let environments = one_line(&key.environments.join(", "));
    let names = brief(&missing.join(", "), 200);
    (!missing.is_empty())
        .then(|| format!("a part of the run in {environments} is missing: {names}"))
}

/// Shards that do not hold everything that was selected, because the machines did not cut it in
/// the same way.
fn cut_differently(key: &ShardGroup<'_>, shards: &Shards<'_>) -> Option<String> {
    let selected = shards.selected;
    let lost = selected.checked_sub(shards.cases.len()).filter(|lost| *lost > 0)?;
    Some(format!(
        "{} of {selected} in {} is in no part: the machines must select the same, with the same --durations or none",
        count(lost, "case"),
        one_line(&key.environments.join(", ")),
    ))
}

/// Shards that look as if they were of one run and are not.
fn selected_differently(runs: &BTreeMap<ShardGroup<'_>, Shards<'_>>) -> Option<String> {
    let mut sizes: BTreeMap<(&[String], usize), Vec<String>> = BTreeMap::new();
    let parts = runs.iter().filter(|(key, shards)| shards.numbers.len() < key.of);
    for (key, shards) in parts.filter(|(key, _)| key.selection.is_some()) {
        let sizes = sizes.entry((key.environments, key.of)).or_default();
        sizes.push(count(shards.selected, "case"));
    }
    let sizes = sizes.into_values().find(|sizes| sizes.len() > 1)?;
    Some(format!(
        "these are parts of different selections ({}): every machine must select the same cases",
        brief(&sizes.join(", "), 100)
    ))
}
