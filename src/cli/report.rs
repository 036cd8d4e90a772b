//! `rehearsal report`

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use super::{
    context::{CliError, Context, stdout_style},
    output::{say, tell},
    progress::Stream,
    report_flags::ReportFlags,
};
use crate::{
    outcome::{RunOutcome, compare::compare, join::join, read},
    render::{
        Guard, Rerun, Style,
        terminal::{LastLines, failure},
    },
    text::{Scrubber, one_line, printable},
};

/// How many failures are shown in full.
const MOST_FAILURES: usize = 20;

/// Join the JSON lines of runs (`run --json`, REHEARSAL_JSON) into one report.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Exit status: as that of one run with all these cases: 0 when all passed or are \
quarantined, and at least one passed; 1 when something does not hold, or all that was played is quarantined; 2 when nothing can be read or nothing was played; 3 when a case \
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
    #[command(subcommand)]
    command: Option<ReportCommand>,
}

#[derive(Debug, Subcommand)]
enum ReportCommand {
    /// Compare two runs: which cases broke, were fixed, became slower or disappeared.
    Diff(Diff),
}

/// Compare two runs.
#[derive(Debug, Args)]
#[command(
    after_help = "A case broke when it passed (or could not be played) before and fails now. It disappeared when it \
no longer exists or is skipped now. It is slower when the median of its \
answers took more than half as long again and more than 200 ms longer. Where each run has one environment, cases \
are compared across them.\n\nExit status: 0 when nothing broke or disappeared; 1 when something did; 2 when a run \
cannot be read; 3 when nothing did, but a case could not be played or a run was killed."
)]
struct Diff {
    /// The earlier run: a file of JSON lines, or a folder with such files.
    old: PathBuf,
    /// The later one.
    new: PathBuf,
}

impl Report {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        if let Some(ReportCommand::Diff(diff)) = &self.command {
            return diff.execute();
        }
        let recorded = read::read_paths(&self.paths);
        let outputs = self.reports.outputs(context).open(self.guard(context))?;
        let (run, notes) = join(recorded?);
        let scrubber = Scrubber::default();
        let mut reporters = outputs.reporters(&scrubber)?;
        notes.iter().for_each(|one| tell("note:", str::to_owned, one));
        say(self.text(&run))?;
        if let Some(github) = self.reports.github(context, Stream::Stdout, &scrubber) {
            reporters.push(github);
        }
        reporters.replay(&run);
        match reporters.finish().into_iter().next() {
            Some(error) => Err(error.into()),
            None => Ok(ExitCode::from(run.summary.exit_status())),
        }
    }

    /// Protects what is read, and the files of the suite, if there is one here.
    fn guard(&self, context: &Context) -> Guard {
        let config = context.read_config(None).ok().map(|(config, _)| config);
        Guard::of(config.as_ref()).reading(self.paths.iter().map(PathBuf::as_path))
    }

    fn text(&self, run: &RunOutcome) -> String {
        let environments = run.run.environments.iter().map(String::as_str).collect();
        let rerun = Rerun::of(&environments).command(&run.summary).map(|one| one_line(&one));
        let lines = LastLines {
            summary: &run.summary,
            run: Some(&run.run),
            rerun: rerun.as_deref(),
            flags: "",
            style: stdout_style(),
        };
        // The file may come from elsewhere.
        let failing = run.cases.iter().filter(|case| case.is_failing() && !case.never_begun());
        let most = if self.quiet { 0 } else { MOST_FAILURES };
        let failures = failing.take(most).map(|case| failure(case, Style::Plain));
        let mut text: Vec<String> =
            failures.map(|failure| printable(&failure).into_owned()).collect();
        text.push(lines.render());
        text.join("\n")
    }
}

impl Diff {
    fn execute(&self) -> Result<ExitCode, CliError> {
        let read = |path: &PathBuf| {
            let (run, notes) = join(read::read_paths(std::slice::from_ref(path))?);
            notes.iter().for_each(|one| tell("note:", str::to_owned, one));
            Ok::<_, CliError>(run)
        };
        let (old, new) = (read(&self.old)?, read(&self.new)?);
        if old.cases.is_empty() && new.cases.is_empty() {
            return Err(CliError::Says("neither run has a case; nothing was compared".to_owned()));
        }
        let comparison = compare(&old, &new);
        say(comparison.render(stdout_style()))?;
        let is_whole = |run: &RunOutcome| run.missing_cases() == 0 && !run.summary.interrupted;
        let is_whole = comparison.unknown.is_empty() && is_whole(&old) && is_whole(&new);
        Ok(ExitCode::from(match (comparison.is_worse(), is_whole) {
            (true, _) => 1,
            (false, true) => 0,
            (false, false) => 3,
        }))
    }
}
