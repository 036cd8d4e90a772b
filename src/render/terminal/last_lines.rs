//! The last lines of a run: the outcome of all of it.

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::{
    conversation::CaseName,
    outcome::{RunInfo, Summary, Verdict},
    player::close_commands,
    text::{
        layout::{Style, WIDTH, brief, command_lines, count, duration, fill},
        one_line,
    },
};

/// How many cases of a kind are named.
const MOST_NAMED: usize = 30;

/// How many columns a reason needs to stand beside a name.
const LEAST_ROOM: usize = 24;

/// How many reasons of a kind are given.
const MOST_REASONS: usize = 10;

/// What the last lines are made of.
#[derive(Clone, Copy, Debug)]
pub struct LastLines<'a> {
    /// The sum of the run.
    pub summary: &'a Summary,
    /// What it was asked to do.
    pub run: Option<&'a RunInfo>,
    /// The command that plays just what failed once more.
    pub rerun: Option<&'a str>,
    /// The flags that lead `rehearsal review` to the same files, each after a space.
    pub flags: &'a str,
    /// Whether they are coloured.
    pub style: Style,
}

impl LastLines<'_> {
    /// The lines, without a line end.
    #[must_use]
    pub fn render(&self) -> String {
        let mut lines = self.failing_cases();
        lines.extend(self.reasons("flaky", &self.summary.flaky_cases));
        lines.extend(self.quarantined_cases());
        lines.extend(self.reasons("skip ", &self.summary.skips));
        lines.extend(self.reasons("retry", &self.summary.retries));
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(self.verdicts());
        lines.push(self.style.dim(self.numbers()));
        lines.extend(self.latency().map(|line| self.style.dim(line)));
        lines.extend(self.run.map(|run| self.style.dim(settings(run))));
        lines.extend(self.notes());
        lines.extend(self.open());
        lines.extend(self.rerun());
        lines.join("\n")
    }

    /// The names of what did not pass, where they are scattered above.
    fn failing_cases(&self) -> Vec<String> {
        let failing = &self.summary.failing;
        if failing.len() < 2 {
            return Vec::new();
        }
        let line = |(case, verdict): &(CaseName, Verdict)| {
            let word = match verdict {
                Verdict::Errored => "error ",
                Verdict::Flaky => "flaky ",
                _ => "failed",
            };
            format!("{} {}", self.style.bad(word), one_line(case.as_str()))
        };
        let mut lines: Vec<String> = failing.iter().take(MOST_NAMED).map(line).collect();
        lines.extend(self.left_out(failing.len(), MOST_NAMED));
        lines
    }

    fn reasons(&self, word: &str, cases: &[(CaseName, String)]) -> Vec<String> {
        let line = |(case, reason): &(CaseName, String)| {
            let name = one_line(case.as_str());
            let room = (WIDTH - 9).saturating_sub(name.width());
            let (between, room) =
                if room < LEAST_ROOM { ("\n       ", WIDTH - 7) } else { ("  ", room) };
            let reason = self.style.dim(brief(reason, room));
            format!("{}  {name}{between}{reason}", self.style.warning(word))
        };
        let mut lines: Vec<String> = cases.iter().take(MOST_REASONS).map(line).collect();
        lines.extend(self.left_out(cases.len(), MOST_REASONS));
        lines
    }

    fn quarantined_cases(&self) -> Vec<String> {
        let cases = &self.summary.quarantined_cases;
        let mut lines = Vec::new();
        for one in cases.iter().take(MOST_REASONS) {
            let word = self.style.warning("quarantined");
            lines.push(format!("{word}  {}", one_line(one.case.as_str())));
            for text in [&one.tally, &one.reason].into_iter().filter(|text| !text.is_empty()) {
                lines.push(format!("       {}", self.style.dim(brief(text, WIDTH - 7))));
            }
        }
        lines.extend(self.left_out(cases.len(), MOST_REASONS));
        lines
    }

    fn left_out(&self, all: usize, most: usize) -> Option<String> {
        (all > most).then(|| self.style.dim(format!("and {} more", all - most)))
    }

    fn verdicts(&self) -> String {
        let (summary, style) = (self.summary, self.style);
        let broken = summary.errored.saturating_sub(summary.not_played);
        let flaky = format!("{} flaky", summary.flaky);
        let flaky = match summary.flaky - summary.flaky_warned {
            0 => style.warning(flaky),
            _ => style.headline(flaky),
        };
        let all = [
            (summary.failed, style.headline(format!("{} failed", summary.failed))),
            (summary.flaky, flaky),
            (broken, style.headline(format!("{broken} could not be played"))),
            (summary.not_played, style.headline(format!("{} not played", summary.not_played))),
            (summary.passed, style.good(format!("{} passed", summary.passed))),
            (summary.quarantined, style.warning(format!("{} quarantined", summary.quarantined))),
            (summary.skipped, style.warning(format!("{} skipped", summary.skipped))),
            (
                summary.retried,
                style.warning(format!("{} of them on a later attempt", summary.retried)),
            ),
        ];
        let some = all.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words);
        some.collect::<Vec<_>>().join(", ")
    }

    fn numbers(&self) -> String {
        let summary = self.summary;
        format!(
            "{}, {}, {} in {}",
            count(summary.conversations.saturating_sub(summary.not_played), "conversation"),
            count(summary.turns, "turn"),
            count(summary.requests, "request"),
            duration(Duration::from_millis(summary.duration_ms))
        )
    }

    fn latency(&self) -> Option<String> {
        let latencies = &self.summary.latency_ms;
        let (median, p95) = (latencies.median()?, latencies.p95()?);
        Some(format!("answers: median {}, 95 % within {}", duration(median), duration(p95)))
    }

    fn notes(&self) -> Vec<String> {
        let (summary, style) = (self.summary, self.style);
        let mut notes = Vec::new();
        if summary.pending > 0 {
            let verb = if summary.pending == 1 { "waits" } else { "wait" };
            let pending = count(summary.pending, "pending snapshot");
            notes.push(match self.flags {
                "" => format!("{pending} {verb} for a decision: rehearsal review, accept, reject"),
                flags => format!(
                    "{pending} {verb} for a decision:\n{}",
                    command_lines(&one_line(&format!("rehearsal review{flags}")), 2)
                ),
            });
        }
        if summary.accepted > 0 {
            let accepted = count(summary.accepted, "snapshot");
            notes.push(style.warning(format!("{accepted} accepted, because INSTA_UPDATE says so")));
        }
        if summary.repeated_requests > 0 {
            let repeated = count(summary.repeated_requests, "request");
            // A repeated `create` that may have been heard counts as a conversation that may be open.
            let why = match summary.maybe_created {
                0 => ", which the agent cannot have heard before",
                _ => "",
            };
            notes.push(style.dim(format!("{repeated} sent again{why}")));
        }
        let note = |note: &String| style.warning(fill(&one_line(note), WIDTH).join("\n"));
        notes.extend(summary.notes.iter().map(note));
        if let Some(reason) = &summary.halted {
            let what = format!("run aborted: {}", one_line(reason));
            notes.push(style.headline(fill(&what, WIDTH).join("\n")));
        }
        if summary.interrupted {
            notes.push(
                style.headline("the run is not whole: it was stopped, or a part of it is missing"),
            );
        }
        if summary.is_all_quarantined() {
            notes.push(self.all_quarantined());
        }
        if summary.cases() > 0 && summary.cases() == summary.skipped && !summary.may_be_empty {
            notes
                .push(style.headline("nothing was played: every selected conversation is skipped"));
        }
        notes
    }

    fn all_quarantined(&self) -> String {
        match self.summary.is_shard {
            true => self
                .style
                .warning("nothing passed in this part: all that was played is quarantined"),
            false => self.style.headline(
                "nothing passed: all that was played is quarantined, so the run counts as failed",
            ),
        }
    }

    fn open(&self) -> Vec<String> {
        let (summary, style) = (self.summary, self.style);
        let mut lines = Vec::new();
        if summary.maybe_created > 0 {
            let more = count(summary.maybe_created, "conversation");
            lines.push(style.warning(format!("{more} may have been started whose id never came")));
        }
        if !summary.maybe_open.is_empty() {
            lines.push(style.warning("may still be open on the platform; this closes them:"));
            let commands = close_commands(&summary.maybe_open);
            lines.extend(commands.iter().map(|command| format!("  {}", one_line(command))));
        }
        lines
    }

    fn rerun(&self) -> Option<String> {
        let command = self.rerun.filter(|_| self.summary.counts_against() > 0)?;
        Some(format!("play again what failed:\n{}", command_lines(command, 2)))
    }
}

/// `in sandbox, 4 conversations at once, up to 2 attempts, part 2/5`
fn settings(run: &RunInfo) -> String {
    let mut settings = format!("in {}", one_line(&run.environments.join(", ")));
    settings += &format!(", {} at once", count(run.concurrency, "conversation"));
    if run.attempts > 1 {
        settings += &format!(", up to {} attempts", run.attempts);
    }
    if let Some(shard) = &run.shard {
        settings += &format!(", part {}", one_line(shard));
    }
    settings
}
