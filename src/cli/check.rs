//! `rehearsal check`

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;

use super::context::{
    CliError, Context, count_mistakes, print_mistakes, stderr_style, stdout_style,
};
use super::output::{note, say};
use crate::{
    audit::{self, Audit, Unreferenced},
    engine,
    snapshot::mode::is_ci,
    source::Severity,
    text::{layout::count, one_line},
};

/// Read everything offline and report every mistake.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when there is no mistake, 2 otherwise. Warnings do not count, except that in CI \
a snapshot without a conversation is a mistake."
)]
pub(super) struct Check {
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Remove the snapshots that no conversation uses, and list them.
    #[arg(long)]
    remove_unreferenced: bool,
}

impl Check {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let (config, problems) = context.read_config(self.config.as_deref())?;
        let store = engine::store(&config, &context.vars)?;
        let in_ci = is_ci(&context.vars);
        if self.remove_unreferenced && in_ci {
            return Err(CliError::Says(
                "snapshots are not removed in CI; run this on your machine".to_owned(),
            ));
        }
        let severity = if in_ci { Severity::Error } else { Severity::Warning };
        let audit = audit::audit(&config, problems, &store, severity);
        let (wrong, unreferenced) = (audit.problems.has_errors(), audit.unreferenced);
        let Audit { conversations, snapshots, agents, pending, .. } = audit;
        let mistakes = audit.problems.into_sorted();
        print_mistakes(&mistakes, stderr_style());
        if self.remove_unreferenced {
            remove(&unreferenced, wrong)?;
        }
        let pending = if self.remove_unreferenced { store.pending().len() } else { pending };
        if pending > 0 {
            say(format!(
                "{} pending: rehearsal review, accept, reject",
                count(pending, "snapshot")
            ))?;
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

/// Removes what no conversation uses, except for what can be kept under another name.
fn remove(unreferenced: &[Unreferenced], wrong: bool) -> Result<(), CliError> {
    if wrong && unreferenced.is_empty() {
        note(
            "nothing is removed while there are mistakes: a conversation that cannot be read may use it",
        );
        return Ok(());
    }
    for one in unreferenced {
        let shown = one_line(&one.shown.display().to_string());
        match &one.rename_to {
            Some(_) => note(format!("{} {shown}, to be renamed", stderr_style().warning("kept"))),
            None => {
                fs::remove_file(&one.path)
                    .map_err(|source| CliError::Remove { path: one.shown.clone(), source })?;
                say(format!("{} {shown}", stdout_style().good("removed")))?;
            }
        }
    }
    Ok(())
}
