//! `rehearsal close`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tokio::runtime::Builder;

use super::{
    context::{CliError, Context, stderr_style, stdout_style},
    output::{say, tell},
    select::not_empty,
};
use crate::{
    backend::Closed,
    engine,
    suite::{self, Selection},
};

/// Close conversations that a run could not close.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when all are closed (or unknown to the platform), 3 when one may still\nbe open, 2 when closing could not begin."
)]
pub(super) struct Close {
    /// The ids, as a run listed them.
    #[arg(required = true, value_name = "CONVERSATION_ID", value_parser = not_empty)]
    ids: Vec<String>,
    /// The project that they belong to [env: REHEARSAL_PROJECT].
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    project: Option<String>,
    /// The environment that they belong to [env: REHEARSAL_ENVIRONMENT].
    #[arg(long, value_name = "NAME", value_parser = not_empty)]
    environment: Option<String>,
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Close {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let config = context.config(self.config.as_deref())?;
        let or_var =
            |flag: &Option<String>, name: &'static str| context.flag_or_var(flag.as_ref(), name);
        let selection = Selection {
            project: or_var(&self.project, "REHEARSAL_PROJECT")?,
            environment: or_var(&self.environment, "REHEARSAL_ENVIRONMENT")?,
            ..Selection::default()
        };
        let target = suite::choose(&config, &selection)?;
        let backend = engine::remote(&target, &context.vars)?;
        let runtime =
            Builder::new_multi_thread().enable_all().build().map_err(CliError::Threads)?;
        let mut failed = false;
        for id in &self.ids {
            match runtime.block_on(backend.close(id)) {
                Ok(Closed::Now) => say(format!("{} {id}", stdout_style().good("closed")))?,
                Ok(Closed::OverOrUnknown) => {
                    let word = stdout_style().warning("over  ");
                    say(format!(
                        "{word} {id}  (closed before, or unknown to `{}`)",
                        target.project
                    ))?;
                }
                Err(error) => {
                    failed = true;
                    let what = format!("{id}: {error}");
                    tell("error:", |word| stderr_style().headline(word), &what);
                }
            }
        }
        Ok(ExitCode::from(if failed { 3 } else { 0 }))
    }
}
