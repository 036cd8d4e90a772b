//! `rehearsal report`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{
    context::{CliError, stdout_style},
    output::{note, say},
    reporter::ReportFlags,
    rerun::Rerun,
};
use crate::{
    report::{LastLines, RunRecord, join::join, stream},
    text::Scrubber,
};

/// How many failures are shown in full.
const MOST_FAILURES: usize = 20;

/// Joins what runs left as JSON lines (`run --json`, REHEARSAL_JSON) into one report.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: as that of one run with all these cases: 0 when all passed and there was at least \
one; 1 when an expectation or a snapshot did not hold; 2 when nothing can be read or nothing was played; 3 when a case \
could not be played, a run was killed, or a shard is missing."
)]
pub(super) struct Report {
    /// Files of JSON lines, and folders with such files (*.jsonl).
    #[arg(value_name = "FILE|FOLDER", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportFlags,
    /// Print the last lines only.
    #[arg(long, short)]
    quiet: bool,
}

impl Report {
    pub fn execute(&self) -> Result<ExitCode, CliError> {
        let (run, notes) = join(stream::read_paths(&self.paths)?);
        self.reports.files().write(&run, &Scrubber::default())?;
        notes.iter().for_each(|one| note(format!("note: {one}")));
        say(self.text(&run))?;
        Ok(ExitCode::from(run.summary.exit_status()))
    }

    fn text(&self, run: &RunRecord) -> String {
        let environments = run.facts.environments.iter().map(String::as_str).collect();
        let rerun = Rerun::of(&environments).command(&run.summary);
        let lines = LastLines {
            summary: &run.summary,
            facts: Some(&run.facts),
            rerun: rerun.as_deref(),
            style: stdout_style(),
        };
        let failures = run.cases.iter().filter_map(|case| case.failure.as_deref());
        let most = if self.quiet { 0 } else { MOST_FAILURES };
        let mut text: Vec<&str> = failures.take(most).collect();
        let lines = lines.render();
        text.push(&lines);
        text.join("\n")
    }
}
