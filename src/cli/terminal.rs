//! A run as a person sees it.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    report::{CaseReport, Event, SnapshotNote, Style, Summary, Verdict, failure},
    text::{
        Scrubber,
        layout::{brief, count, duration},
    },
};

/// Prints a line a case, failures as they happen, and the summary; where standard error is a
/// terminal, a line below them shows how far the run is.
pub(super) struct Terminal {
    style: Style,
    on_stdout: bool,
    progress: ProgressBar,
    scrubber: Scrubber,
}

impl Terminal {
    pub fn new(cases: usize, on_stdout: bool, style: Style, scrubber: Scrubber) -> Self {
        let progress = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        let template = "{spinner} {pos} of {len} played, {msg}";
        progress.set_style(
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Self { style, on_stdout, progress, scrubber }
    }

    pub fn show(&mut self, event: Event<'_>) {
        match event {
            Event::RunStarted { .. } => {}
            Event::CaseStarted { case } => self.progress.set_message(brief(case.as_str(), 50)),
            Event::CaseFinished { report } => {
                let text = self.case(report);
                self.progress.suspend(|| self.print(&text));
                self.progress.inc(1);
            }
            Event::RunFinished { summary } => {
                self.progress.finish_and_clear();
                self.print(&self.summary(summary));
            }
        }
    }

    fn print(&self, text: &str) {
        let text = self.scrubber.scrub(text);
        // A closed pipe is no reason to stop: the exit status still tells.
        if self.on_stdout {
            let _ = writeln!(std::io::stdout().lock(), "{text}");
        } else {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    fn case(&self, report: &CaseReport) -> String {
        let style = self.style;
        let name = &report.case;
        match report.verdict {
            Verdict::Passed => {
                let turns = report.exchanges.len().saturating_sub(1);
                let mut text = format!("{} {name}", style.good("  ok"));
                let mut facts = format!("{}, {}", count(turns, "turn"), duration(report.duration));
                if !report.earlier.is_empty() {
                    facts += &format!(", on attempt {}", report.attempts());
                }
                text += &style.dim(format!("  {facts}"));
                match &report.snapshot {
                    SnapshotNote::Accepted(_) => text += &style.warning("  snapshot accepted"),
                    SnapshotNote::Outdated(_) => {
                        text +=
                            &style.warning("  snapshot follows the conversation: rehearsal accept")
                    }
                    SnapshotNote::Pending(_) => text += &style.warning("  snapshot pending"),
                    SnapshotNote::Nothing => {}
                }
                for warning in &report.warnings {
                    text += &format!("\n{}", warning.render(style.is_coloured()));
                }
                text
            }
            Verdict::Skipped => {
                let reason = brief(report.skipped.as_deref().unwrap_or_default(), 60);
                format!("{} {name}{}", style.warning("skip"), style.dim(format!("  {reason}")))
            }
            Verdict::Errored if report.never_begun() => {
                format!("{} {name}{}", style.warning("stop"), style.dim("  not played"))
            }
            Verdict::Failed | Verdict::Errored => format!("\n{}", failure::render(report, style)),
        }
    }

    fn summary(&self, summary: &Summary) -> String {
        format!("\n{}", summary.render(self.style))
    }
}
