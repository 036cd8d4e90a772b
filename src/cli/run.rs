//! `rehearsal run`

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use clap::Args;
use tokio::runtime::Builder;

use super::{
    context::{CliError, Context, stderr_style, stdout_style},
    output::{note, tell},
    progress::{Progress, Stream},
    report_flags::ReportFlags,
    select::Select,
};
use crate::{
    config::VerdictRule,
    conversation::CaseName,
    engine::{self, Engine, RunOptions, Setup, Signals},
    outcome::{Event, memory::Memory},
    player::{Ledger, Stop, Unclosed},
    render::{
        Format, Guard, OpenOutputs, Reporters, Rerun, WriteError,
        terminal::{Commands, Terminal, Verbosity},
    },
    snapshot::mode::is_ci,
    suite::{self, Planned, Selected},
    text::{Scrubber, one_line},
};

/// The exit status of a run in which everything passed and a report could not be written: nobody
/// can tell from the report, so it is that of a run that could not be decided.
const UNWRITTEN: u8 = 3;

/// How often `--learn` plays a conversation with new answers.
const LEARNED_PLAYS: u32 = 5;

/// Play the selected conversations.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when every selected case passed or is quarantined, and at least one passed; \
1 when something does not hold, or all that was played is quarantined; 2 when the run could not start; 3 when no expectation failed but a \
case could not be played, or everything passed and a report (or standard output) could not be written."
)]
pub(super) struct Run {
    #[command(flatten)]
    select: Select,
    #[command(flatten)]
    reports: ReportFlags,
    /// Write events as JSON lines while the run goes on; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print only failures and the summary.
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print every conversation in full, with the time and the id of each request.
    #[arg(long, short)]
    verbose: bool,
    /// Play only the cases that did not pass when they were last played in this environment, or
    /// that the last run there did not start.
    #[arg(long)]
    rerun_failed: bool,
    /// Stop after the first case that does not pass; the others are reported as not played.
    #[arg(long)]
    fail_fast: bool,
    /// Send at most N requests: refuse to start when the selection needs more, and stop
    /// when retries exceed it.
    #[arg(long, value_name = "N")]
    max_requests: Option<usize>,
    /// Play conversations with new answers several times, and propose in the pending
    /// snapshot what the answers have in common.
    #[arg(long)]
    learn: bool,
    /// Play every case N times, each time in a fresh conversation, whatever `plays` and `pass` its file
    /// has: all must pass, and after the first failure it is not played again. With --learn: how many times conversations with new answers are played
    /// [default: 5].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    plays: Option<u32>,
    /// Play a case that failed only in words or in time again, after all others, up to N times; the
    /// first pass makes it flaky, which fails the run unless its environment has `flaky = "warn"`.
    /// Cases with several plays are not confirmed; 0 confirms none.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    confirm_failures: Option<u32>,
    /// The seed of the embedded agent's random choices; with a concurrency of 1, the same seed gives
    /// the same answers. Other agents are not affected.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Write pending snapshots to this folder, also in CI, to review them elsewhere.
    #[arg(long, value_name = "DIR")]
    pending_dir: Option<PathBuf>,
}

impl Run {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let read = context.read_config(self.select.config.as_deref());
        let guard = Guard::of(read.as_ref().ok().map(|(config, _)| config));
        let guard = guard.reading(self.select.durations.as_deref());
        let planned = read.and_then(|(config, problems)| {
            let selection = self.select.selection(context)?;
            let cases = suite::plan(&config, &selection, problems)?.cases;
            Ok((config, cases))
        });
        // Also where the run cannot start: it leaves no report of an earlier one.
        let outputs = self.reports.outputs(context).with(Format::JsonLines, self.json.clone());
        let opened = outputs.open(guard);
        let ((config, mut cases), outputs) = (planned?, opened?);
        let mut vars = context.vars_with_pending_dir(self.pending_dir.as_deref())?;
        if self.pending_dir.is_some() {
            vars = vars.with("INSTA_UPDATE", "new");
        }
        if self.learn && is_ci(&vars) && self.pending_dir.is_none() {
            let what =
                "--learn leaves pending snapshots, and in CI none is written: add --pending-dir";
            return Err(CliError::Says(what.to_owned()));
        }
        if self.rerun_failed {
            keep_failed(&mut cases, &engine::memory(&config, &vars)?)?;
        }
        cases.iter_mut().for_each(|case| self.overrule(&mut case.rule));
        let selected = Selected::of(&cases);
        let empty_shard = self.select.keep_shard(&mut cases)?;
        if let Some(says) = &empty_shard {
            note(says);
        }
        let runtime =
            Builder::new_multi_thread().enable_all().build().map_err(CliError::Threads)?;
        let (sender, stop) = Stop::new();
        let ledger = Arc::new(Ledger::default());
        // What the engine will know to be secret once it has started.
        let secrets = Arc::new(OnceLock::new());
        let known = Arc::clone(&secrets);
        let on_signal = move |open| print_signal(open, known.get());
        // Caught before anything is sent: the task itself may begin late.
        let signals = runtime.block_on(async { Signals::listen() }).map_err(CliError::Signals)?;
        let stopping = engine::stop_on_signal(signals, sender, Arc::clone(&ledger), on_signal);
        runtime.spawn(async {
            stopping.await;
            std::process::exit(engine::SIGNALLED)
        });
        let setup = Setup {
            config: &config,
            cases: &cases,
            selected,
            vars: &vars,
            options: RunOptions { may_be_empty: empty_shard.is_some(), ..self.options() },
            stop,
            ledger,
        };
        let engine = Arc::new(runtime.block_on(Engine::start(setup))?);
        let _ = secrets.set(engine.scrubber().clone());
        if let Some(notice) = engine.notice() {
            tell("note:", str::to_owned, notice);
        }
        let mut reporters = self.reporters(outputs, &engine, &cases, context)?;
        // On a thread of the runtime, so that a case that is over wakes no other thread.
        let playing = runtime.spawn(async move {
            let mut on_event = |event: Event<'_>| reporters.on_event(event);
            (engine::run(engine, cases, &mut on_event).await, reporters)
        });
        let (summary, reporters) = runtime
            .block_on(playing)
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        Ok(ExitCode::from(played(summary.exit_status(), reporters.finish())))
    }

    /// The reporters of the run: files, terminal, and GitHub.
    fn reporters(
        &self,
        outputs: OpenOutputs,
        engine: &Engine,
        cases: &[Planned],
        context: &Context,
    ) -> Result<Reporters, WriteError> {
        let (stream, style) = if outputs.takes_stdout() {
            (Stream::Stderr, stderr_style())
        } else {
            (Stream::Stdout, stdout_style())
        };
        let scrubber = engine.scrubber();
        let mut reporters = outputs.reporters(scrubber)?;
        let progress = Progress::new(stream);
        let printer = Box::new(progress.printer(stream));
        let commands =
            Commands { rerun: self.rerun(engine, cases), flags: engine.invocation().flags() };
        // The progress goes first, so that its line is gone when the last lines are printed.
        reporters.push(progress);
        let verbosity = self.verbosity();
        reporters.push(Terminal::new(printer, verbosity, style, scrubber.clone(), commands));
        if let Some(github) = self.reports.github(context, stream, scrubber) {
            reporters.push(github);
        }
        Ok(reporters)
    }

    fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }

    /// The command that plays again what failed.
    fn rerun(&self, engine: &Engine, cases: &[Planned]) -> Rerun {
        let environments = cases.iter().map(|case| case.target.environment.name.as_str()).collect();
        let mut rerun = Rerun::of(&environments);
        if let Some(config) = &self.select.config {
            rerun = rerun.with("--config", &config.to_string_lossy());
        }
        if let Some(folder) = &self.pending_dir {
            rerun = rerun.with("--pending-dir", &folder.to_string_lossy());
        }
        if engine.remembers_failures() { rerun.remembered(&self.select.words()) } else { rerun }
    }
}

impl Run {
    /// What the flags say of plays stands above the files.
    fn overrule(&self, rule: &mut VerdictRule) {
        if let Some(plays) = self.plays.filter(|_| !self.learn) {
            (rule.plays, rule.pass) = (plays, plays);
        }
        if let Some(times) = self.confirm_failures {
            rule.confirm_failures = times;
        }
    }

    fn options(&self) -> RunOptions {
        RunOptions {
            fail_fast: self.fail_fast,
            max_requests: self.max_requests,
            learn: self.learn.then(|| self.plays.unwrap_or(LEARNED_PLAYS) as usize),
            may_be_empty: false,
            shard: self.select.shard,
            seed: self.seed,
        }
    }
}

/// The exit status of a run that was played: that of its verdict, but never 0 where something of
/// it could not be written, for then nobody can rely on what was.
fn played(verdict: u8, unwritten: Vec<WriteError>) -> u8 {
    if unwritten.is_empty() {
        return verdict;
    }
    unwritten.into_iter().for_each(|error| CliError::Report(error).print());
    let status = if verdict == 0 { UNWRITTEN } else { verdict };
    let what = format!(
        "the run was played (its verdict: exit status {verdict}), but not written in full; exit status {status}"
    );
    tell("note:", str::to_owned, &what);
    status
}

/// Leaves the cases that did not pass when they were last played, or were not begun.
fn keep_failed(cases: &mut Vec<Planned>, memory: &Memory) -> Result<(), CliError> {
    let mut names: HashMap<String, HashSet<CaseName>> = HashMap::new();
    cases.retain(|case| {
        let environment = &case.target.environment.name;
        let names = names
            .entry(environment.clone())
            .or_insert_with(|| memory.names(environment).into_iter().collect());
        names.contains(&case.name)
    });
    if cases.is_empty() {
        let what = "no selected case is known to have failed when it was last played here";
        return Err(CliError::Says(what.to_owned()));
    }
    Ok(())
}

/// Says what a signal does.
fn print_signal(open: Option<Unclosed>, scrubber: Option<&Scrubber>) {
    let nothing = Scrubber::default();
    let scrubber = scrubber.unwrap_or(&nothing);
    match open {
        None => note("\nstopping; open conversations are being closed (again to leave at once)"),
        Some(open) => {
            open.lines().iter().for_each(|line| note(scrubber.scrub(&one_line(line))));
        }
    }
}
