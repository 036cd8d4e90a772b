//! The `cargo test` harness: every case is a test, with the names and flags of libtest.

mod arguments;
mod command;
mod reports;
mod settings;
mod stdout;
mod test;

use std::{
    io::{IsTerminal, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Instant,
};

use libtest_mimic::{Arguments, ColorSetting, Completion, Conclusion, Trial};
use tokio::runtime::{Builder, Runtime};

pub use self::settings::Harness;
use self::{arguments::split_filters, command::cargo_command, reports::Reports, test::TestContext};
use crate::{
    config::{Config, FILE_NAME, OpenError},
    engine::{self, Engine, RunOptions, Setup, Signals, StartError},
    outcome::Summary,
    player::{Ledger, OpenConversation, Stop, Unclosed, close_commands},
    render::{Guard, Style},
    source::{Diagnostic, Problems},
    suite::{self, PlanError, Planned, Selected, Selection},
    text::{Scrubber, one_line},
    vars::{EmptyVar, Vars},
};

/// libtest's status for a run that failed.
const FAILED: u8 = 101;

/// Runs the conversations of the package in the current folder as tests.
///
/// The flags are libtest's own, and several filters may be given. What libtest has no flag for
/// comes from environment variables: `REHEARSAL_CONFIG`, `REHEARSAL_PROJECT`,
/// `REHEARSAL_ENVIRONMENT`, `REHEARSAL_VARIANT` and `REHEARSAL_TAG`. `REHEARSAL_JSON`,
/// `REHEARSAL_JUNIT` and `REHEARSAL_HTML` name files for reports, the latter two with the feature
/// `reports`; where `REHEARSAL_JSON` names a folder, each case writes a file of its own there, for
/// `rehearsal report` to join.
///
/// It prints, and catches the signals that ask the process to end, so it is what `main` consists of:
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     rehearsal::harness()
/// }
/// ```
#[must_use]
pub fn harness() -> ExitCode {
    Harness::new().main()
}

fn main(harness: &Harness) -> ExitCode {
    let vars = Vars::of_process();
    let (filters, rest) = split_filters(std::env::args_os());
    let arguments = Arguments::from_iter(rest);
    match TestRun::prepare(harness, filters, arguments, &vars) {
        Ok(session) => session.run(),
        Err(StartFailure::Empty) => ExitCode::SUCCESS,
        Err(StartFailure::Says(message)) => {
            note(&message);
            ExitCode::from(FAILED)
        }
    }
}

/// Prints on standard error, which libtest leaves to the tests; there is nobody to tell when that
/// fails.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Why no test was run.
enum StartFailure {
    /// A list was asked for, and it is empty.
    Empty,
    /// A mistake, in words.
    Says(String),
}

struct TestRun {
    arguments: Arguments,
    cases: Vec<(Planned, bool)>,
    engine: Option<(Runtime, Arc<Engine>)>,
    reports: Reports,
    nextest: bool,
}

impl TestRun {
    fn prepare(
        harness: &Harness,
        filters: Vec<String>,
        mut arguments: Arguments,
        vars: &Vars,
    ) -> Result<Self, StartFailure> {
        if arguments.test_threads == Some(0) {
            let says = "error: --test-threads 0 would play nothing; it has to be 1 or more";
            return Err(StartFailure::Says(says.to_owned()));
        }
        let nextest = vars.get("NEXTEST").is_some();
        let mut reports = Reports::wanted(vars, nextest).map_err(StartFailure::Says)?;
        let (config, problems) = read_config(harness, vars)?;
        let selection = selection(harness, filters, &arguments, vars)?;
        let cases = match suite::plan(&config, &selection, problems) {
            Ok(plan) => plan.cases,
            // Which tests a filter leaves is libtest's business; that there are any is ours.
            Err(PlanError::NothingSelected(_)) if arguments.list && any(&config, &selection) => {
                return Err(StartFailure::Empty);
            }
            Err(error) => return Err(says_plan(&error)),
        };
        let asked = arguments.list || arguments.ignored || arguments.include_ignored;
        // Otherwise a skipped case is ignored when its turn comes, which shows the reason.
        let cases: Vec<(Planned, bool)> =
            cases.into_iter().map(|case| unskipped(case, asked)).collect();
        let played = cases.iter().filter(|(_, ignored)| is_played(&arguments, *ignored));
        let played: Vec<Planned> = played.map(|(case, _)| case.clone()).collect();
        if !arguments.list && played.iter().all(|case| case.conversation.skip.is_some()) {
            return Err(nothing_played(&arguments));
        }
        // The plan has applied them; libtest-mimic itself knows one filter only.
        arguments.filter = None;
        arguments.skip.clear();
        let guard = Guard::of(Some(&config));
        if let Some(path) = &arguments.logfile {
            guard
                .check_suite(Path::new(path))
                .map_err(|error| StartFailure::Says(format!("error: {error}")))?;
        }
        let engine = if arguments.list { None } else { Some(start(&config, &played, vars)?) };
        if let Some((_, engine)) = &engine {
            // Tests wait for the network, so their number does not follow the processor's cores.
            let most = engine.concurrency().min(cases.len()).max(1);
            let threads = *arguments.test_threads.get_or_insert(most);
            if let Some(notice) = engine.notice() {
                note(&format!("note: {notice}"));
            }
            let mut run = engine.run_info(&played);
            run.concurrency = run.concurrency.min(threads);
            reports = reports
                .begin(run, engine.scrubber(), guard)
                .map_err(|error| StartFailure::Says(format!("error: {error}")))?;
        }
        Ok(Self { arguments, cases, engine, reports, nextest })
    }

    fn run(self) -> ExitCode {
        let style = match self.arguments.color {
            Some(ColorSetting::Always) => Style::Coloured,
            Some(ColorSetting::Never) => Style::Plain,
            _ if std::io::stdout().is_terminal() => Style::Coloured,
            _ => Style::Plain,
        };
        let started = Instant::now();
        let reports = Arc::new(self.reports);
        let context = self.engine.as_ref().map(|(runtime, engine)| TestContext {
            handle: runtime.handle().clone(),
            engine: Arc::clone(engine),
            reports: Arc::clone(&reports),
            style,
            nextest: self.nextest,
        });
        let trials = self.cases.into_iter().map(|(case, ignored)| {
            let (name, context) = (case.name.to_string(), context.clone());
            Trial::ignorable_test(name, move || match &context {
                Some(context) => context.play(&case),
                None => Ok(Completion::ignored()),
            })
            .with_ignored_flag(ignored)
        });
        let (conclusion, printed) = stdout::printing(self.arguments, |arguments| {
            libtest_mimic::run(arguments, trials.collect())
        });
        let code = match printed {
            Ok(()) => exit_code(&conclusion),
            Err(error) => {
                note(&format!("error: cannot write to standard output: {error}"));
                ExitCode::from(FAILED)
            }
        };
        let Some((runtime, engine)) = &self.engine else { return code };
        let mut summary = Summary::default();
        runtime.block_on(engine.end(&mut summary, started));
        say_open(&summary.maybe_open, engine.scrubber());
        let unwritten = reports.finish(summary);
        unwritten.iter().for_each(|error| note(&format!("error: {error}")));
        if unwritten.is_empty() { code } else { ExitCode::from(FAILED) }
    }
}

/// A case that may be played although its file says to skip it, and whether it counts as ignored.
fn unskipped(mut case: Planned, asked: bool) -> (Planned, bool) {
    let ignored = asked && case.conversation.skip.is_some();
    if ignored {
        Arc::make_mut(&mut case.conversation).skip = None;
    }
    (case, ignored)
}

/// Whether anything is selected but for filters and skips.
fn any(config: &Config, selection: &Selection) -> bool {
    let bare = Selection { filters: Vec::new(), skip: Vec::new(), ..selection.clone() };
    suite::plan(config, &bare, Problems::default()).is_ok()
}

fn exit_code(conclusion: &Conclusion) -> ExitCode {
    if conclusion.has_failed() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

/// Whether libtest's flags leave a case to be played; conversations are no benchmarks.
fn is_played(arguments: &Arguments, ignored: bool) -> bool {
    let wanted = if arguments.ignored { ignored } else { arguments.include_ignored || !ignored };
    wanted && !arguments.bench
}

/// Tests that are all passed over would be green.
fn nothing_played(arguments: &Arguments) -> StartFailure {
    let why = if arguments.bench {
        "--bench runs benchmarks, and conversations are tests"
    } else if arguments.ignored {
        "--ignored plays what is skipped, and none of the selected conversations is"
    } else {
        "every selected conversation is skipped"
    };
    StartFailure::Says(format!("error: nothing is played: {why}"))
}

fn say_open(open: &[OpenConversation], scrubber: &Scrubber) {
    if !open.is_empty() {
        note("may still be open on the platform; this closes them:");
        for command in close_commands(open) {
            note(&format!("  {}", scrubber.scrub(&one_line(&command))));
        }
    }
}

fn read_config(harness: &Harness, vars: &Vars) -> Result<(Config, Problems), StartFailure> {
    let named = harness.config_path(vars).map_err(empty)?;
    let folder = std::env::current_dir().unwrap_or_default();
    let hint =
        "the tests of a package are run in its folder, and REHEARSAL_CONFIG names another file";
    let now = vars.now().map_err(|error| StartFailure::Says(format!("error: {error}")))?;
    let opened = Config::open(named, &folder);
    opened.map(|(config, problems)| (config.at(now), problems)).map_err(|error| match error {
        OpenError::Mistakes(mistakes) => says(&mistakes),
        OpenError::Missing => StartFailure::Says(format!("there is no file {FILE_NAME}; {hint}")),
        OpenError::Read(error) => StartFailure::Says(format!("{error}; {hint}")),
    })
}

fn selection(
    harness: &Harness,
    filters: Vec<String>,
    arguments: &Arguments,
    vars: &Vars,
) -> Result<Selection, StartFailure> {
    let selection = harness.selection(vars).map_err(empty)?;
    Ok(Selection { filters, exact: arguments.exact, skip: arguments.skip.clone(), ..selection })
}

fn empty(error: EmptyVar) -> StartFailure {
    StartFailure::Says(format!("error: {error}"))
}

fn start(
    config: &Config,
    cases: &[Planned],
    vars: &Vars,
) -> Result<(Runtime, Arc<Engine>), StartFailure> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| StartFailure::Says(format!("cannot start threads: {error}")))?;
    // Caught before anything is sent: the task that waits for them may begin late.
    let signals = runtime
        .block_on(async { Signals::listen() })
        .map_err(|error| StartFailure::Says(format!("error: cannot catch signals: {error}")))?;
    let (sender, stop) = Stop::new();
    let ledger = Arc::new(Ledger::default());
    let options = RunOptions::default();
    let selected = Selected::of(cases);
    let setup = Setup { config, cases, selected, vars, options, stop, ledger: Arc::clone(&ledger) };
    let engine = runtime.block_on(Engine::start(setup)).map_err(|error| match &error {
        StartError::Agent(mistakes) => says(mistakes),
        _ => StartFailure::Says(format!("error: {error}")),
    })?;
    let scrubber = engine.scrubber().clone();
    let on_signal = move |open: Option<Unclosed>| match open {
        None => note("stopping; open conversations are being closed"),
        Some(open) => {
            open.lines().iter().for_each(|line| note(&scrubber.scrub(&one_line(line))));
        }
    };
    let stopping = engine::stop_on_signal(signals, sender, ledger, on_signal);
    runtime.spawn(async {
        stopping.await;
        std::process::exit(engine::SIGNALLED)
    });
    Ok((runtime, Arc::new(engine.under_cargo(cargo_command(vars)))))
}

fn says_plan(error: &PlanError) -> StartFailure {
    match error {
        PlanError::Mistakes(mistakes) => says(mistakes),
        _ => StartFailure::Says(format!("error: {error}")),
    }
}

fn says(mistakes: &[Diagnostic]) -> StartFailure {
    let style = match std::io::stderr().is_terminal() {
        true => Style::Coloured,
        false => Style::Plain,
    };
    let mut text: Vec<String> =
        mistakes.iter().map(|mistake| mistake.render(style) + "\n").collect();
    text.push(match mistakes.len() {
        1 => "error: 1 mistake; nothing was played".to_owned(),
        many => format!("error: {many} mistakes; nothing was played"),
    });
    StartFailure::Says(text.join("\n"))
}
