//! GitHub Actions: annotations at the lines of expectations, and the summary of a job.

mod summary;

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Reporter, Repository, WriteError};
use crate::{
    outcome::{CaseOutcome, Event, RunInfo, RunOutcome, Summary},
    text::{Scrubber, layout::count, one_line, printable},
};

/// How many errors of a step GitHub shows.
const MOST_ANNOTATIONS: usize = 10;

/// Tells GitHub Actions of a run once it is over.
pub struct GitHub {
    out: Box<dyn Write + Send>,
    summary_file: Option<PathBuf>,
    repository: Repository,
    scrubber: Scrubber,
    run: RunInfo,
    cases: Vec<Arc<CaseOutcome>>,
    summary: Summary,
}

impl GitHub {
    /// Writes annotations to `out`, and adds to the file of `GITHUB_STEP_SUMMARY` where there is
    /// one.
    #[must_use]
    pub fn new(
        out: Box<dyn Write + Send>,
        summary_file: Option<PathBuf>,
        repository: Repository,
        scrubber: Scrubber,
    ) -> Self {
        let (run, summary) = (RunInfo::default(), Summary::default());
        Self { out, summary_file, repository, scrubber, run, cases: Vec::new(), summary }
    }

    fn write(&mut self, path: Option<&Path>, outcome: &RunOutcome) -> io::Result<()> {
        for line in annotations(outcome, &self.repository) {
            writeln!(self.out, "{}", self.scrubber.scrub(&line))?;
        }
        self.out.flush()?;
        let Some(path) = path else { return Ok(()) };
        let used =
            path.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
        let room = summary::MOST_SUMMARY.saturating_sub(used);
        let text = summary::step_summary(outcome, room);
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(self.scrubber.scrub(&text).as_bytes())
    }
}

impl Reporter for GitHub {
    fn on_event(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { run } => self.run = run.clone(),
            Event::CaseFinished { outcome } => self.cases.push(Arc::clone(outcome)),
            Event::RunFinished { summary } => self.summary = summary.clone(),
            Event::CaseStarted { .. } | Event::Idle => {}
        }
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        let (run, cases) = (std::mem::take(&mut self.run), std::mem::take(&mut self.cases));
        let outcome = RunOutcome::new(run, cases, std::mem::take(&mut self.summary));
        let path = self.summary_file.take();
        self.write(path.as_deref(), &outcome).map_err(|source| WriteError::File {
            path: path.unwrap_or_else(|| PathBuf::from("the annotations")),
            source,
        })
    }
}

/// Workflow commands that put each mismatch at its line; as many as GitHub shows, and then one that
/// says how many there are.
#[must_use]
pub fn annotations(run: &RunOutcome, repository: &Repository) -> Vec<String> {
    let bad = run.cases.iter().filter(|case| case.is_failing() && !case.never_begun());
    let all: Vec<String> = bad.flat_map(|case| of_case(case, repository)).collect();
    let more = all.len().saturating_sub(MOST_ANNOTATIONS);
    let mut shown: Vec<String> = all.into_iter().take(MOST_ANNOTATIONS).collect();
    if more > 0 {
        let says = format!(
            "{} more that did not hold: GitHub shows {MOST_ANNOTATIONS} of a step; the log and the summary have them all",
            count(more, "expectation")
        );
        shown.push(format!("::notice title=Rehearsal::{}", message(&says)));
    }
    if run.summary.interrupted {
        shown.push("::error title=Rehearsal::The run was stopped before its end".to_owned());
    }
    shown
}

fn of_case(case: &CaseOutcome, repository: &Repository) -> Vec<String> {
    let file = property(&repository.path(&case.path));
    let command = |line: Option<usize>, says: &str| {
        let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
        let title = property(case.case.as_str());
        format!("::error file={file}{line},title={title}::{}", message(says))
    };
    let Some(play) = case.shown() else { return Vec::new() };
    if play.mismatches.is_empty() {
        let line = play.unanswered.iter().chain(&play.not_reached).map(|turn| turn.line).next();
        let backend = play.error.as_ref().and_then(|error| error.backend.as_ref());
        let help = backend.and_then(|error| error.help.as_deref());
        let says = case.reason.as_deref().into_iter().chain(help);
        return vec![command(line, &says.collect::<Vec<_>>().join("\n"))];
    }
    play.mismatches.iter().map(|one| command(one.line(), &one.message)).collect()
}

/// The value of a property, escaped as the runner wants it.
fn property(text: &str) -> String {
    message(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

/// The message, escaped as the runner wants it.
fn message(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_escaped_as_the_runner_wants_it() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25\\n");
        assert_eq!(message("50 %\r\n::error::x"), "50 %25%0A:\\:error::x");
    }
}
