//! `rehearsal list`

use std::process::ExitCode;

use clap::Args;

use super::{
    context::{CliError, Context, stdout_style},
    output::say,
    select::Select,
};
use crate::{
    suite,
    text::layout::{WIDTH, count, fill},
};

/// Show the cases that `run` would play.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    select: Select,
}

impl List {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let (config, problems) = context.read_config(self.select.config.as_deref())?;
        let mut cases = suite::plan(&config, &self.select.selection(context)?, problems)?.cases;
        if let Some(says) = self.select.keep_shard(&mut cases)? {
            say(says)?;
        }
        if cases.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        let style = stdout_style();
        let mut out = String::new();
        let width = cases.iter().map(|case| case.name.as_str().chars().count()).max().unwrap_or(0);
        for case in &cases {
            let name = case.name.as_str();
            let cost = match case.conversation.skip {
                Some(_) => "skipped".to_owned(),
                None => count(case.conversation.turns, "turn"),
            };
            out += &format!("{name:<width$}  {}\n", style.dim(cost));
        }
        let played = cases.iter().filter(|case| case.conversation.skip.is_none());
        let turns: usize = played.clone().map(|case| case.conversation.turns).sum();
        let cost = suite::CostRange::of(&cases);
        let mut environments: Vec<&str> =
            cases.iter().map(|case| case.target.environment.name.as_str()).collect();
        environments.sort_unstable();
        environments.dedup();
        let skipped = match cases.len() - played.count() {
            0 => String::new(),
            skipped => format!(" ({skipped} skipped)"),
        };
        let sum = format!(
            "{}{skipped} in {}: {}; {cost}",
            count(cases.len(), "case"),
            environments.join(", "),
            count(turns, "turn"),
        );
        say(format!("{out}\n{}", fill(&sum, WIDTH).join("\n")))?;
        Ok(ExitCode::SUCCESS)
    }
}
