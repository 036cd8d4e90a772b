//! `rehearsal review`

use std::process::ExitCode;

use clap::Args;

use super::{
    context::{CliError, Context, stdout_style},
    output::say,
    pending::Pending,
};
use crate::{report::pending, text::layout::count};

/// Shows what is pending: each change once, with everywhere it occurs.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 when nothing is pending, 1 when something is, 2 when it \
cannot be shown.")]
pub(super) struct Review {
    #[command(flatten)]
    which: Pending,
}

impl Review {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context, None)?;
        if chosen.cases.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        let style = stdout_style();
        let mut changes = Vec::new();
        let mut without_text = Vec::new();
        for case in &chosen.cases {
            let found = chosen.store.pending_changes(case)?.changes();
            if found.is_empty() {
                without_text.push(case);
            }
            changes.extend(found.into_iter().map(|change| (case.clone(), change)));
        }
        let turns = changes.len();
        // A first answer has nothing beside which it could be kept.
        let any_before = changes.iter().any(|(_, change)| !change.accepted.is_empty());
        for group in pending::group(changes) {
            say(pending::render(&group, &self.which.flags(), style))?;
        }
        for case in without_text {
            say(format!(
                "{}: turns were added, moved or removed; no text is new\n",
                style.strong(case)
            ))?;
        }
        let (changes, cases) = (count(turns, "change"), count(chosen.cases.len(), "conversation"));
        say(format!("{} in {cases} to decide. All at once:", style.strong(changes)))?;
        let how: &[&str] = if any_before { &["", " --loosen", " --as-alternative"] } else { &[""] };
        for how in how {
            say(format!("  rehearsal accept{}{how}", self.which.flags()))?;
        }
        Ok(ExitCode::from(1))
    }
}
