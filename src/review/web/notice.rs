//! What the page shows of a request.

use std::collections::VecDeque;

use crate::{
    review::{DecisionSummary, Refresh, Session, render::name},
    snapshot::decision::{AcceptAs, Decision},
    text::layout::count,
};

/// How many notices are kept for pages that are about to ask for them.
const MOST_KEPT: usize = 64;

/// How many refused changes are named.
const MOST_NAMED: usize = 1;

/// The result of a request, in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notice {
    /// Whether something is not as it was asked for.
    pub is_warning: bool,
    pub lines: Vec<String>,
    /// Whether the page shows less than there is by now.
    pub offers_reload: bool,
}

impl Notice {
    pub fn good(line: impl Into<String>) -> Self {
        Self { lines: vec![line.into()], ..Self::default() }
    }

    pub fn warning(line: impl Into<String>) -> Self {
        Self { is_warning: true, ..Self::good(line) }
    }

    /// The result of a decision.
    pub fn of(decision: Decision, decided: &DecisionSummary, session: &Session) -> Self {
        let mut notice = Self { is_warning: !decided.refused.is_empty(), ..Self::default() };
        if !decided.done.is_empty() {
            let many = count(decided.done.len(), "change");
            notice.lines.push(format!("{many} {}.", word(decision)));
        }
        for (index, reason) in decided.refused.iter().take(MOST_NAMED) {
            let name = session.items().get(*index).map(name).unwrap_or_default();
            notice.lines.push(format!("Left {name}: {reason}."));
        }
        let more = decided.refused.len().saturating_sub(MOST_NAMED);
        if more > 0 {
            notice.lines.push(format!("And {} more for like reasons.", count(more, "change")));
        }
        notice
    }

    /// The same, with what other programs have done.
    pub fn and(mut self, refreshed: Refresh) -> Self {
        self.lines.extend(news(refreshed));
        self
    }
}

/// What other programs have done, in a sentence.
pub(super) fn news(refreshed: Refresh) -> Option<String> {
    let Refresh { new, gone } = refreshed;
    let is = |number: usize| if number == 1 { "is" } else { "are" };
    let came = (new > 0).then(|| format!("{} {} newly pending", count(new, "change"), is(new)));
    let went = (gone > 0)
        .then(|| format!("{} {} no longer pending as shown", count(gone, "change"), is(gone)));
    let both: Vec<String> = came.into_iter().chain(went).collect();
    (!both.is_empty()).then(|| format!("The files have changed: {}.", both.join(", ")))
}

/// What was done, after a number of changes.
pub(super) fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Accept(AcceptAs::Instead) => "accepted",
        Decision::Accept(AcceptAs::AsAlternative) => "accepted beside the other",
        Decision::Accept(AcceptAs::Loosened) => "loosened",
        Decision::Reject => "rejected",
    }
}

/// Notices for pages that are about to ask for them, by number.
#[derive(Debug, Default)]
pub(super) struct Notices {
    last: u64,
    kept: VecDeque<(u64, Notice)>,
}

impl Notices {
    pub fn keep(&mut self, notice: Notice) -> u64 {
        self.last += 1;
        self.kept.push_back((self.last, notice));
        if self.kept.len() > MOST_KEPT {
            self.kept.pop_front();
        }
        self.last
    }

    pub fn get(&self, number: u64) -> Option<&Notice> {
        self.kept.iter().find(|(kept, _)| *kept == number).map(|(_, notice)| notice)
    }
}
