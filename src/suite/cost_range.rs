//! What a selection costs.

use std::fmt;

use super::{Cost, Planned};
use crate::text::layout::count;

/// What a selection costs, from a run in which everything passes to one in which every play is
/// needed. Attempts that could not be played come on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostRange {
    /// If everything passes.
    pub least: Cost,
    /// If every play is needed, and as many failures are confirmed as may be chance.
    pub most: Cost,
}

impl CostRange {
    /// The span of these cases.
    #[must_use]
    pub fn of(cases: &[Planned]) -> Self {
        let least = cases.iter().map(Planned::cost).sum();
        let played = cases.iter().filter(|case| case.conversation.skip.is_none()).count();
        let mut confirming: Vec<Cost> = cases.iter().map(Planned::confirming).collect();
        confirming.sort_by_key(|cost| std::cmp::Reverse(cost.requests));
        let confirming = confirming.into_iter().take(most_confirmed(played));
        Self { least, most: cases.iter().map(Planned::most).chain(confirming).sum() }
    }
}

/// How many failures of so many cases may be chance, and are played again: a tenth of them, and
/// ten however few cases there are.
#[must_use]
pub fn most_confirmed(cases: usize) -> usize {
    10.max(cases / 10)
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), |sum, one| Self {
            conversations: sum.conversations + one.conversations,
            requests: sum.requests + one.requests,
        })
    }
}

impl fmt::Display for CostRange {
    /// `52 to 61 conversations, 187 to 241 requests`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = |least: usize, most: usize, what: &str| {
            if least == most {
                count(most, what)
            } else {
                format!("{least} to {}", count(most, what))
            }
        };
        let conversations = span(self.least.conversations, self.most.conversations, "conversation");
        let requests = span(self.least.requests, self.most.requests, "request");
        write!(f, "{conversations}, {requests}")
    }
}
