//! Comparing a conversation with its accepted snapshot, turn by turn.
//!
//! The turn is the unit, so that one changed answer in a conversation of twelve turns is one change,
//! and accepting it keeps the placeholders that somebody wrote into the other eleven. Turns find their
//! accepted text by the user's line, so that adding, removing or moving a turn leaves the others
//! accepted. Where a line occurs several times, `repeated` says which entry a turn belongs to; where it
//! cannot, the entry that accepts the response comes first.

use std::collections::{HashMap, HashSet};

use super::{
    accepted::accepts,
    carry::carry,
    redact::Redactor,
    repeated::{self, UserLine},
    transcript::Entry,
};
use crate::text::placeholder::{Piece, pieces};

/// One exchange as it was played, or was not reached.
#[derive(Clone, Copy, Debug)]
pub struct ObservedTurn<'a> {
    /// The user's line as the conversation has it; `None` for the greeting.
    pub user: Option<&'a str>,
    /// Whether its text is pinned in this environment.
    pub pinned: bool,
    /// Whether its text is pinned in any environment.
    pub pinned_somewhere: bool,
    /// What the agent said; `None` where the turn was not reached.
    pub response: Option<&'a str>,
}

/// The outcome for a whole conversation.
#[derive(Clone, Debug)]
pub struct SnapshotComparison {
    /// The result of each exchange, in order.
    pub verdicts: Vec<TextVerdict>,
    /// The snapshot as it would be if everything were accepted: turns that still match are
    /// kept as they are, with their placeholders and alternatives.
    pub entries: Vec<Entry>,
    /// The sum of it.
    pub state: SnapshotStatus,
    /// The answers of which several plays gave several texts, one of which may be accepted.
    pub disagreeing: Vec<usize>,
}

/// Whether the accepted snapshot still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotStatus {
    /// It holds.
    Same,
    /// Every pinned text holds, but turns were added, removed or moved in the conversation.
    Outdated,
    /// A pinned text is new or different.
    Differs,
}

/// The result of one exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextVerdict {
    /// Its text is not pinned.
    NotPinned,
    /// It was not reached.
    NotReached,
    /// The text is an accepted one.
    Accepted,
    /// No text of it was accepted yet.
    New {
        /// What the agent said, redacted.
        actual: String,
    },
    /// The text is none of the accepted ones.
    Changed {
        /// The accepted texts.
        accepted: Vec<String>,
        /// What the agent said, redacted and with the placeholders that can be carried over.
        actual: String,
    },
}

impl SnapshotComparison {
    /// Whether a snapshot of it would accept nothing, because no answer agreed with itself.
    #[must_use]
    pub fn is_unsaid(&self) -> bool {
        self.state == SnapshotStatus::Differs
            && self.entries.iter().all(|entry| entry.agent.is_empty())
    }
}

/// Compares what was seen with what was accepted (`None`: there is no snapshot yet).
#[must_use]
pub fn compare(
    accepted: Option<&[Entry]>,
    seen: &[ObservedTurn<'_>],
    redactor: &Redactor,
) -> SnapshotComparison {
    let known = accepted.unwrap_or_default();
    let partners = align(known, seen, redactor);
    let mut verdicts = Vec::with_capacity(seen.len());
    let mut entries = Vec::with_capacity(seen.len());
    for (seen, partner) in seen.iter().zip(&partners) {
        let before =
            partner.and_then(|index| known.get(index)).map_or(&[][..], |entry| &entry.agent);
        let verdict = judge(before, seen, redactor);
        if let Some(entry) = entry(before, seen, &verdict) {
            entries.push(entry);
        }
        verdicts.push(verdict);
    }
    let state = if verdicts
        .iter()
        .any(|verdict| matches!(verdict, TextVerdict::New { .. } | TextVerdict::Changed { .. }))
    {
        SnapshotStatus::Differs
    } else if accepted.is_some_and(|accepted| accepted != entries) {
        SnapshotStatus::Outdated
    } else {
        SnapshotStatus::Same
    };
    SnapshotComparison { verdicts, entries, state, disagreeing: Vec::new() }
}

/// For each exchange the accepted entry it belongs to, found by the user's line. Where a line
/// stands several times, the places decide; where those say nothing, for turns were added or
/// removed, what is pinned here belongs to the entry that accepts it, and then the order decides.
fn align<'a>(
    accepted: &'a [Entry],
    seen: &[ObservedTurn<'a>],
    redactor: &Redactor,
) -> Vec<Option<usize>> {
    let lines = repeated::lines(accepted);
    let turns =
        seen.iter().map(|seen| UserLine { user: seen.user, has_text: seen.pinned_somewhere });
    let turns: Vec<UserLine<'_>> = turns.collect();
    let mut partners = repeated::pair(&turns, &lines);
    let mut free = UnpairedEntries::of(&lines, &partners);
    for (partner, seen) in partners.iter_mut().zip(seen) {
        let (None, true, Some(response)) = (&partner, seen.pinned, seen.response) else { continue };
        let says = |index: usize| {
            let texts = accepted.get(index).map_or(&[][..], |entry| &entry.agent);
            texts.iter().any(|text| accepts(text, response, redactor))
        };
        *partner = free.take(seen.user, says);
    }
    for (partner, turn) in partners.iter_mut().zip(&turns) {
        if partner.is_none() {
            let alike =
                |index: usize| lines.get(index).is_some_and(|it| it.has_text == turn.has_text);
            *partner = free.take(turn.user, alike).or_else(|| free.take(turn.user, |_| true));
        }
    }
    partners
}

/// The accepted entries that belong to no exchange yet, by their line and in their order.
struct UnpairedEntries<'a>(HashMap<Option<&'a str>, Vec<usize>>);

impl<'a> UnpairedEntries<'a> {
    fn of(lines: &[UserLine<'a>], partners: &[Option<usize>]) -> Self {
        let taken: HashSet<usize> = partners.iter().flatten().copied().collect();
        let mut free: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, line) in lines.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
            free.entry(line.user).or_default().push(index);
        }
        Self(free)
    }

    /// The first entry of a line that is wanted.
    fn take(&mut self, user: Option<&'a str>, is_wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let free = self.0.get_mut(&user)?;
        let at = free.iter().position(|index| is_wanted(*index))?;
        Some(free.remove(at))
    }
}

fn judge(accepted: &[String], seen: &ObservedTurn<'_>, redactor: &Redactor) -> TextVerdict {
    let Some(response) = seen.response else { return TextVerdict::NotReached };
    if !seen.pinned {
        return TextVerdict::NotPinned;
    }
    if accepted.is_empty() {
        return TextVerdict::New { actual: redactor.redact(response) };
    }
    if accepted.iter().any(|text| accepts(text, response, redactor)) {
        return TextVerdict::Accepted;
    }
    let carried = accepted.iter().map(|accepted| carry(accepted, response, redactor));
    let actual = carried.max_by_key(|text| placeholders(text)).unwrap_or_default();
    TextVerdict::Changed { accepted: accepted.to_vec(), actual }
}

fn placeholders(text: &str) -> usize {
    pieces(text).iter().filter(|piece| matches!(piece, Piece::Placeholder(_))).count()
}

fn entry(before: &[String], seen: &ObservedTurn<'_>, verdict: &TextVerdict) -> Option<Entry> {
    if seen.user.is_none() && !seen.pinned_somewhere {
        return None;
    }
    let agent = match verdict {
        TextVerdict::New { actual } | TextVerdict::Changed { actual, .. } => vec![actual.clone()],
        _ if seen.pinned_somewhere => before.to_vec(),
        _ => Vec::new(),
    };
    Some(Entry { user: seen.user.map(str::to_owned), agent })
}
