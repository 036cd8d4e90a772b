//! A run as one HTML page that needs nothing else: no network and no other file.

mod case;
mod filters;
mod grid;
mod head;
mod kind;
mod link;
mod play;
mod plot;
mod quarantine;
mod text;
mod turn;

use std::{
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use askama::Template;

use self::{
    case::CaseView, filters::Filters, head::Head, kind::VerdictClass, link::Links,
    plot::AnswerTimes,
};
use super::{
    Document,
    spool::{Part, Spool},
};
use crate::{
    config::Place,
    conversation::CaseName,
    outcome::{CaseOutcome, RunInfo, Summary, Verdict},
    text::Scrubber,
};

/// How many of the cases that did not pass are open from the beginning.
const MOST_OPEN: usize = 20;

/// A run as a page, of which each conversation is made as soon as it is over.
pub struct HtmlReport {
    run: RunInfo,
    links: Links,
    filters: Filters,
    answers: AnswerTimes,
    cases: Vec<ShownCase>,
    places: Vec<Arc<Place>>,
    /// The conversations as they came, each from the attributes of its first tag on.
    conversations: Spool,
    scratch: String,
    scrubber: Scrubber,
}

/// A case that is on the page: where, and what the overview says of it.
#[derive(Clone, Debug)]
pub struct ShownCase {
    place: Arc<Place>,
    case: CaseName,
    kind: VerdictClass,
    /// Why it did not pass.
    reason: Option<String>,
    /// Whether it is open from the beginning, if there is room.
    opens: bool,
    conversation: Part,
}

impl HtmlReport {
    /// The page of a run that begins. What does not fit into memory lies in a folder.
    #[must_use]
    pub fn new(folder: Option<&Path>, run: &RunInfo, scrubber: Scrubber) -> Self {
        Self {
            run: run.clone(),
            links: Links::of(run),
            filters: Filters::default(),
            answers: AnswerTimes::default(),
            cases: Vec::new(),
            places: Vec::new(),
            conversations: Spool::new(folder),
            scratch: String::new(),
            scrubber,
        }
    }

    fn place(&mut self, case: &CaseOutcome) -> Arc<Place> {
        if let Some(place) = self.places.iter().find(|place| case.is_in(place)) {
            return Arc::clone(place);
        }
        let place = Arc::new(case.place());
        self.places.push(Arc::clone(&place));
        place
    }
}

impl Document for HtmlReport {
    fn add(&mut self, case: &CaseOutcome) -> io::Result<()> {
        self.scratch.clear();
        let view = CaseView::of(case, &self.links, self.filters.keys(case));
        view.render_into(&mut self.scratch).map_err(io::Error::other)?;
        let conversation = self.conversations.add(&self.scrubber.scrub_markup(&self.scratch))?;
        self.answers.add(case);
        let place = self.place(case);
        self.cases.push(ShownCase::of(case, place, conversation));
        Ok(())
    }

    /// What did not pass stands first.
    fn write(mut self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self.places.sort();
        self.cases.sort_by(|a, b| a.key().cmp(&b.key()));
        let head = Head::of(&self, summary).render().map_err(io::Error::other)?;
        out.write_all(self.scrubber.scrub_markup(&head).as_bytes())?;
        self.cases.sort_by_key(|case| case.kind.rank());
        for (at, case) in self.cases.iter().enumerate() {
            let open = if at < MOST_OPEN && case.opens { " open" } else { "" };
            write!(out, "\n<details{open} ")?;
            self.conversations.copy(&case.conversation, out)?;
        }
        let foot = Foot { any: !self.cases.is_empty() }.render().map_err(io::Error::other)?;
        out.write_all(foot.as_bytes())
    }
}

impl ShownCase {
    fn of(case: &CaseOutcome, place: Arc<Place>, conversation: Part) -> Self {
        Self {
            place,
            case: case.case.clone(),
            kind: VerdictClass::of(case),
            reason: case.reason.clone().filter(|_| case.verdict != Verdict::Skipped),
            opens: case.is_failing() && !case.never_begun(),
            conversation,
        }
    }

    /// What tells it from every other case.
    fn key(&self) -> (&Place, &CaseName) {
        (&self.place, &self.case)
    }
}

impl std::fmt::Debug for HtmlReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page").field("cases", &self.cases.len()).finish_non_exhaustive()
    }
}

/// What stands behind the conversations.
#[derive(Template)]
#[template(path = "render/html/foot.html")]
struct Foot {
    any: bool,
}
