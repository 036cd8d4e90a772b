//! A run as a person sees it.

use std::{
    collections::{HashMap, hash_map::Entry},
    io::{self, ErrorKind, Write},
};

use super::{LastLines, case_line::case_line, failure, transcript};
use crate::{
    check::{Mismatch, MismatchKind},
    conversation::CaseName,
    outcome::{CaseOutcome, Event, Play, RunInfo, Summary, Verdict},
    render::{Reporter, Rerun, Style, WriteError},
    text::{
        Scrubber,
        layout::{WIDTH, fill},
    },
};

/// After so many lines a failure is no longer on the screen.
const SCREEN: usize = 25;

/// How many failures are shown again at the end.
const MOST_AGAIN: usize = 20;

/// How much is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Failures and the last lines.
    Quiet,
    /// A line a case as well.
    Normal,
    /// Every conversation in full as well.
    Verbose,
}

/// What commands at the end of a run have to name.
#[derive(Debug)]
pub struct Commands {
    /// The command that plays again what failed.
    pub rerun: Rerun,
    /// The flags that lead another command to the same files, each after a space.
    pub flags: String,
}

/// Prints a line a case, failures as they happen, and the last lines.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    verbosity: Verbosity,
    style: Style,
    scrubber: Scrubber,
    commands: Commands,
    run: RunInfo,
    failures: Failures,
    seen: ShownChanges,
    printed: io::Result<()>,
}

impl Terminal {
    /// Prints to `out`: each text with one `write` and a `flush` after it.
    #[must_use]
    pub fn new(
        out: Box<dyn Write + Send>,
        verbosity: Verbosity,
        style: Style,
        scrubber: Scrubber,
        commands: Commands,
    ) -> Self {
        let (run, failures, seen) =
            (RunInfo::default(), Failures::default(), ShownChanges::default());
        Self { out, verbosity, style, scrubber, commands, run, failures, seen, printed: Ok(()) }
    }

    fn print(&mut self, text: &str) {
        let line = self.scrubber.scrub(text).into_owned() + "\n";
        let printed = self.out.write_all(line.as_bytes()).and_then(|()| self.out.flush());
        match printed {
            // A reader that has gone away is no mistake: the exit status still tells.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            // The first failure says why; the run itself goes on.
            printed if self.printed.is_ok() => self.printed = printed,
            _ => {}
        }
    }

    fn last_lines(&mut self, summary: &Summary) {
        if let Some(again) = self.failures.again() {
            self.print(&self.style.dim("\nwhat failed, once more:"));
            self.print(&again);
        }
        let rerun = self.commands.rerun.command(summary);
        let lines = LastLines {
            summary,
            run: Some(&self.run),
            rerun: rerun.as_deref(),
            flags: &self.commands.flags,
            style: self.style,
        };
        let text = format!("\n{}", lines.render());
        self.print(&text);
    }

    /// What is printed of a case; nothing where it may go without saying.
    fn case(&mut self, outcome: &CaseOutcome) -> Option<String> {
        let (style, verbosity) = (self.style, self.verbosity);
        let mut text = match Detail::of(outcome, verbosity) {
            Detail::None => return None,
            Detail::Line => case_line(outcome, style),
            Detail::Full => match self.seen.same_as(outcome) {
                Some(other) if verbosity != Verbosity::Verbose => same(outcome, &other, style),
                _ => format!("\n{}", failure::render(outcome, style)),
            },
        };
        let played = outcome.shown().is_some_and(|play| !play.turns.is_empty());
        if verbosity == Verbosity::Verbose && played {
            text += &format!("\n{}\n", transcript(outcome, style));
        }
        Some(text)
    }
}

impl Reporter for Terminal {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { run } => self.run = run.clone(),
            Event::CaseFinished { outcome } => {
                if let Some(text) = self.case(outcome) {
                    self.failures.printed(&text, outcome);
                    self.print(&text);
                }
            }
            Event::RunFinished { summary } => self.last_lines(summary),
            Event::CaseStarted { .. } | Event::Idle => {}
        }
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.printed.map_err(WriteError::Output)
    }
}

/// How much is said of a case.
enum Detail {
    None,
    Line,
    Full,
}

impl Detail {
    fn of(outcome: &CaseOutcome, verbosity: Verbosity) -> Self {
        match (outcome.verdict, verbosity) {
            _ if outcome.is_failing() && !outcome.never_begun() => Self::Full,
            (_, Verbosity::Quiet) => Self::None,
            (Verdict::Flaky, _) | (Verdict::Quarantined, Verbosity::Verbose) => Self::Full,
            _ => Self::Line,
        }
    }
}

/// A case that failed for the same change as another one.
fn same(outcome: &CaseOutcome, other: &CaseName, style: Style) -> String {
    let mut lines =
        vec![format!("\n{} {}", failure::word(outcome, style), style.strong(&outcome.case))];
    lines.extend(outcome.tally().iter().flat_map(|tally| fill(tally, WIDTH)));
    lines.push(style.dim(format!("the same change as in {other}")));
    lines.join("\n")
}

/// The pinned texts that a play changed: the accepted ones, and what was said.
type Changes = Vec<(Vec<String>, String)>;

/// What a play changed of pinned texts, where nothing else of it does not hold.
fn changes(play: &Play) -> Option<Changes> {
    if !play.not_reached.is_empty() || play.error.is_some() {
        return None;
    }
    let change = |mismatch: &Mismatch| match &mismatch.kind {
        MismatchKind::ChangedText { accepted, actual, .. } => {
            Some((accepted.clone(), actual.clone()))
        }
        _ => None,
    };
    play.mismatches.iter().map(change).collect()
}

/// The changes of pinned texts that were shown, each with the first case that has it.
#[derive(Default)]
struct ShownChanges(HashMap<Changes, CaseName>);

impl ShownChanges {
    /// The case that failed for just the same change of pinned texts before, and for nothing else.
    fn same_as(&mut self, outcome: &CaseOutcome) -> Option<CaseName> {
        if outcome.verdict != Verdict::Failed || !outcome.warnings.is_empty() {
            return None;
        }
        let (first, others) = outcome.plays.split_first()?;
        let changes = changes(first)?;
        if others.iter().any(|play| self::changes(play).as_ref() != Some(&changes)) {
            return None;
        }
        match self.0.entry(changes) {
            Entry::Occupied(known) => Some(known.get().clone()),
            Entry::Vacant(new) => {
                new.insert(outcome.case.clone());
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
    fn printed(&mut self, text: &str, outcome: &CaseOutcome) {
        let failed = outcome.is_failing() && !outcome.never_begun();
        if failed {
            self.all += 1;
            if self.texts.len() < MOST_AGAIN {
                self.texts.push(text.to_owned());
            }
        }
        if self.all > 0 {
            self.lines += text.lines().count();
            self.scattered |= !outcome.is_failing();
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
