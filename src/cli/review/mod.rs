//! `rehearsal review`

mod interactive;
mod keys;
mod web;

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use clap::Args;

use super::{
    context::{CliError, Context, stdout_style},
    output::say,
    pending::PendingArgs,
};
use crate::{
    conversation::CaseName,
    engine,
    outcome::memory::Memory,
    review::{Session, render},
    snapshot::Redactor,
    text::{
        layout::{WIDTH, count, fill},
        one_line,
    },
};

/// Review pending snapshots: accept or reject each change, shown in its conversation.
///
/// At a terminal, keys decide; elsewhere the changes are printed with the commands that decide
/// them. Every decision is written when it is made.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 when nothing is pending at the end; 1 when \
something is; 2 when it cannot be shown.")]
pub(super) struct Review {
    #[command(flatten)]
    which: PendingArgs,
    /// Print the changes, also at a terminal.
    #[arg(long)]
    print: bool,
    /// Review in a browser, on a page served on this machine only.
    #[arg(long, conflicts_with = "print")]
    web: bool,
    /// With --web: the port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 0, requires = "web", hide_default_value = true)]
    port: u16,
}

impl Review {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context, None)?;
        let failed = engine::memory(&chosen.config, &self.which.vars(context)?)?;
        if chosen.cases.is_empty() {
            self.not_for_snapshots(&failed)?;
            return Ok(ExitCode::SUCCESS);
        }
        let redactor = Redactor::new(&chosen.config.redactions);
        let mut session = Session::open(chosen.store, failed.clone(), redactor, &chosen.cases);
        if self.web {
            let selection = self.which.selection();
            let selects = move |case: &CaseName| selection.selects_name(case.as_str());
            let left = web::decide(session, selects, self.port)?;
            self.not_for_snapshots(&failed)?;
            return Ok(ExitCode::from(u8::from(left)));
        }
        let at_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        if self.print || !at_terminal {
            self.printed(&session)?;
        } else {
            interactive::decide(&mut session)?;
        }
        self.not_for_snapshots(&failed)?;
        let left = session.open_items() > 0 || !session.unreadable().is_empty();
        Ok(ExitCode::from(u8::from(left)))
    }

    /// Says of the cases that failed last what accepting all of it would leave.
    fn not_for_snapshots(&self, failed: &Memory) -> Result<(), CliError> {
        let selection = self.which.selection();
        let mut records = failed.all();
        records.retain(|record| selection.selects_name(record.case.as_str()));
        match render::not_for_snapshots(&records, stdout_style()) {
            Some(text) => say(format!("\n{text}")),
            None => Ok(()),
        }
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
        let any_before = items.iter().any(|item| item.what.has_accepted());
        let how: &[&str] = if any_before { &["", " --loosen", " --as-alternative"] } else { &[""] };
        how.iter().try_for_each(|how| say(format!("  rehearsal accept{flags}{how}")))?;
        match items.iter().filter(|item| item.answers.disagree()).count() {
            0 => Ok(()),
            left => say(format!(
                "That leaves {} whose plays gave several answers.",
                count(left, "change")
            )),
        }
    }
}

/// Names the snapshots that cannot be decided.
fn unreadable(session: &Session) -> Result<(), CliError> {
    for (case, error) in session.unreadable() {
        let lines = fill(&error.to_string(), WIDTH - 2).join("\n  ");
        say(format!("{}\n  {lines}\n", stdout_style().strong(one_line(case.as_str()))))?;
    }
    Ok(())
}
