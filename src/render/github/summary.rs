//! The summary of a job in Markdown.

use std::borrow::Cow;

use similar::{ChangeTag, TextDiff};

use crate::{
    check::Mismatch,
    outcome::{CaseOutcome, Play, RunOutcome},
    player::Exchange,
    render::{commands, curl::curl, headline::headline},
    text::{layout::count, one_line, printable, word_diff::TIME_LIMIT},
};

/// How large the summary of a step may be, in bytes.
pub const MOST_SUMMARY: usize = 1 << 20;

/// How much of it is kept for the line that says what was cut.
const RESERVE: usize = 1 << 10;

/// How many lines of a text are shown.
const MOST_LINES: usize = 60;

/// How much of one line is shown, in bytes.
const MOST_OF_A_LINE: usize = 2 << 10;

/// The summary of a job in Markdown, of at most `room` bytes.
#[must_use]
pub fn step_summary(run: &RunOutcome, room: usize) -> String {
    let room = room.min(MOST_SUMMARY).saturating_sub(RESERVE);
    let mut out = top(run);
    let bad: Vec<&CaseOutcome> =
        run.cases.iter().map(AsRef::as_ref).filter(|case| case.is_failing()).collect();
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

fn top(run: &RunOutcome) -> String {
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
        out += &format!("\nRun aborted: {}\n", markdown(reason));
    }
    if summary.interrupted {
        out += "\nThe run was stopped before its end.\n";
    }
    out
}

fn section(case: &CaseOutcome) -> String {
    let mut out = format!("\n### {}\n\n", markdown(case.case.as_str()));
    let Some(play) = case.shown() else { return out };
    if let Some(reason) = case.reason.as_ref().filter(|_| play.mismatches.is_empty()) {
        out += &format!("{}\n\n", markdown(reason));
    }
    for exchange in &play.turns {
        let mismatches: Vec<&Mismatch> = play.mismatches_of(exchange.turn).collect();
        if !mismatches.is_empty() {
            turn_section(exchange, &mismatches, &mut out);
        }
    }
    out += &fenced("text", &support(case, play));
    out
}

fn turn_section(exchange: &Exchange, mismatches: &[&Mismatch], out: &mut String) {
    for mismatch in mismatches {
        *out += &format!("- {}\n", markdown(&mismatch.message));
    }
    let mut lines = Vec::new();
    if let Some(user) = &exchange.user {
        lines.push(format!("  user:  {}", one_line(user)));
    }
    match mismatches.iter().find_map(|one| one.kind.whole_texts()) {
        Some((expected, actual)) => lines.extend(diff_lines(Some(expected), actual)),
        None => lines.extend(diff_lines(None, &exchange.response)),
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
                TextDiff::configure().timeout(TIME_LIMIT).diff_lines(old.as_ref(), new.as_ref());
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
fn support(case: &CaseOutcome, play: &Play) -> String {
    let mut lines = Vec::new();
    let mut add = |name: &str, value: &str| lines.push(format!("{name}: {}", one_line(value)));
    add("project", &case.project);
    add("environment", &case.environment);
    for (name, value) in [("variant", &case.variant_id), ("conversation", &play.conversation_id)] {
        if let Some(value) = value {
            add(name, value);
        }
    }
    add("time", &play.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
    for exchange in &play.turns {
        if play.mismatches_of(exchange.turn).next().is_some() {
            add(&exchange.turn.to_string(), &exchange.correlation_id);
            if let Some(words) = curl(&exchange.request, &case.auth) {
                add("repeat it", &words.join(" "));
            }
        }
    }
    let errors = play.error.iter().chain(&play.earlier_errors);
    for error in errors.filter_map(|error| error.backend.as_ref()) {
        if let Some(id) = &error.error_id {
            add("error_id", id);
        }
        add("correlation", &error.correlation_id);
        if let Some(words) = curl(&error.request, &case.auth) {
            add("repeat it", &words.join(" "));
        }
    }
    add("play again", &commands::play_again(case));
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
    fn no_text_leaves_its_fence_or_its_line() {
        let block = fenced("diff", "+ ````\n+ text");
        assert!(block.starts_with("`````diff\n") && block.ends_with("\n`````\n"), "{block}");
        assert_eq!(
            markdown("<b> *x* [a](http://x)\n# y"),
            r"&lt;b&gt; \*x\* \[a\]\(http\:\/\/x\)\\n\# y"
        );
    }
}
