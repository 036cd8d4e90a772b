//! `rehearsal review`

mod interactive;
mod web;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use clap::Args;

use super::{
    context::{CliError, Context, stdout_style},
    output::say,
    pending::{Chosen, Pending},
};
use crate::{
    engine,
    plan::CaseName,
    review::{Session, What, render},
    snapshot::Redactor,
    text::layout::count,
};

/// Shows what is pending, each change in its conversation, and takes decisions.
///
/// At a terminal, keys decide; elsewhere the changes are printed with the commands that decide
/// them. Every decision is written when it is made.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 when nothing is pending, or nothing any more; 1 when \
something is; 2 when it cannot be shown.")]
pub(super) struct Review {
    #[command(flatten)]
    which: Pending,
    /// Print the changes although this is a terminal.
    #[arg(long)]
    print: bool,
    /// Show them on a page in a browser, served on this machine alone.
    #[arg(long, conflicts_with = "print")]
    web: bool,
    /// With --web: the port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 0, requires = "web", hide_default_value = true)]
    port: u16,
}

impl Review {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context, None)?;
        if chosen.cases.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        let mut session = self.session(context, chosen)?;
        if self.web {
            let selection = self.which.selection();
            let selects = move |case: &CaseName| selection.selects_name(case.as_str());
            let left = web::decide(session, selects, self.port)?;
            return Ok(ExitCode::from(u8::from(left)));
        }
        let at_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        if self.print || !at_terminal {
            self.printed(&session)?;
        } else {
            interactive::decide(&mut session)?;
        }
        let left = session.open_items() > 0 || !session.unreadable().is_empty();
        Ok(ExitCode::from(u8::from(left)))
    }

    fn session(&self, context: &Context, chosen: Chosen) -> Result<Session, CliError> {
        let vars = self.which.vars(context)?;
        let failed = engine::failed_cases(&chosen.config, &vars)?;
        let redactor = Redactor::new(&chosen.config.redactions);
        Ok(Session::open(chosen.store, failed, redactor, &chosen.cases))
    }

    /// The changes and the commands that decide them.
    fn printed(&self, session: &Session) -> Result<(), CliError> {
        let style = stdout_style();
        let flags = self.which.flags();
        for group in session.groups() {
            say(render::listed(session, group, &flags, style))?;
        }
        unreadable(session)?;
        let items = session.items();
        let mut cases: Vec<_> = items.iter().map(|item| &item.case).collect();
        cases.dedup();
        let (changes, cases) = (count(items.len(), "change"), count(cases.len(), "conversation"));
        say(format!("{} in {cases} to decide. All at once:", style.strong(changes)))?;
        // A first answer has nothing beside which it could be kept.
        let before =
            |what: &What| matches!(what, What::Text(change) if !change.accepted.is_empty());
        let any_before = items.iter().any(|item| before(&item.what));
        let how: &[&str] = if any_before { &["", " --loosen", " --as-alternative"] } else { &[""] };
        how.iter().try_for_each(|how| say(format!("  rehearsal accept{flags}{how}")))
    }
}

/// Names the snapshots that cannot be decided.
fn unreadable(session: &Session) -> Result<(), CliError> {
    for (case, error) in session.unreadable() {
        say(format!("{}\n  {error}\n", stdout_style().strong(case)))?;
    }
    Ok(())
}
