//! GitHub Actions: annotations at the lines of expectations, and the summary of a job.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};

use super::{
    CaseRecord, Repository, RunRecord,
    diff::PATIENCE,
    headline::headline,
    record::{MismatchRecord, TurnRecord},
};
use crate::text::{
    layout::{count, shell_word},
    one_line, printable,
};

/// How many errors of a step GitHub shows.
const MOST_ANNOTATIONS: usize = 10;

/// How large the summary of a step may be, in bytes.
pub const MOST_SUMMARY: usize = 1 << 20;

/// How much of it is kept for the line that says what was cut.
const RESERVE: usize = 1 << 10;

/// How many lines of a text are shown.
const MOST_LINES: usize = 60;

/// How much of one line is shown, in bytes.
const MOST_OF_A_LINE: usize = 2 << 10;

/// Workflow commands that put each mismatch at its line; as many as GitHub shows, and then one that
/// says how many there are.
#[must_use]
pub fn annotations(run: &RunRecord, repository: &Repository) -> Vec<String> {
    let bad = run.cases.iter().filter(|case| case.is_bad() && !case.never_begun);
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

fn of_case(case: &CaseRecord, repository: &Repository) -> Vec<String> {
    let file = property(&repository.path(&case.path));
    let command = |title: &str, line: Option<usize>, says: &str| {
        let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
        format!("::error file={file}{line},title={}::{}", property(title), message(says))
    };
    if case.mismatches.is_empty() {
        let line = case.unanswered.iter().chain(&case.not_reached).find_map(|turn| turn.line);
        let help = case.error.as_ref().and_then(|error| error.help.as_deref());
        let says =
            [case.reason.as_deref(), help].into_iter().flatten().collect::<Vec<_>>().join("\n");
        return vec![command(case.case.as_str(), line, &says)];
    }
    let mismatches = case.mismatches.iter();
    mismatches.map(|one| command(case.case.as_str(), one.line, &one.message)).collect()
}

/// The value of a property, escaped as the runner wants it.
fn property(text: &str) -> String {
    message(&one_line(text)).replace(':', "%3A").replace(',', "%2C")
}

/// The message, escaped as the runner wants it.
fn message(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The summary of a job in Markdown, of at most `room` bytes.
#[must_use]
pub fn step_summary(run: &RunRecord, room: usize) -> String {
    let room = room.min(MOST_SUMMARY).saturating_sub(RESERVE);
    let mut out = top(run);
    let bad: Vec<&CaseRecord> =
        run.cases.iter().map(AsRef::as_ref).filter(|case| case.is_bad()).collect();
    let mut shown = 0;
    for case in &bad {
        let section = section(case);
        if out.len() + section.len() > room {
            // A smaller one may still have room.
            continue;
        }
        out += &section;
        shown += 1;
    }
    if shown < bad.len() {
        let cut = count(bad.len() - shown, "conversation");
        out += &format!(
            "\n**{cut} left out here**, for GitHub shows at most 1 MiB of a step. `--html FILE` has them all.\n"
        );
    }
    out
}

fn top(run: &RunRecord) -> String {
    let summary = &run.summary;
    let mark = if summary.exit_status() == 0 { "✅" } else { "❌" };
    let mut out = format!("## {mark} {}\n\n", markdown(&headline(summary)));
    out += "| passed | failed | not played | skipped | turns | requests | median | 95 % |\n";
    out += "| --: | --: | --: | --: | --: | --: | --: | --: |\n";
    let milliseconds = |share| match summary.latency_ms.percentile(share) {
        Some(latency) => format!("{latency:.0} ms"),
        None => "–".to_owned(),
    };
    out += &format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
        summary.passed,
        summary.failed,
        summary.errored,
        summary.skipped,
        summary.turns,
        summary.requests,
        milliseconds(0.5),
        milliseconds(0.95)
    );
    if let Some(reason) = &summary.halted {
        out += &format!("\nThe run went no further: {}\n", markdown(reason));
    }
    if summary.interrupted {
        out += "\nThe run was stopped before its end.\n";
    }
    out
}

fn section(case: &CaseRecord) -> String {
    let mut out = format!("\n### {}\n\n", markdown(case.case.as_str()));
    if let Some(reason) = case.reason.as_ref().filter(|_| case.mismatches.is_empty()) {
        out += &format!("{}\n\n", markdown(reason));
    }
    for turn in &case.turns {
        let mismatches: Vec<&MismatchRecord> = case.mismatches_of(turn.turn).collect();
        if !mismatches.is_empty() {
            turn_section(turn, &mismatches, &mut out);
        }
    }
    out += &fenced("text", &support(case));
    out
}

fn turn_section(turn: &TurnRecord, mismatches: &[&MismatchRecord], out: &mut String) {
    for mismatch in mismatches {
        *out += &format!("- {}\n", markdown(&mismatch.message));
    }
    let mut lines = Vec::new();
    if let Some(user) = &turn.user {
        lines.push(format!("  user:  {}", one_line(user)));
    }
    match mismatches.iter().find_map(|one| one.whole_texts()) {
        Some((expected, said)) => lines.extend(diff_lines(Some(&expected), &said)),
        None => lines.extend(diff_lines(None, &turn.response)),
    }
    *out += &format!("\n{}\n", fenced("diff", &lines.join("\n")));
}

/// The lines of a difference, each with its sign before it.
fn diff_lines(expected: Option<&str>, response: &str) -> Vec<String> {
    let (old, new) = (expected.map(printable), printable(response));
    let mut lines: Vec<String> = match &old {
        None => new.lines().map(|line| format!("  agent: {}", cut(line))).collect(),
        Some(old) => {
            let diff =
                TextDiff::configure().timeout(PATIENCE).diff_lines(old.as_ref(), new.as_ref());
            let sign = |tag| match tag {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let changes = diff.iter_all_changes();
            changes
                .map(|one| format!("{} {}", sign(one.tag()), cut(one.value().trim_end())))
                .collect()
        }
    };
    if lines.len() > MOST_LINES {
        let more = lines.len() - MOST_LINES;
        lines.truncate(MOST_LINES);
        lines.push(format!("  … ({more} more lines)"));
    }
    lines
}

/// The beginning of a line that is too long to be read.
fn cut(line: &str) -> Cow<'_, str> {
    if line.len() <= MOST_OF_A_LINE {
        return Cow::Borrowed(line);
    }
    let start = &line[..line.floor_char_boundary(MOST_OF_A_LINE)];
    Cow::Owned(format!("{start}… ({} bytes more)", line.len() - start.len()))
}

/// What PolyAI's support asks for, and the command that plays it again.
fn support(case: &CaseRecord) -> String {
    let mut lines = Vec::new();
    let mut add = |name: &str, value: &str| lines.push(format!("{name}: {}", one_line(value)));
    add("project", &case.project);
    add("environment", &case.environment);
    for (name, value) in [("variant", &case.variant_id), ("conversation", &case.conversation_id)] {
        if let Some(value) = value {
            add(name, value);
        }
    }
    add("time", &case.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    for turn in case.turns.iter().filter(|turn| case.mismatches_of(turn.turn).next().is_some()) {
        add(&format!("turn {}", turn.turn), &turn.correlation_id);
        if let Some(curl) = &turn.curl {
            add("repeat it", curl);
        }
    }
    for error in case.error.iter().chain(&case.earlier_errors) {
        let facts = [
            ("error_id", &error.error_id),
            ("correlation", &error.correlation_id),
            ("repeat it", &error.curl),
        ];
        for (name, value) in facts {
            if let Some(value) = value {
                add(name, value);
            }
        }
    }
    let (environment, name) = (shell_word(&case.environment), shell_word(case.case.as_str()));
    add("play again", &format!("rehearsal run --environment {environment} --exact {name}"));
    lines.join("\n")
}

/// A block of text as it is, between fences that are longer than any within it.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{text}\n{fence}\n")
}

/// Text in one line that Markdown and HTML take for nothing but text.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c if c.is_ascii_punctuation() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_leaves_room_for_others() {
        let lines = diff_lines(None, &"é".repeat(1 << 20));
        assert!(lines.iter().all(|line| line.len() < 3 << 10), "it is cut");
    }

    #[test]
    fn commands_are_escaped_as_the_runner_wants_it() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25\\n");
        assert_eq!(message("50 %\r\n::error::x"), "50 %25%0A:\\:error::x");
    }

    #[test]
    fn no_text_leaves_its_fence_or_its_line() {
        let block = fenced("diff", "+ ````\n+ text");
        assert!(block.starts_with("`````diff\n") && block.ends_with("\n`````\n"), "{block}");
        assert_eq!(
            markdown("<b> *x* [a](http://x)\n# y"),
            r"&lt;b&gt; \*x\* \[a\]\(http\:\/\/x\)\\n\# y"
        );
    }
}
