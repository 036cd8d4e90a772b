//! What stands before the conversations: the outcome of the run, its picture, how long answers took.

use std::time::Duration;

use askama::Template;

use super::{HtmlReport, filters::Choice, grid::Grid, kind::VerdictClass, plot::Plot, text::Html};
use crate::{
    outcome::Summary,
    render::headline::headline,
    text::layout::{count, duration},
};

/// How many places are named.
const MOST_PLACES: usize = 4;

/// The page up to its first conversation.
#[derive(Template)]
#[template(path = "render/html/head.html")]
pub struct Head<'a> {
    headline: String,
    kind: VerdictClass,
    subline: Html<'static>,
    counts: Vec<(usize, &'static str, VerdictClass)>,
    notes: Vec<Html<'static>>,
    latency: Option<String>,
    grid: Grid<'a>,
    plot: Option<Plot>,
    choices: Vec<Choice<'a>>,
    any: bool,
}

impl<'a> Head<'a> {
    /// The head of a page that has all its cases, in their order.
    pub fn of(page: &'a HtmlReport, summary: &Summary) -> Self {
        Self {
            headline: headline(summary),
            kind: overall(summary),
            subline: subline(page, summary),
            counts: counts(summary),
            notes: notes(page, summary),
            latency: latency(summary),
            grid: Grid::of(&page.cases, &page.links),
            plot: Plot::of(&page.answers, &page.links),
            choices: page.filters.choices(),
            any: !page.cases.is_empty(),
        }
    }
}

fn overall(summary: &Summary) -> VerdictClass {
    match summary.exit_status() {
        0 => VerdictClass::Passed,
        1 => VerdictClass::Failed,
        _ => VerdictClass::Errored,
    }
}

/// `bistro · local · 2026-11-20 09:21 UTC · 12.5 s`
fn subline(page: &HtmlReport, summary: &Summary) -> Html<'static> {
    let named = page.places.iter().map(|one| format!("{} · {}", one.project, one.environment));
    let mut places: Vec<String> = named.take(MOST_PLACES).collect();
    if places.is_empty() {
        places.extend(page.run.environments.iter().take(MOST_PLACES).cloned());
    }
    let mut parts =
        vec![places.join(", "), page.run.started.strftime("%-d %B %Y, %H:%M UTC").to_string()];
    if summary.requests > 0 {
        let plays = summary.conversations.saturating_sub(summary.not_played);
        let played = summary.cases().saturating_sub(summary.skipped + summary.not_played);
        parts.extend((plays > played).then(|| count(plays, "play")));
        parts.push(count(summary.turns, "turn"));
        parts.push(count(summary.requests, "request"));
        parts.push(duration(Duration::from_millis(summary.duration_ms)));
    }
    parts.retain(|part| !part.is_empty());
    Html::text(parts.join(" · "))
}

fn counts(summary: &Summary) -> Vec<(usize, &'static str, VerdictClass)> {
    let all = [
        (summary.failed, "failed", VerdictClass::Failed),
        (summary.errored, "not played", VerdictClass::Errored),
        (summary.flaky, "flaky", VerdictClass::Flaky),
        (summary.quarantined, "quarantined", VerdictClass::Quarantined),
        (summary.passed, "passed", VerdictClass::Passed),
        (summary.skipped, "skipped", VerdictClass::Skipped),
    ];
    all.into_iter().filter(|(number, ..)| *number > 0).collect()
}

fn notes(page: &HtmlReport, summary: &Summary) -> Vec<Html<'static>> {
    let mut notes = Vec::new();
    if let Some(reason) = &summary.halted {
        notes.push(format!("Run aborted: {reason}"));
    }
    if summary.interrupted {
        notes.push(match page.run.cases.saturating_sub(page.cases.len()) {
            0 => "The run was stopped before its end.".to_owned(),
            lost => {
                format!("The run did not end; nothing is known of {}.", count(lost, "conversation"))
            }
        });
    }
    notes.extend(forgiven(summary));
    notes.extend(summary.notes.iter().cloned());
    if summary.pending > 0 {
        notes.push(format!("Pending snapshots that wait for a decision: {}", summary.pending));
    }
    let open = summary.maybe_open.len() + summary.maybe_created;
    if open > 0 {
        notes.push(format!("Conversations that may still be open on the platform: {open}"));
    }
    notes.into_iter().map(Html::text).collect()
}

/// What counts as passed, although not everything of it did.
fn forgiven(summary: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    if summary.flaky_warned > 0 {
        let flaky = count(summary.flaky_warned, "conversation");
        notes.push(format!("Flaky, and counted as passed with a warning: {flaky}"));
    }
    if summary.retried > 0 {
        let retried = count(summary.retried, "conversation");
        notes.push(format!("Passed only on a later attempt: {retried}"));
    }
    notes
}

fn latency(summary: &Summary) -> Option<String> {
    let (median, p95) = (summary.latency_ms.median()?, summary.latency_ms.p95()?);
    Some(format!(
        "Half of the answers came within {}, 95 % within {}.",
        duration(median),
        duration(p95)
    ))
}
