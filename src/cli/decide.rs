//! `rehearsal accept` and `rehearsal reject`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::context::{CliError, Context, stdout_style};
use super::output::{note, say};
use crate::{
    config::Config,
    engine,
    plan::{CaseName, Selection},
    snapshot::{
        Accepted, Redactor, Store,
        decision::{How, Pending, Undecided},
    },
    text::one_line,
};

/// Which pending snapshots are decided.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only cases whose name contains one of these; all pending ones where there is none.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// Take filters as whole names.
    #[arg(long)]
    exact: bool,
    /// Only this turn, from 1 (0 is the greeting), of the one case that is selected.
    #[arg(long, value_name = "N")]
    turn: Option<usize>,
    /// The folder that `run --pending-dir` left them in.
    #[arg(long, value_name = "DIR")]
    pending_dir: Option<PathBuf>,
    /// The configuration [default: rehearsal.toml in this folder or the nearest above it].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Accepts pending snapshots: what the agent says now is right.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when everything selected was accepted, 1 when a turn could not be \
accepted like that and stays pending, 2 when nothing was decided."
)]
pub(super) struct Accept {
    #[command(flatten)]
    which: Which,
    /// Accept the new answers beside the ones that were accepted before.
    #[arg(long, conflicts_with = "loosen")]
    as_alternative: bool,
    /// Accept what the new and the accepted answer have in common, with placeholders for the rest.
    #[arg(long)]
    loosen: bool,
}

/// Removes pending snapshots: what was accepted before stays right.
#[derive(Debug, Args)]
pub(super) struct Reject {
    #[command(flatten)]
    which: Which,
}

impl Accept {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context)?;
        let how = match (self.as_alternative, self.loosen) {
            (true, _) => How::AsAlternative,
            (_, true) => How::Loosened,
            _ => How::Instead,
        };
        let mut all = true;
        for case in &chosen.cases {
            if how == How::Instead && self.which.turn.is_none() {
                accept_whole(&chosen.store, case)?;
            } else {
                all &= self.accept_turns(&chosen, case, how)?;
            }
        }
        Ok(ExitCode::from(u8::from(!all)))
    }

    /// Accepts the turns that are asked for; whether that was possible for each.
    fn accept_turns(&self, chosen: &Chosen, case: &CaseName, how: How) -> Result<bool, CliError> {
        let mut pending = chosen.store.pending_changes(case)?;
        let turns = self.which.turns(&pending);
        if turns.is_empty() {
            // Turns were added, moved or removed, and no text is new.
            accept_whole(&chosen.store, case)?;
            return Ok(true);
        }
        let mut refused = Vec::new();
        let mut accepted = Vec::new();
        for turn in turns {
            match pending.accept_turn(turn, how, &chosen.redactor) {
                Ok(texts) => accepted.push((turn, texts)),
                Err(reason) => refused.push(reason),
            }
        }
        if !accepted.is_empty() {
            chosen.store.accept_turns(case, &pending)?;
        }
        for (turn, texts) in &accepted {
            say(format!("{} {case}, turn {turn}", stdout_style().good("accepted")))?;
            for text in texts {
                say(format!("  {}", one_line(text)))?;
            }
        }
        for reason in &refused {
            note(format!("{} {case}: {reason}", stdout_style().headline("left")));
        }
        Ok(refused.is_empty())
    }
}

impl Reject {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context)?;
        for case in &chosen.cases {
            let word = stdout_style().good("rejected");
            match self.which.turn {
                None => {
                    chosen.store.reject(case)?;
                    say(format!("{word} {case}"))?;
                }
                Some(turn) => {
                    reject_turn(&chosen.store, case, turn)?;
                    say(format!("{word} {case}, turn {turn}"))?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn accept_whole(store: &Store, case: &CaseName) -> Result<(), CliError> {
    let before = store.accepted(case);
    store.accept(case)?;
    let note = match before {
        Accepted::Unreadable(_) => ", in place of a snapshot that could not be read",
        Accepted::Missing | Accepted::Entries(_) => "",
    };
    say(format!("{} {case}{note}", stdout_style().good("accepted")))
}

fn reject_turn(store: &Store, case: &CaseName, turn: usize) -> Result<(), CliError> {
    let mut pending = store.pending_changes(case)?;
    pending.reject_turn(turn).map_err(|reason: Undecided| CliError::Says(reason.to_string()))?;
    Ok(store.reject_turns(case, &pending)?)
}

/// The pending cases that are selected, and where their snapshots are.
struct Chosen {
    store: Store,
    redactor: Redactor,
    cases: Vec<CaseName>,
}

impl Which {
    fn choose(&self, context: &Context) -> Result<Chosen, CliError> {
        let config: Config = context.config(self.config.as_deref())?;
        let vars = context.vars_with_pending_dir(self.pending_dir.as_deref())?;
        let store = engine::store(&config, &vars)?;
        let selection =
            Selection { filters: self.filters.clone(), exact: self.exact, ..Selection::default() };
        let pending = store.pending();
        let cases: Vec<CaseName> =
            pending.iter().filter(|case| selection.selects_name(case.as_str())).cloned().collect();
        if pending.is_empty() {
            say("nothing is pending")?;
        } else if cases.is_empty() {
            let what = format!("no pending snapshot is selected; pending are: {}", names(&pending));
            return Err(CliError::Says(what));
        } else if self.turn.is_some() && cases.len() > 1 {
            let what =
                format!("--turn is for one case, and several are selected: {}", names(&cases));
            return Err(CliError::Says(what));
        }
        Ok(Chosen { store, redactor: Redactor::new(&config.redactions), cases })
    }

    /// The turn that is asked for, else all that changed.
    fn turns(&self, pending: &Pending) -> Vec<usize> {
        match self.turn {
            Some(turn) => vec![turn],
            None => pending.changes().iter().map(|change| change.turn).collect(),
        }
    }
}

fn names(cases: &[CaseName]) -> String {
    let names: Vec<&str> = cases.iter().take(12).map(CaseName::as_str).collect();
    format!("{}{}", names.join(", "), if cases.len() > names.len() { " …" } else { "" })
}
