//! The `cargo test` harness: every case is a test, with the names and flags of libtest.

#![expect(
    clippy::print_stderr,
    reason = "an edge of the program: libtest leaves stderr to the tests"
)]

use std::{ffi::OsString, io::IsTerminal, path::PathBuf, process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, ColorSetting, Completion, Conclusion, Failed, Trial};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{
    config::{Config, FILE_NAME},
    engine::{self, Engine, RunOptions, Setup, StartError},
    plan::{self, PlanError, Planned, Selection},
    replay::{Ledger, OpenConversation, Stop, close_commands},
    report::{CaseReport, SnapshotNote, Style, Verdict, failure},
    source::{Diagnostic, Problems},
    text::{layout::brief, one_line},
    vars::Vars,
};

/// libtest's status for a run that failed.
const FAILED: u8 = 101;

/// Runs the conversations of the package in the current folder as tests.
///
/// The flags are libtest's own, and several filters may be given. What libtest has no flag for
/// comes from environment variables: `REHEARSAL_CONFIG`, `REHEARSAL_PROJECT`,
/// `REHEARSAL_ENVIRONMENT`, `REHEARSAL_VARIANT` and `REHEARSAL_TAG`.
#[must_use]
pub fn harness() -> ExitCode {
    let vars = Vars::of_process();
    let (filters, rest) = split_filters(std::env::args_os());
    let arguments = Arguments::from_iter(rest);
    match Session::prepare(filters, arguments, &vars) {
        Ok(session) => session.run(),
        Err(Refusal::Empty) => ExitCode::SUCCESS,
        Err(Refusal::Says(message)) => {
            eprintln!("{message}");
            ExitCode::from(FAILED)
        }
    }
}

/// Why no test was run.
enum Refusal {
    /// A list was asked for, and it is empty.
    Empty,
    /// A mistake, in words.
    Says(String),
}

struct Session {
    arguments: Arguments,
    cases: Vec<(Planned, bool)>,
    engine: Option<(Runtime, Arc<Engine>)>,
    nextest: bool,
}

impl Session {
    fn prepare(
        filters: Vec<String>,
        mut arguments: Arguments,
        vars: &Vars,
    ) -> Result<Self, Refusal> {
        let (config, problems) = read_config(vars)?;
        let selection = selection(filters, &arguments, vars);
        let cases = match plan::plan(&config, &selection, problems) {
            Ok(plan) => plan.cases,
            // Which tests a filter leaves is libtest's business; that there are any is ours.
            Err(PlanError::NothingSelected(_)) if arguments.list && any(&config, &selection) => {
                return Err(Refusal::Empty);
            }
            Err(error) => return Err(says_plan(&error)),
        };
        let asked = arguments.list || arguments.ignored || arguments.include_ignored;
        if !asked && cases.iter().all(|case| case.conversation.skip.is_some()) {
            let says = "error: nothing is played: every selected conversation is skipped";
            return Err(Refusal::Says(says.to_owned()));
        }
        // Otherwise a skipped case is ignored when its turn comes, which shows the reason.
        let cases: Vec<(Planned, bool)> =
            cases.into_iter().map(|case| unskipped(case, asked)).collect();
        // The plan has applied them; libtest-mimic itself knows one filter only.
        arguments.filter = None;
        arguments.skip.clear();
        let plain: Vec<Planned> = cases.iter().map(|(case, _)| case.clone()).collect();
        let engine = if arguments.list { None } else { Some(start(&config, &plain, vars)?) };
        if let Some((_, engine)) = &engine {
            // Tests wait for the network, so their number does not follow the processor's cores.
            let most = engine.concurrency().min(cases.len()).max(1);
            arguments.test_threads.get_or_insert(most);
        }
        Ok(Self { arguments, cases, engine, nextest: vars.get("NEXTEST").is_some() })
    }

    fn run(self) -> ExitCode {
        let style = match self.arguments.color {
            Some(ColorSetting::Always) => Style::Coloured,
            Some(ColorSetting::Never) => Style::Plain,
            _ if std::io::stdout().is_terminal() => Style::Coloured,
            _ => Style::Plain,
        };
        let handle = self
            .engine
            .as_ref()
            .map(|(runtime, engine)| (runtime.handle().clone(), Arc::clone(engine)));
        let trials = self.cases.into_iter().map(|(case, ignored)| {
            let (name, handle, nextest) = (case.name.to_string(), handle.clone(), self.nextest);
            Trial::ignorable_test(name, move || play(&case, handle.as_ref(), style, nextest))
                .with_ignored_flag(ignored)
        });
        let conclusion = libtest_mimic::run(&self.arguments, trials.collect());
        if let Some((runtime, engine)) = &self.engine {
            report_open(runtime, engine);
        }
        exit_code(&conclusion)
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
    plan::plan(config, &bare, Problems::default()).is_ok()
}

fn exit_code(conclusion: &Conclusion) -> ExitCode {
    if conclusion.has_failed() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

fn report_open(runtime: &Runtime, engine: &Engine) {
    let (_, open) = runtime.block_on(engine.close_open());
    say_open(&open);
}

fn say_open(open: &[OpenConversation]) {
    if !open.is_empty() {
        eprintln!("may still be open on the platform; this closes them:");
        close_commands(open).iter().for_each(|command| eprintln!("  {}", one_line(command)));
    }
}

fn play(
    case: &Planned,
    engine: Option<&(Handle, Arc<Engine>)>,
    style: Style,
    nextest: bool,
) -> Result<Completion, Failed> {
    let Some((handle, engine)) = engine else { return Ok(Completion::ignored()) };
    let report = handle.block_on(engine.play(case));
    match report.verdict {
        Verdict::Passed => {
            notices(&report).iter().for_each(|notice| eprintln!("{}: {notice}", report.case));
            Ok(Completion::Completed)
        }
        Verdict::Skipped => {
            Ok(Completion::ignored_with(brief(report.skipped.as_deref().unwrap_or_default(), 200)))
        }
        Verdict::Failed | Verdict::Errored => Err(failed(&report, engine, style, nextest)),
    }
}

/// What should be known of a case although it passed.
fn notices(report: &CaseReport) -> Vec<String> {
    let mut notices: Vec<String> = report.warnings.iter().map(|one| one.render(false)).collect();
    match &report.snapshot {
        SnapshotNote::Accepted(_) => {
            notices.push("its snapshot was accepted (INSTA_UPDATE)".to_owned())
        }
        SnapshotNote::Outdated(_) => {
            notices.push("a pending snapshot follows the conversation".to_owned())
        }
        _ => {}
    }
    if !report.earlier.is_empty() {
        notices.push(format!("passed on attempt {}", report.attempts()));
    }
    notices
}

fn failed(report: &CaseReport, engine: &Engine, style: Style, nextest: bool) -> Failed {
    if nextest {
        // nextest takes the short reason for its JUnit report from a line of this form.
        let reason = brief(&failure::reason(report), 300);
        eprintln!("Error: {}", engine.scrubber().scrub(&reason));
    }
    Failed::from(engine.scrubber().scrub(&failure::render(report, style)))
}

fn read_config(vars: &Vars) -> Result<(Config, Problems), Refusal> {
    let named = vars.get("REHEARSAL_CONFIG").map(PathBuf::from);
    let is_named = named.is_some();
    let folder = std::env::current_dir().unwrap_or_default();
    let path = named.or_else(|| Config::nearest(&folder)).unwrap_or_else(|| FILE_NAME.into());
    let mut problems = Problems::default();
    let config = Config::read(&path, &mut problems).map_err(|error| {
        Refusal::Says(format!(
            "{error}; the tests of a package are run in its folder, and REHEARSAL_CONFIG names another file"
        ))
    })?;
    match config {
        Some(config) => Ok((Config { named: is_named, ..config }, problems)),
        None => Err(says(&problems.into_sorted())),
    }
}

fn selection(filters: Vec<String>, arguments: &Arguments, vars: &Vars) -> Selection {
    let var = |name: &str| vars.get(name).map(str::to_owned);
    Selection {
        filters,
        exact: arguments.exact,
        skip: arguments.skip.clone(),
        tags: var("REHEARSAL_TAG").into_iter().collect(),
        project: var("REHEARSAL_PROJECT"),
        environment: var("REHEARSAL_ENVIRONMENT"),
        variant: var("REHEARSAL_VARIANT"),
    }
}

fn start(
    config: &Config,
    cases: &[Planned],
    vars: &Vars,
) -> Result<(Runtime, Arc<Engine>), Refusal> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Refusal::Says(format!("cannot start threads: {error}")))?;
    let (sender, stop) = Stop::new();
    let ledger = Arc::new(Ledger::default());
    let options = RunOptions::default();
    let setup = Setup { config, cases, vars, options, stop, ledger: Arc::clone(&ledger) };
    let engine = runtime.block_on(Engine::start(setup)).map_err(|error| match &error {
        StartError::Agent(mistakes) => says(mistakes),
        _ => Refusal::Says(format!("error: {error}")),
    })?;
    runtime.spawn(engine::stop_on_signal(sender, ledger, |open| match open {
        None => eprintln!("stopping; open conversations are being closed"),
        Some(open) => say_open(&open),
    }));
    Ok((runtime, Arc::new(engine)))
}

fn says_plan(error: &PlanError) -> Refusal {
    match error {
        PlanError::Mistakes(mistakes) => says(mistakes),
        _ => Refusal::Says(format!("error: {error}")),
    }
}

fn says(mistakes: &[Diagnostic]) -> Refusal {
    let colour = std::io::stderr().is_terminal();
    let mut text: Vec<String> =
        mistakes.iter().map(|mistake| mistake.render(colour) + "\n").collect();
    text.push(match mistakes.len() {
        1 => "error: 1 mistake; nothing was played".to_owned(),
        many => format!("error: {many} mistakes; nothing was played"),
    });
    Refusal::Says(text.join("\n"))
}

/// Takes the filters out of libtest's arguments, for there may be several.
fn split_filters(arguments: impl Iterator<Item = OsString>) -> (Vec<String>, Vec<OsString>) {
    const WITH_VALUE: &[&str] =
        &["--test-threads", "--logfile", "--skip", "--color", "--format", "-Z"];
    let mut filters = Vec::new();
    let mut rest = Vec::new();
    let mut takes_value = true; // The program's own name stands first.
    let mut only_filters = false;
    for argument in arguments {
        let text = argument.to_string_lossy().into_owned();
        if !only_filters && (takes_value || text.starts_with('-')) {
            only_filters = text == "--" && !takes_value;
            takes_value = !takes_value && WITH_VALUE.contains(&text.as_str());
            if !only_filters {
                rest.push(argument);
            }
        } else {
            filters.push(text);
        }
    }
    (filters, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_filters_are_taken_out_of_the_arguments() {
        let words =
            ["bin", "billing", "--skip", "slow", "--exact", "a b", "--test-threads=2", "--", "-x"];
        let (filters, rest) = split_filters(words.iter().map(OsString::from));
        assert_eq!(filters, ["billing", "a b", "-x"]);
        assert_eq!(rest, ["bin", "--skip", "slow", "--exact", "--test-threads=2"]);
    }
}
