//! `rehearsal check`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::context::{
    CliError, Context, count_mistakes, print_mistakes, stderr_style, stdout_style,
};
use super::output::{note, say};
use crate::{
    audit::{self, Audit},
    engine,
    snapshot::mode::is_ci,
    text::layout::count,
};

/// Reads everything offline and reports every mistake.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when there is no mistake, 2 otherwise. Warnings do not count, except that in CI \
a snapshot without a conversation is a mistake."
)]
pub(super) struct Check {
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Check {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let (config, problems) = context.read_config(self.config.as_deref())?;
        let store = engine::store(&config, &context.vars)?;
        let Audit { problems, conversations, snapshots, agents, pending } =
            audit::audit(&config, problems, &store, is_ci(&context.vars));
        let wrong = problems.has_errors();
        let mistakes = problems.into_sorted();
        print_mistakes(&mistakes, stderr_style());
        if pending > 0 {
            say(format!("{} pending: rehearsal accept, or reject", count(pending, "snapshot")))?;
        }
        if wrong {
            note(format!("{}: {}", stderr_style().headline("error"), count_mistakes(&mistakes)));
            return Ok(ExitCode::from(2));
        }
        let read = [
            count(conversations, "conversation"),
            count(snapshots, "snapshot"),
            count(agents, "agent"),
        ];
        say(format!("{}: {} read, no mistake", stdout_style().good("ok"), read.join(", ")))?;
        Ok(ExitCode::SUCCESS)
    }
}
