//! `rehearsal accept` and `rehearsal reject`

use std::process::ExitCode;

use clap::Args;

use super::{
    context::{CliError, Context, stdout_style},
    output::{note, say},
    pending::Pending,
};
use crate::{
    plan::CaseName,
    snapshot::{
        Accepted, Redactor, Store,
        decision::{How, Undecided},
    },
    text::one_line,
};

/// Accepts pending snapshots: what the agent says now is right.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when everything selected was accepted, 1 when a turn could not be \
accepted like that and stays pending, 2 when nothing was decided."
)]
pub(super) struct Accept {
    #[command(flatten)]
    which: Pending,
    /// Only this turn, from 1 (0 is the greeting), of the one case that is selected.
    #[arg(long, value_name = "N")]
    turn: Option<usize>,
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
    which: Pending,
    /// Only this turn, from 1 (0 is the greeting), of the one case that is selected.
    #[arg(long, value_name = "N")]
    turn: Option<usize>,
}

impl Accept {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context, self.turn)?;
        let how = match (self.as_alternative, self.loosen) {
            (true, _) => How::AsAlternative,
            (_, true) => How::Loosened,
            _ => How::Instead,
        };
        let redactor = Redactor::new(&chosen.config.redactions);
        let mut all = true;
        for case in &chosen.cases {
            if how == How::Instead && self.turn.is_none() {
                accept_whole(&chosen.store, case)?;
            } else {
                all &= self.accept_turns(&chosen.store, case, how, &redactor)?;
            }
        }
        Ok(ExitCode::from(u8::from(!all)))
    }

    /// Accepts the turns that are asked for; whether that was possible for each.
    fn accept_turns(
        &self,
        store: &Store,
        case: &CaseName,
        how: How,
        redactor: &Redactor,
    ) -> Result<bool, CliError> {
        let mut pending = store.pending_changes(case)?;
        let changed = || pending.changes().iter().map(|change| change.turn).collect();
        let turns = self.turn.map_or_else(changed, |turn| vec![turn]);
        if turns.is_empty() {
            // Turns were added, moved or removed, and no text is new.
            accept_whole(store, case)?;
            return Ok(true);
        }
        let mut refused = Vec::new();
        let mut accepted = Vec::new();
        for turn in turns {
            match pending.accept_turn(turn, how, redactor) {
                Ok(texts) => accepted.push((turn, texts)),
                Err(reason) => refused.push(reason),
            }
        }
        if !accepted.is_empty() {
            store.accept_turns(case, &pending)?;
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
        let chosen = self.which.choose(context, self.turn)?;
        for case in &chosen.cases {
            let word = stdout_style().good("rejected");
            match self.turn {
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
