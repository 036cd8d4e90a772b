//! A run as one HTML page that needs nothing else: no network, no scripts, no other file.

mod case;
mod grid;
mod link;
mod plot;
mod text;

use std::sync::Arc;

use askama::Template;

use self::{case::CaseView, grid::Grid, link::Links, plot::Plot, text::Html};
use super::{CaseRecord, RunRecord, Summary, Verdict, headline::headline};
use crate::text::layout::{count, duration};

/// How many of the cases that did not pass are open from the beginning.
const MOST_OPEN: usize = 20;

/// A run as a page.
///
/// # Errors
/// Never in practice: the template writes to memory.
pub fn render(run: &RunRecord) -> Result<String, askama::Error> {
    let links = Links::of(&run.cases);
    let filters = Filters::of(&run.cases);
    // What did not pass stands first.
    let mut ordered: Vec<&CaseRecord> = run.cases.iter().map(AsRef::as_ref).collect();
    ordered.sort_by_key(|case| Kind::of(case).rank());
    let page = Page {
        headline: headline(&run.summary),
        kind: overall(&run.summary),
        subline: subline(run),
        counts: counts(&run.summary),
        notes: notes(run),
        latency: latency(&run.summary),
        grid: Grid::of(&run.cases, &links),
        plot: Plot::of(&run.cases, &links),
        cases: conversations(&ordered, &links, &filters)?,
        filters,
    };
    page.render()
}

/// The conversations, made by as many threads as may run at once.
fn conversations(
    cases: &[&CaseRecord],
    links: &Links,
    filters: &Filters,
) -> Result<Vec<String>, askama::Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let size = cases.len().div_ceil(threads).max(100);
    let render = |first: usize, cases: &[&CaseRecord]| {
        let mut html = String::with_capacity(cases.len() << 11);
        for (at, case) in (first..).zip(cases) {
            CaseView::of(case, links, filters, at < MOST_OPEN).render_into(&mut html)?;
        }
        Ok(html)
    };
    std::thread::scope(|scope| {
        let chunks = cases.chunks(size).enumerate();
        let threads: Vec<_> =
            chunks.map(|(at, cases)| scope.spawn(move || render(at * size, cases))).collect();
        // What a thread panicked with is passed on.
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    })
}

#[derive(Template)]
#[template(path = "report/html/page.html")]
struct Page {
    headline: String,
    kind: Kind,
    subline: Html,
    counts: Vec<(usize, &'static str, Kind)>,
    notes: Vec<Html>,
    latency: Option<String>,
    grid: Grid,
    plot: Option<Plot>,
    cases: Vec<String>,
    filters: Filters,
}

/// What came of a case, as it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It passed.
    Passed,
    /// It passed on a later attempt.
    Flaky,
    /// Something does not hold.
    Failed,
    /// It could not be played.
    Errored,
    /// It was skipped.
    Skipped,
}

impl Kind {
    fn of(case: &CaseRecord) -> Self {
        match case.verdict {
            Verdict::Passed if case.is_flaky() => Self::Flaky,
            Verdict::Passed => Self::Passed,
            Verdict::Failed => Self::Failed,
            Verdict::Errored => Self::Errored,
            Verdict::Skipped => Self::Skipped,
        }
    }

    /// The class in the style sheet, and the word in the filters.
    fn class(self) -> &'static str {
        match self {
            Self::Passed => "p",
            Self::Flaky => "y",
            Self::Failed => "f",
            Self::Errored => "e",
            Self::Skipped => "s",
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Passed => "✓",
            Self::Flaky => "↻",
            Self::Failed => "✗",
            Self::Errored => "!",
            Self::Skipped => "–",
        }
    }

    fn rank(self) -> usize {
        match self {
            Self::Failed => 0,
            Self::Errored => 1,
            Self::Flaky => 2,
            Self::Passed => 3,
            Self::Skipped => 4,
        }
    }
}

/// What can be filtered by; a case names its own by their numbers.
struct Filters {
    tags: Vec<String>,
    variants: Vec<String>,
    environments: Vec<String>,
}

impl Filters {
    fn of(cases: &[Arc<CaseRecord>]) -> Self {
        let sorted = |mut names: Vec<String>| {
            names.sort_unstable();
            names.dedup();
            names
        };
        Self {
            tags: sorted(cases.iter().flat_map(|case| case.tags.clone()).collect()),
            variants: sorted(cases.iter().filter_map(|case| case.variant.clone()).collect()),
            environments: sorted(cases.iter().map(|case| case.environment.clone()).collect()),
        }
    }

    /// The lists with the letter that stands before their numbers, those with a choice.
    fn choices(&self) -> Vec<(&'static str, &'static str, Vec<Html>)> {
        let all = [
            ("t", "tags", &self.tags),
            ("v", "variants", &self.variants),
            ("n", "environments", &self.environments),
        ];
        let html = |names: &Vec<String>| names.iter().map(|name| Html::text(name)).collect();
        let some =
            all.into_iter().filter(|(letter, _, names)| names.len() > usize::from(*letter != "t"));
        some.map(|(letter, what, names)| (letter, what, html(names))).collect()
    }

    /// The keys of a case: `t0 t3 v1 n0`.
    fn keys(&self, case: &CaseRecord) -> String {
        let number = |letter: &str, names: &[String], name: &String| {
            names.binary_search(name).ok().map(|number| format!("{letter}{number}"))
        };
        let mut keys: Vec<String> =
            case.tags.iter().filter_map(|tag| number("t", &self.tags, tag)).collect();
        keys.extend(case.variant.iter().filter_map(|one| number("v", &self.variants, one)));
        keys.extend(number("n", &self.environments, &case.environment));
        keys.join(" ")
    }
}

fn overall(summary: &Summary) -> Kind {
    match summary.exit_status() {
        0 => Kind::Passed,
        1 => Kind::Failed,
        _ => Kind::Errored,
    }
}

/// `bistro · local · 2026-11-20 09:21 UTC · 12.5 s`
fn subline(run: &RunRecord) -> Html {
    let mut places: Vec<String> =
        run.cases.iter().map(|case| format!("{} · {}", case.project, case.environment)).collect();
    places.dedup();
    if places.is_empty() {
        places.clone_from(&run.facts.environments);
    }
    places.truncate(4);
    let mut parts =
        vec![places.join(", "), run.facts.started.strftime("%-d %B %Y, %H:%M UTC").to_string()];
    let summary = &run.summary;
    if summary.requests > 0 {
        parts.push(count(summary.turns, "turn"));
        parts.push(count(summary.requests, "request"));
        parts.push(duration(std::time::Duration::from_millis(summary.duration_ms)));
    }
    parts.retain(|part| !part.is_empty());
    Html::text(&parts.join(" · "))
}

fn counts(summary: &Summary) -> Vec<(usize, &'static str, Kind)> {
    let all = [
        (summary.failed, "failed", Kind::Failed),
        (summary.errored, "not played", Kind::Errored),
        (summary.retried, "flaky", Kind::Flaky),
        (summary.passed - summary.retried, "passed", Kind::Passed),
        (summary.skipped, "skipped", Kind::Skipped),
    ];
    all.into_iter().filter(|(number, ..)| *number > 0).collect()
}

fn notes(run: &RunRecord) -> Vec<Html> {
    let summary = &run.summary;
    let mut notes = Vec::new();
    if let Some(reason) = &summary.halted {
        notes.push(format!("The run went no further: {reason}"));
    }
    if summary.interrupted {
        notes.push(match run.lost() {
            0 => "The run was stopped before its end.".to_owned(),
            lost => {
                format!("The run did not end; nothing is known of {}.", count(lost, "conversation"))
            }
        });
    }
    if summary.pending > 0 {
        notes.push(format!("Pending snapshots that wait for a decision: {}", summary.pending));
    }
    let open = summary.maybe_open.len() + summary.maybe_created;
    if open > 0 {
        notes.push(format!("Conversations that may still be open on the platform: {open}"));
    }
    notes.iter().map(|note| Html::text(note)).collect()
}

fn latency(summary: &Summary) -> Option<String> {
    let (median, p95) = (summary.latency_ms.median()?, summary.latency_ms.p95()?);
    Some(format!(
        "Half of the answers came within {}, 95 % within {}.",
        duration(median),
        duration(p95)
    ))
}
