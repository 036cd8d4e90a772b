//! A run as a person sees it.

use std::{
    collections::{HashMap, hash_map::Entry},
    io::{self, ErrorKind, IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use unicode_width::UnicodeWidthStr;

use super::rerun::Rerun;
use crate::{
    check::MismatchKind,
    plan::CaseName,
    report::{
        CaseRecord, CaseReport, Event, LastLines, RunFacts, SnapshotNote, Style, Summary, Verdict,
        failure, transcript,
    },
    text::{
        Scrubber,
        layout::{WIDTH, brief, count, duration},
    },
};

/// After so many lines a failure is no longer on the screen.
const SCREEN: usize = 25;

/// How many failures are shown again at the end.
const MOST_AGAIN: usize = 20;

/// How much is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// Failures and the last lines.
    Quiet,
    /// A line a case as well.
    Usual,
    /// Every conversation in full as well.
    Verbose,
}

/// How and where a run is shown.
#[derive(Debug)]
pub(super) struct Look {
    pub amount: Amount,
    pub on_stdout: bool,
    pub style: Style,
    /// The flags that lead another command to the same files.
    pub flags: String,
    /// Takes credentials out of everything.
    pub scrubber: Scrubber,
}

/// Prints a line a case, failures as they happen, and the last lines; where standard error is a
/// terminal, a line below them shows how far the run is.
pub(super) struct Terminal {
    look: Look,
    rerun: Rerun,
    facts: RunFacts,
    progress: Progress,
    failures: Failures,
    seen: Seen,
    printed: io::Result<()>,
}

impl Terminal {
    pub fn new(look: Look, rerun: Rerun) -> Self {
        let progress = Progress::new(look.on_stdout);
        let (facts, failures) = (RunFacts::default(), Failures::default());
        Self { look, rerun, facts, progress, failures, seen: Seen::default(), printed: Ok(()) }
    }

    /// Whether everything could be printed, but for a reader that has gone away.
    pub fn printed(self) -> io::Result<()> {
        self.printed
    }

    fn print(&mut self, text: &str) {
        let printed = self.progress.bar.suspend(|| self.look.print(text));
        // The first failure says why; the run itself goes on.
        if self.printed.is_ok() {
            self.printed = printed;
        }
    }

    pub fn show(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { facts } => {
                self.facts = facts.clone();
                self.progress.start(facts.cases);
            }
            Event::CaseStarted { case } => self.progress.began(case.as_str()),
            Event::CaseFinished { report, record } => {
                if let Some(text) = self.case(report) {
                    self.failures.printed(&text, record);
                    self.print(&text);
                }
                self.progress.ended(record.is_bad());
            }
            Event::Quiet => {}
            Event::RunFinished { summary } => {
                self.progress.bar.finish_and_clear();
                self.finish(summary);
            }
        }
    }

    fn finish(&mut self, summary: &Summary) {
        if let Some(again) = self.failures.again() {
            self.print(&self.look.style.dim("\nwhat failed, once more:"));
            self.print(&again);
        }
        let rerun = self.rerun.command(summary);
        let lines = LastLines {
            summary,
            facts: Some(&self.facts),
            rerun: rerun.as_deref(),
            flags: &self.look.flags,
            style: self.look.style,
        };
        let lines = lines.render();
        self.print(&format!("\n{lines}"));
    }

    /// What is printed of a case; nothing where it may go without saying.
    fn case(&mut self, report: &CaseReport) -> Option<String> {
        let style = self.look.style;
        let mut text = match report.verdict {
            Verdict::Failed | Verdict::Errored if !report.never_begun() => {
                match self.seen.same_as(report) {
                    Some(other) if self.look.amount != Amount::Verbose => format!(
                        "\n{} {}\n{}",
                        style.headline("FAILED"),
                        style.strong(&report.case),
                        style.dim(format!("the same change as in {other}"))
                    ),
                    _ => format!("\n{}", failure::render(report, style)),
                }
            }
            _ if self.look.amount == Amount::Quiet => return None,
            _ => case_line(report, style),
        };
        if self.look.amount == Amount::Verbose && !report.exchanges.is_empty() {
            text += &format!("\n{}\n", transcript(report, style));
        }
        Some(text)
    }
}

impl Look {
    fn print(&self, text: &str) -> io::Result<()> {
        let text = self.scrubber.scrub(text);
        let write = |out: &mut dyn Write| writeln!(out, "{text}").and_then(|()| out.flush());
        let written =
            if self.on_stdout { write(&mut io::stdout().lock()) } else { write(&mut io::stderr()) };
        // A reader that has gone away is no mistake: the exit status still tells.
        written.or_else(|error| match error.kind() {
            ErrorKind::BrokenPipe => Ok(()),
            _ => Err(error),
        })
    }
}

/// The line of a case that needs no more.
fn case_line(report: &CaseReport, style: Style) -> String {
    let name = &report.case;
    match report.verdict {
        Verdict::Passed => passed(report, style),
        Verdict::Skipped => {
            let reason = brief(report.skipped.as_deref().unwrap_or_default(), WIDTH - 5);
            row(style.warning("skip"), name, &[(&reason, &|text| style.dim(text))])
        }
        Verdict::Failed | Verdict::Errored => {
            row(style.warning("stop"), name, &[("not played", &|text| style.dim(text))])
        }
    }
}

/// How a text is coloured.
type Paint<'a> = &'a dyn Fn(&str) -> String;

/// A case's name after a word of four letters, and what is said of it: beside it where there is
/// room, else below.
fn row(word: String, case: &CaseName, said: &[(&str, Paint<'_>)]) -> String {
    let mut row = format!("{word} {case}");
    let mut used = 5 + case.as_str().width();
    for (text, paint) in said.iter().filter(|(text, _)| !text.is_empty()) {
        if used + 2 + text.width() > WIDTH {
            row += "\n     ";
            used = 5;
        } else {
            row += "  ";
            used += 2;
        }
        row += &paint(text);
        used += text.width();
    }
    row
}

fn passed(report: &CaseReport, style: Style) -> String {
    let turns = report.exchanges.len().saturating_sub(1);
    let mut facts = format!("{}, {}", count(turns, "turn"), duration(report.duration));
    if !report.earlier.is_empty() {
        facts += &format!(", on attempt {}", report.attempts());
    }
    let note = match &report.snapshot {
        SnapshotNote::Accepted(_) => "snapshot accepted",
        SnapshotNote::Outdated(_) => "snapshot follows the conversation: rehearsal accept",
        SnapshotNote::Pending(_) => "snapshot pending",
        SnapshotNote::Nothing => "",
    };
    let said: [(&str, Paint<'_>); 2] =
        [(&facts, &|text| style.dim(text)), (note, &|text| style.warning(text))];
    let mut text = row(style.good("  ok"), &report.case, &said);
    for warning in &report.warnings {
        text += &format!("\n{}", warning.render(style.is_coloured()));
    }
    text
}

/// The changes of pinned texts that were shown, each with the first case that has it.
#[derive(Default)]
struct Seen(HashMap<Vec<(Vec<String>, String)>, CaseName>);

impl Seen {
    /// The case that failed for just the same change of pinned texts before, and for nothing else.
    fn same_as(&mut self, report: &CaseReport) -> Option<CaseName> {
        let also = !report.not_reached.is_empty() || !report.warnings.is_empty();
        if also || report.error.is_some() {
            return None;
        }
        let change = |kind: &MismatchKind| match kind {
            MismatchKind::ChangedText { accepted, actual, .. } => {
                Some((accepted.clone(), actual.clone()))
            }
            _ => None,
        };
        let changes: Option<Vec<_>> =
            report.mismatches().map(|(_, mismatch)| change(&mismatch.kind)).collect();
        match self.0.entry(changes?) {
            Entry::Occupied(known) => Some(known.get().clone()),
            Entry::Vacant(new) => {
                new.insert(report.case.clone());
                None
            }
        }
    }
}

/// The failures of a run, kept in case they are far apart.
#[derive(Default)]
struct Failures {
    texts: Vec<String>,
    all: usize,
    /// How many lines were printed since the first one began.
    lines: usize,
    /// Whether anything else was printed since then.
    scattered: bool,
}

impl Failures {
    fn printed(&mut self, text: &str, record: &CaseRecord) {
        let failed = record.is_bad() && !record.never_begun;
        if failed {
            self.all += 1;
            if self.texts.len() < MOST_AGAIN {
                self.texts.push(text.to_owned());
            }
        }
        if self.all > 0 {
            self.lines += text.lines().count();
            self.scattered |= !record.is_bad();
        }
    }

    /// All of them together, where the first ones are no longer on the screen.
    fn again(&self) -> Option<String> {
        if self.lines <= SCREEN || !self.scattered {
            return None;
        }
        let mut text = self.texts.join("\n");
        if self.all > self.texts.len() {
            text += &format!("\n… and {} more above", self.all - self.texts.len());
        }
        Some(text)
    }
}

/// How far a run is.
struct Progress {
    bar: ProgressBar,
    in_flight: usize,
    failed: usize,
    last: String,
}

impl Progress {
    fn new(on_stdout: bool) -> Self {
        let stderr = std::io::stderr().is_terminal();
        let shown = stderr && (!on_stdout || std::io::stdout().is_terminal());
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{spinner} {pos} of {len} done, {msg}";
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Self { bar, in_flight: 0, failed: 0, last: String::new() }
    }

    fn start(&self, cases: usize) {
        self.bar.set_length(cases as u64);
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    fn began(&mut self, case: &str) {
        self.in_flight += 1;
        self.last = brief(case, 40);
        self.tell();
    }

    fn ended(&mut self, failed: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.failed += usize::from(failed);
        self.bar.inc(1);
        self.tell();
    }

    /// The end of the line: how many failed and are in flight, how long is left, what began last.
    fn tell(&self) {
        if self.bar.is_hidden() {
            return;
        }
        let mut message = format!("{} in flight", self.in_flight);
        if self.failed > 0 {
            message = format!("{} failed, {message}", self.failed);
        }
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        if let Some(left) = time_left(self.bar.elapsed(), done, all) {
            message += &format!(", about {left} left");
        }
        self.bar.set_message(format!("{message} · {}", self.last));
    }
}

/// How long the rest takes if it goes on like this; nothing until there is something to go by.
fn time_left(elapsed: Duration, done: u64, all: u64) -> Option<String> {
    if done < 3 || elapsed < Duration::from_secs(2) {
        return None;
    }
    let left = elapsed.as_secs_f64() / done as f64 * all.saturating_sub(done) as f64;
    match left.ceil() as u64 {
        seconds @ 0..60 => Some(format!("{seconds} s")),
        seconds => Some(format!("{} min", seconds.div_ceil(60))),
    }
}
