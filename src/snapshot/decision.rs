//! Deciding about a pending snapshot, as a whole or turn by turn.

use super::{
    accepted::accepts,
    loosen::{TooLoose, loosen},
    redact::Redactor,
    repeated,
    transcript::Entry,
};

/// How a new text is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It replaces what was accepted.
    Instead,
    /// It is accepted beside what was accepted.
    AsAlternative,
    /// What it and the accepted text have in common is accepted, placeholders for the rest.
    Loosened,
}

/// Why a turn cannot be decided like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// Nothing is pending for the turn.
    #[error("nothing is pending for turn {0}; pending are: {1}")]
    NothingPending(usize, String),
    /// A first text has nothing beside which it could stand.
    #[error("it has no accepted text yet; accept it as it is")]
    NothingAccepted(usize),
    /// The pattern would accept almost anything.
    #[error("{1}")]
    TooLoose(usize, TooLoose),
    /// What was decided about is no longer what is pending.
    #[error("it is no longer what was shown; look at it again")]
    Stale(usize),
}

/// What somebody decides about a new text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is accepted.
    Accept(How),
    /// What was accepted before stays.
    Reject,
}

/// A turn of a pending snapshot whose text is new or different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnChange {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// The user's line; `None` for the greeting.
    pub user: Option<String>,
    /// What was accepted before; nothing for a first text.
    pub accepted: Vec<String>,
    /// The new text.
    pub new: String,
    /// Further texts that are proposed beside it, each of which would be accepted.
    pub also: Vec<String>,
}

/// An accepted snapshot and the pending one that would replace it.
#[derive(Clone, Debug)]
pub struct PendingSnapshot {
    pending: Vec<Entry>,
    /// For each pending entry, the texts accepted before.
    before: Vec<Vec<String>>,
    /// Whether anything was accepted, so that the accepted snapshot has to be written.
    accepts: bool,
    /// Accepted entries that were added after the run, each with the index of the pending entry
    /// before which it stands; `None` where the run saw what is accepted.
    added: Option<Vec<(usize, Entry)>>,
}

/// The two snapshots of a case after decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedSnapshots {
    /// The accepted snapshot; `None` leaves it as it is.
    pub accepted: Option<Vec<Entry>>,
    /// What stays pending; `None` when everything is decided.
    pub pending: Option<Vec<Entry>>,
}

impl PendingSnapshot {
    /// Pairs the entries as a run does: by user line and place where a line stands equally often,
    /// else by user line and text where both are the same, else by user line in order.
    /// Where the accepted snapshot was `edited` after the run, the entries that the run did not see
    /// stay; otherwise they are of turns that are gone.
    #[must_use]
    pub fn new(accepted: &[Entry], pending: Vec<Entry>, edited: bool) -> Self {
        let mut free: Vec<Option<&Entry>> = accepted.iter().map(Some).collect();
        let mut before: Vec<Option<Vec<String>>> = vec![None; pending.len()];
        let mut partners: Vec<Option<usize>> = vec![None; accepted.len()];
        let by_place = repeated::pair(&repeated::lines(&pending), &repeated::lines(accepted));
        for (index, (before, partner)) in before.iter_mut().zip(by_place).enumerate() {
            let Some(found) = partner else { continue };
            *before = free.get_mut(found).and_then(Option::take).map(|old| old.agent.clone());
            if let Some(slot) = partners.get_mut(found) {
                *slot = Some(index);
            }
        }
        let mut take = |wanted: &dyn Fn(&Entry) -> bool, partner: usize| {
            let found = free.iter().position(|slot| slot.is_some_and(wanted))?;
            *partners.get_mut(found)? = Some(partner);
            free.get_mut(found)?.take().map(|entry| entry.agent.clone())
        };
        for (index, (before, entry)) in before.iter_mut().zip(&pending).enumerate() {
            if before.is_none() {
                *before = take(&|old| old == entry, index);
            }
        }
        for (index, (before, entry)) in before.iter_mut().zip(&pending).enumerate() {
            if before.is_none() {
                *before = take(&|old| old.user == entry.user, index);
            }
        }
        let before = before.into_iter().map(Option::unwrap_or_default).collect();
        let added = edited.then(|| without_partner(accepted, &partners));
        Self { pending, before, accepts: false, added }
    }

    /// The turns whose text is new or different.
    #[must_use]
    pub fn changes(&self) -> Vec<TurnChange> {
        let entries = self.pending.iter().zip(&self.before).enumerate();
        let changed = entries.filter(|(_, (entry, before))| is_change(entry, before));
        changed
            .map(|(index, (entry, before))| TurnChange {
                turn: index + self.first_turn(),
                user: entry.user.clone(),
                accepted: before.clone(),
                new: entry.agent.first().cloned().unwrap_or_default(),
                also: entry.agent.get(1..).unwrap_or_default().to_vec(),
            })
            .collect()
    }

    /// Decides about a change that was shown to somebody.
    ///
    /// # Errors
    /// When the change is no longer pending as it was shown, or cannot be accepted like that.
    pub fn decide(
        &mut self,
        shown: &TurnChange,
        decision: Decision,
        redactor: &Redactor,
    ) -> Result<(), Undecided> {
        if !self.changes().contains(shown) {
            return Err(Undecided::Stale(shown.turn));
        }
        match decision {
            Decision::Accept(how) => self.accept_turn(shown.turn, how, redactor),
            Decision::Reject => self.reject_turn(shown.turn),
        }
    }

    /// Accepts everything.
    pub fn accept_all(&mut self) {
        for (entry, before) in self.pending.iter().zip(&mut self.before) {
            if is_change(entry, before) {
                before.clone_from(&entry.agent);
            }
        }
        self.accepts = true;
    }

    /// Decides about turns that were added, moved or removed, where no text is new.
    ///
    /// # Errors
    /// When a text is new by now.
    pub fn decide_order(&mut self, decision: Decision) -> Result<(), Undecided> {
        if let Some(change) = self.changes().first() {
            return Err(Undecided::Stale(change.turn));
        }
        self.accepts = decision != Decision::Reject;
        Ok(())
    }

    fn accept_turn(&mut self, turn: usize, how: How, redactor: &Redactor) -> Result<(), Undecided> {
        let (entry, before) = self.change(turn)?;
        let texts = decided_texts(turn, before, &entry.agent, how, redactor)?;
        entry.agent.clone_from(&texts);
        *before = texts;
        self.accepts = true;
        Ok(())
    }

    /// What was accepted of the turn before stays.
    fn reject_turn(&mut self, turn: usize) -> Result<(), Undecided> {
        let (entry, before) = self.change(turn)?;
        entry.agent.clone_from(before);
        Ok(())
    }

    fn change(&mut self, turn: usize) -> Result<(&mut Entry, &mut Vec<String>), Undecided> {
        let turns: Vec<String> =
            self.changes().iter().map(|change| change.turn.to_string()).collect();
        let index = turn.checked_sub(self.first_turn());
        let mut entries = self.pending.iter_mut().zip(&mut self.before);
        let entry = index.and_then(|index| entries.nth(index));
        entry
            .filter(|(entry, before)| is_change(entry, before))
            .ok_or_else(|| Undecided::NothingPending(turn, turns.join(", ")))
    }

    /// The snapshots as they are to be written. Once everything is decided, the accepted one has
    /// the turns of the pending one.
    #[must_use]
    pub fn outcome(&self) -> DecidedSnapshots {
        let is_left = !self.changes().is_empty();
        let accepted = || if is_left { self.accepted() } else { self.all_decided() };
        DecidedSnapshots {
            accepted: self.accepts.then(|| self.with_added(accepted())),
            pending: is_left.then(|| self.pending.clone()),
        }
    }

    /// The snapshot as it is accepted by now: what is not decided keeps what was accepted.
    fn accepted(&self) -> Vec<Entry> {
        let entries = self.pending.iter().zip(&self.before);
        entries
            .map(|(entry, before)| Entry { user: entry.user.clone(), agent: before.clone() })
            .collect()
    }

    /// The entries with those that were added after the run. What nobody accepted yet has no place
    /// among them then: whoever edited the snapshot has left it out.
    fn with_added(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let Some(added) = &self.added else { return entries };
        let mut all = Vec::with_capacity(entries.len() + added.len());
        let at = |index: usize| added.iter().filter(move |(before, _)| *before == index);
        for (index, (entry, pending)) in entries.into_iter().zip(&self.pending).enumerate() {
            all.extend(at(index).map(|(_, entry)| entry.clone()));
            if !entry.agent.is_empty() || pending.agent.is_empty() {
                all.push(entry);
            }
        }
        all.extend(at(self.pending.len()).map(|(_, entry)| entry.clone()));
        all
    }

    /// The snapshot once nothing is left to decide: what is not pinned any more has no text.
    fn all_decided(&self) -> Vec<Entry> {
        let unpinned = |entry: &Entry| entry.agent.is_empty();
        let entries = self.pending.iter().zip(self.accepted());
        entries
            .map(|(pending, accepted)| if unpinned(pending) { pending.clone() } else { accepted })
            .collect()
    }

    /// The snapshot as it would be if everything that is left were accepted.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.pending
    }

    /// The number of the first entry's turn: the greeting, which alone has no user line, is 0.
    fn first_turn(&self) -> usize {
        usize::from(self.pending.first().is_none_or(|entry| entry.user.is_some()))
    }
}

/// The accepted entries without a partner, each with the index of the pending entry before which it
/// stands: after the one that its predecessor belongs to.
fn without_partner(accepted: &[Entry], partners: &[Option<usize>]) -> Vec<(usize, Entry)> {
    let mut next = 0;
    let mut added = Vec::new();
    for (entry, partner) in accepted.iter().zip(partners) {
        match partner {
            Some(index) => next = index + 1,
            None => added.push((next, entry.clone())),
        }
    }
    added
}

/// Whether a pending entry proposes something. What a run proposes is never accepted already; where
/// a text of an entry is, the run kept the entry, and what was edited in the accepted one since stays.
fn is_change(entry: &Entry, before: &[String]) -> bool {
    let redactor = Redactor::default();
    let is_accepted = |text: &String| {
        before.contains(text) || before.iter().any(|old| accepts(old, text, &redactor))
    };
    !entry.agent.is_empty() && !entry.agent.iter().any(is_accepted)
}

/// What is accepted of a turn from now on, when `new` is accepted like that beside what was
/// accepted `before`.
///
/// # Errors
/// When it cannot be accepted like that.
pub fn decided_texts(
    turn: usize,
    before: &[String],
    new: &[String],
    how: How,
    redactor: &Redactor,
) -> Result<Vec<String>, Undecided> {
    if how != How::Instead && before.is_empty() {
        return Err(Undecided::NothingAccepted(turn));
    }
    let mut texts = before.to_vec();
    match how {
        How::Instead => return Ok(new.to_vec()),
        How::AsAlternative => {
            texts.extend(new.iter().filter(|text| !before.contains(text)).cloned())
        }
        How::Loosened => {
            let new = new.first().map(String::as_str).unwrap_or_default();
            let loosened = before.iter().map(|old| loosen(old, new, redactor));
            // Of several alternatives, the one that keeps most of its text.
            let best =
                loosened.enumerate().max_by_key(|(_, text)| text.as_ref().map_or(0, String::len));
            let Some((index, text)) = best else { return Err(Undecided::NothingAccepted(turn)) };
            let text = text.map_err(|error| Undecided::TooLoose(turn, error))?;
            if let Some(slot) = texts.get_mut(index) {
                *slot = text;
            }
        }
    }
    Ok(texts)
}
