//! Which pending snapshots a command is about.

use std::path::PathBuf;

use clap::Args;

use super::{
    context::{CliError, Context},
    output::say,
    select::not_empty,
};
use crate::{
    config::Config, conversation::CaseName, engine, snapshot::Store, suite::Selection,
    text::layout::shell_word, vars::Vars,
};

/// The flags that select pending snapshots.
#[derive(Debug, Args)]
pub(super) struct PendingArgs {
    /// Only cases whose name contains one of these; all pending ones where there is none.
    #[arg(value_name = "FILTER", value_parser = not_empty)]
    filters: Vec<String>,
    /// Take filters as whole names.
    #[arg(long)]
    exact: bool,
    /// The folder that `run --pending-dir` left them in.
    #[arg(long, value_name = "DIR")]
    pending_dir: Option<PathBuf>,
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The pending cases that are selected, and where their snapshots are.
pub(super) struct Chosen {
    pub config: Config,
    pub store: Store,
    pub cases: Vec<CaseName>,
}

impl PendingArgs {
    /// Finds them, and says so when there are none; a turn is that of one case.
    pub fn choose(&self, context: &Context, turn: Option<usize>) -> Result<Chosen, CliError> {
        let config = context.config(self.config.as_deref())?;
        let store = engine::store(&config, &self.vars(context)?)?;
        let selection = self.selection();
        let pending = store.pending();
        let cases: Vec<CaseName> =
            pending.iter().filter(|case| selection.selects_name(case.as_str())).cloned().collect();
        if pending.is_empty() {
            say("nothing is pending")?;
        } else if cases.is_empty() {
            let what = format!("no pending snapshot is selected; pending are: {}", names(&pending));
            return Err(CliError::Says(what));
        } else if turn.is_some() && cases.len() > 1 {
            let what =
                format!("--turn is for one case, and several are selected: {}", names(&cases));
            return Err(CliError::Says(what));
        }
        Ok(Chosen { config, store, cases })
    }

    /// What the filters select.
    pub fn selection(&self) -> Selection {
        Selection { filters: self.filters.clone(), exact: self.exact, ..Selection::default() }
    }

    /// The process's variables, and where the snapshots are.
    pub fn vars(&self, context: &Context) -> Result<Vars, CliError> {
        context.vars_with_pending_dir(self.pending_dir.as_deref())
    }

    /// The flags that another command needs to find the same snapshots.
    pub fn flags(&self) -> String {
        let flag = |name: &str, path: &Option<PathBuf>| {
            let path = path.as_ref().map(|path| shell_word(&path.to_string_lossy()));
            path.map(|path| format!(" --{name} {path}")).unwrap_or_default()
        };
        flag("pending-dir", &self.pending_dir) + &flag("config", &self.config)
    }
}

fn names(cases: &[CaseName]) -> String {
    let names: Vec<&str> = cases.iter().take(12).map(CaseName::as_str).collect();
    format!("{}{}", names.join(", "), if cases.len() > names.len() { " …" } else { "" })
}
