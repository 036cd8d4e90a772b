//! The flags that select cases, the same for every command that takes them.

use std::path::PathBuf;

use clap::Args;

use super::context::{CliError, Context};
use crate::{
    suite::{Durations, EMPTY_WORD, Planned, Selection, Shard},
    text::layout::{count, shell_word},
};

/// The flags that select cases.
#[derive(Debug, Args)]
pub(super) struct Select {
    /// Only cases whose name contains one of these, such as `billing` or `@downtown`.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Take filters and --skip as whole names.
    #[arg(long)]
    exact: bool,
    /// Leave out cases whose name contains this; may be given several times.
    #[arg(long, value_name = "FILTER", value_parser = not_empty)]
    skip: Vec<String>,
    /// Only conversations with this tag; may be given several times, one of them is enough.
    #[arg(long, value_name = "TAG", value_parser = not_empty)]
    tag: Vec<String>,
    /// Only conversations of this project [env: REHEARSAL_PROJECT].
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    project: Option<String>,
    /// The environment to play in [env: REHEARSAL_ENVIRONMENT].
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    environment: Option<String>,
    /// Only cases of this variant [env: REHEARSAL_VARIANT].
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    variant: Option<String>,
    /// Only the K-th of N parts of the selection, for one of N machines; each case is in exactly one.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// With --shard: the --json output of an earlier run, to balance the parts by duration.
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub durations: Option<PathBuf>,
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Takes the value of a flag. With an empty one, which is what a variable of the shell that is not
/// set makes of it, the flag would select something else than was meant.
pub(super) fn not_empty(value: &str) -> Result<String, &'static str> {
    if value.is_empty() { Err(EMPTY_WORD) } else { Ok(value.to_owned()) }
}

impl Select {
    /// The flags as they would be typed again, but for environment and configuration; each with a
    /// space before it.
    pub fn words(&self) -> String {
        let mut words = String::new();
        for (flag, values) in [("--skip", &self.skip), ("--tag", &self.tag)] {
            words.extend(values.iter().map(|value| format!(" {flag} {}", shell_word(value))));
        }
        for (flag, value) in [("--project", &self.project), ("--variant", &self.variant)] {
            words.extend(value.iter().map(|value| format!(" {flag} {}", shell_word(value))));
        }
        if self.exact {
            words += " --exact";
        }
        if self.filters.iter().any(|filter| filter.starts_with('-')) {
            words += " --";
        }
        words.extend(self.filters.iter().map(|filter| format!(" {}", shell_word(filter))));
        words
    }

    /// The selection, with what the flags leave open taken from `REHEARSAL_*` variables.
    pub fn selection(&self, context: &Context) -> Result<Selection, CliError> {
        let selection = Selection {
            filters: self.filters.clone(),
            exact: self.exact,
            skip: self.skip.clone(),
            tags: self.tag.clone(),
            project: self.project.clone(),
            environment: self.environment.clone(),
            variant: self.variant.clone(),
        };
        Ok(selection.or_vars(&context.vars)?)
    }

    /// Leaves the cases of the shard, where one is asked for. A sentence, where it leaves none to
    /// play of a selection that has some: they are played elsewhere, and that is no failure.
    pub fn keep_shard(&self, cases: &mut Vec<Planned>) -> Result<Option<String>, CliError> {
        let Some(shard) = self.shard else { return Ok(None) };
        let read = |path: &PathBuf| {
            Durations::read(path)
                .map_err(|error| CliError::Says(format!("--durations {}: {error}", path.display())))
        };
        let durations = self.durations.as_ref().map(read).transpose()?;
        let to_play = |cases: &[Planned]| {
            cases.iter().filter(|case| case.conversation.skip.is_none()).count()
        };
        let all = to_play(cases);
        shard.keep(cases, durations.as_ref());
        let all_are_elsewhere = all > 0 && to_play(cases) == 0;
        Ok(all_are_elsewhere.then(|| {
            let verb = if all == 1 { "is" } else { "are" };
            let all = count(all, "selected case");
            format!("nothing to play in shard {shard}: the {all} {verb} in others")
        }))
    }
}
