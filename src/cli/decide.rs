//! `rehearsal accept` and `rehearsal reject`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::context::{CliError, Context, stdout_style};
use super::output::say;
use crate::{
    config::Config,
    engine,
    plan::{CaseName, Selection},
    snapshot::{Accepted, Store},
};

/// Which pending snapshots are decided.
#[derive(Debug, Args)]
pub(super) struct Decide {
    /// Only cases whose name contains one of these; all pending ones where there is none.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Take filters as whole names.
    #[arg(long)]
    exact: bool,
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Decide {
    pub fn accept(&self, context: &Context) -> Result<ExitCode, CliError> {
        self.decide(context, "accepted", |store, case| {
            let before = store.accepted(case);
            store.accept(case)?;
            Ok(match before {
                Accepted::Unreadable(_) => ", in place of a snapshot that could not be read",
                Accepted::Missing | Accepted::Entries(_) => "",
            })
        })
    }

    pub fn reject(&self, context: &Context) -> Result<ExitCode, CliError> {
        self.decide(context, "rejected", |store, case| {
            store.reject(case)?;
            Ok("")
        })
    }

    fn decide(
        &self,
        context: &Context,
        word: &str,
        action: impl Fn(&Store, &CaseName) -> Result<&'static str, CliError>,
    ) -> Result<ExitCode, CliError> {
        let config: Config = context.config(self.config.as_deref())?;
        let store = engine::store(&config, &context.vars)?;
        let selection =
            Selection { filters: self.filters.clone(), exact: self.exact, ..Selection::default() };
        let pending = store.pending();
        let chosen: Vec<&CaseName> =
            pending.iter().filter(|case| selection.selects_name(case.as_str())).collect();
        if chosen.is_empty() && !pending.is_empty() {
            let names: Vec<&str> = pending.iter().take(12).map(CaseName::as_str).collect();
            return Err(CliError::Says(format!(
                "no pending snapshot is selected; pending are: {}{}",
                names.join(", "),
                if pending.len() > names.len() { " …" } else { "" }
            )));
        }
        if pending.is_empty() {
            say("nothing is pending")?;
        }
        for case in chosen {
            let note = action(&store, case)?;
            say(format!("{} {case}{note}", stdout_style().good(word)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
