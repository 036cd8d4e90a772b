//! `rehearsal list`

use std::process::ExitCode;

use clap::Args;

use super::{
    context::{CliError, Context, stdout_style},
    output::say,
    select::Select,
};
use crate::{
    config::Config,
    conversation::quarantine::day,
    suite::{self, Planned},
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
            let line = format!("{name:<width$}  {}", style.dim(about(case, &config)));
            out += &format!("{}\n", line.trim_end());
        }
        let played = cases.iter().filter(|case| case.conversation.skip.is_none());
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
            "{}{skipped} in {}: {cost}",
            count(cases.len(), "case"),
            environments.join(", "),
        );
        say(format!("{out}\n{}", fill(&sum, WIDTH).join("\n")))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What playing a case takes, and what is special about how it is decided.
fn about(case: &Planned, config: &Config) -> String {
    let (conversation, rule) = (&case.conversation, &case.rule);
    if conversation.skip.is_some() {
        return "skipped".to_owned();
    }
    let mut about = vec![count(conversation.turns, "turn")];
    if rule.plays > 1 {
        about.push(format!("{} of {} plays", rule.pass, rule.plays));
    }
    about.extend(conversation.quarantines.iter().map(|one| {
        let turn = one.turn.map(|turn| format!("{turn} ")).unwrap_or_default();
        format!("{turn}quarantined until {}", day(one.until, config.today))
    }));
    about.join(", ")
}
