//! Deciding about a pending snapshot, as a whole or turn by turn.

use super::{
    accepted::accepts,
    loosen::{LoosenError, loosen_all},
    redact::Redactor,
    repeated,
    transcript::Entry,
};

/// How a new text is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptAs {
    /// It replaces what was accepted.
    Instead,
    /// It is accepted beside what was accepted.
    AsAlternative,
    /// What it and the accepted text have in common is accepted, placeholders for the rest.
    Loosened,
}

/// Why a turn cannot be decided like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurnDecisionError {
    /// Nothing is pending for the turn.
    #[error("turn {0} is not pending; pending turns: {1}")]
    NothingPending(usize, String),
    /// A first text has nothing beside which it could stand.
    #[error("it has no accepted text yet; accept it without --as-alternative or --loosen")]
    NothingAccepted(usize),
    /// The pattern would accept almost anything.
    #[error("{1}")]
    TooLoose(usize, LoosenError),
    /// Several plays gave several answers, and nobody has said which are right.
    #[error("its plays gave several answers ({1}): a person has to say which are right")]
    Disagreeing(usize, String),
    /// What was decided about is no longer what is pending.
    #[error("it has changed since it was shown; look at it again")]
    Stale(usize),
}

/// What somebody decides about a new text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is accepted.
    Accept(AcceptAs),
    /// What is accepted stays.
    Reject,
}

/// A turn of a pending snapshot whose text is new or different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnChange {
    /// The turn, from 1; 0 is the greeting.
    pub turn: usize,
    /// The user's line; `None` for the greeting.
    pub user: Option<String>,
    /// The accepted texts; nothing for a first text.
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
    /// For each pending entry, the accepted texts.
    accepted: Vec<Vec<String>>,
    /// Whether anything was accepted, so that the accepted snapshot has to be written.
    accepts: bool,
    /// Accepted entries that were added after the run, each with the index of the pending entry
    /// that follows it; `None` where the run saw what is accepted.
    added: Option<Vec<(usize, Entry)>>,
}

/// Whether the run that left a pending snapshot has seen the accepted one as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It has: entries without a pending one are of turns that are gone.
    SeenByRun,
    /// It was edited since: entries without a pending one were added, and stay.
    EditedSince,
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
    #[must_use]
    pub fn new(accepted: &[Entry], pending: Vec<Entry>, freshness: Freshness) -> Self {
        let mut free: Vec<Option<&Entry>> = accepted.iter().map(Some).collect();
        let mut texts: Vec<Option<Vec<String>>> = vec![None; pending.len()];
        let mut partners: Vec<Option<usize>> = vec![None; accepted.len()];
        let by_place = repeated::pair(&repeated::lines(&pending), &repeated::lines(accepted));
        for (index, (texts, partner)) in texts.iter_mut().zip(by_place).enumerate() {
            let Some(found) = partner else { continue };
            *texts = free.get_mut(found).and_then(Option::take).map(|old| old.agent.clone());
            if let Some(slot) = partners.get_mut(found) {
                *slot = Some(index);
            }
        }
        let mut take = |wanted: &dyn Fn(&Entry) -> bool, partner: usize| {
            let found = free.iter().position(|slot| slot.is_some_and(wanted))?;
            *partners.get_mut(found)? = Some(partner);
            free.get_mut(found)?.take().map(|entry| entry.agent.clone())
        };
        for (index, (texts, entry)) in texts.iter_mut().zip(&pending).enumerate() {
            if texts.is_none() {
                *texts = take(&|old| old == entry, index);
            }
        }
        for (index, (texts, entry)) in texts.iter_mut().zip(&pending).enumerate() {
            if texts.is_none() {
                *texts = take(&|old| old.user == entry.user, index);
            }
        }
        let texts = texts.into_iter().map(Option::unwrap_or_default).collect();
        let added =
            (freshness == Freshness::EditedSince).then(|| without_partner(accepted, &partners));
        Self { pending, accepted: texts, accepts: false, added }
    }

    /// The turns whose text is new or different.
    #[must_use]
    pub fn changes(&self) -> Vec<TurnChange> {
        let entries = self.pending.iter().zip(&self.accepted).enumerate();
        let changed = entries.filter(|(_, (entry, accepted))| is_change(entry, accepted));
        changed
            .map(|(index, (entry, accepted))| TurnChange {
                turn: index + self.first_turn(),
                user: entry.user.clone(),
                accepted: accepted.clone(),
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
    ) -> Result<(), TurnDecisionError> {
        match decision {
            Decision::Accept(how) => self.accept(shown, None, how, redactor),
            Decision::Reject => {
                self.is_pending(shown)?;
                self.reject_turn(shown.turn)
            }
        }
    }

    /// Accepts of a change that was shown to somebody these texts, instead of those that are
    /// proposed.
    ///
    /// # Errors
    /// When the change is no longer pending as it was shown, or cannot be accepted like that.
    pub fn accept_texts(
        &mut self,
        shown: &TurnChange,
        texts: &[String],
        how: AcceptAs,
        redactor: &Redactor,
    ) -> Result<(), TurnDecisionError> {
        self.accept(shown, Some(texts), how, redactor)
    }

    fn is_pending(&self, shown: &TurnChange) -> Result<(), TurnDecisionError> {
        let is_it = self.changes().contains(shown);
        is_it.then_some(()).ok_or(TurnDecisionError::Stale(shown.turn))
    }

    /// Accepts everything.
    pub fn accept_all(&mut self) {
        for (entry, accepted) in self.pending.iter().zip(&mut self.accepted) {
            if is_change(entry, accepted) {
                accepted.clone_from(&entry.agent);
            }
        }
        self.accepts = true;
    }

    /// Decides about turns that were added, moved or removed, where no text is new.
    ///
    /// # Errors
    /// When a text is new by now.
    pub fn decide_order(&mut self, decision: Decision) -> Result<(), TurnDecisionError> {
        if let Some(change) = self.changes().first() {
            return Err(TurnDecisionError::Stale(change.turn));
        }
        self.accepts = decision != Decision::Reject;
        Ok(())
    }

    /// Accepts some texts of a change; without any, those that are proposed.
    fn accept(
        &mut self,
        shown: &TurnChange,
        texts: Option<&[String]>,
        how: AcceptAs,
        redactor: &Redactor,
    ) -> Result<(), TurnDecisionError> {
        self.is_pending(shown)?;
        let (entry, accepted) = self.change(shown.turn)?;
        let new = texts.unwrap_or(&entry.agent);
        let texts = decided_texts(shown.turn, accepted, new, how, redactor)?;
        entry.agent.clone_from(&texts);
        *accepted = texts;
        self.accepts = true;
        Ok(())
    }

    /// What is accepted of the turn stays.
    fn reject_turn(&mut self, turn: usize) -> Result<(), TurnDecisionError> {
        let (entry, accepted) = self.change(turn)?;
        entry.agent.clone_from(accepted);
        Ok(())
    }

    fn change(&mut self, turn: usize) -> Result<(&mut Entry, &mut Vec<String>), TurnDecisionError> {
        let turns: Vec<String> =
            self.changes().iter().map(|change| change.turn.to_string()).collect();
        let index = turn.checked_sub(self.first_turn());
        let mut entries = self.pending.iter_mut().zip(&mut self.accepted);
        let entry = index.and_then(|index| entries.nth(index));
        entry
            .filter(|(entry, accepted)| is_change(entry, accepted))
            .ok_or_else(|| TurnDecisionError::NothingPending(turn, turns.join(", ")))
    }

    /// The snapshots as they are to be written. Once everything is decided, the accepted one has
    /// the turns of the pending one.
    #[must_use]
    pub fn outcome(&self) -> DecidedSnapshots {
        let is_left = !self.changes().is_empty();
        let accepted = || if is_left { self.so_far() } else { self.all_decided() };
        DecidedSnapshots {
            accepted: self.accepts.then(|| self.with_added(accepted())),
            pending: is_left.then(|| self.pending.clone()),
        }
    }

    /// The snapshot as it is accepted by now: what is not decided keeps its accepted texts.
    fn so_far(&self) -> Vec<Entry> {
        let entries = self.pending.iter().zip(&self.accepted);
        entries
            .map(|(entry, accepted)| Entry { user: entry.user.clone(), agent: accepted.clone() })
            .collect()
    }

    /// The entries with those that were added after the run. What nobody accepted yet has no place
    /// among them then: whoever edited the snapshot has left it out.
    fn with_added(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let Some(added) = &self.added else { return entries };
        let mut all = Vec::with_capacity(entries.len() + added.len());
        let at = |index: usize| added.iter().filter(move |(next, _)| *next == index);
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
        let entries = self.pending.iter().zip(self.so_far());
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

/// The accepted entries without a partner, each with the index of the pending entry that
/// follows it: the one after that of its predecessor.
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
fn is_change(entry: &Entry, accepted: &[String]) -> bool {
    let redactor = Redactor::default();
    let is_accepted = |text: &String| {
        accepted.contains(text) || accepted.iter().any(|old| accepts(old, text, &redactor))
    };
    !entry.agent.is_empty() && !entry.agent.iter().any(is_accepted)
}

/// What is accepted of a turn from now on, when `new` is accepted like that and these are
/// `accepted`.
///
/// # Errors
/// When it cannot be accepted like that.
pub fn decided_texts(
    turn: usize,
    accepted: &[String],
    new: &[String],
    how: AcceptAs,
    redactor: &Redactor,
) -> Result<Vec<String>, TurnDecisionError> {
    let are_several = how == AcceptAs::Loosened && new.len() > 1;
    if how != AcceptAs::Instead && accepted.is_empty() && !are_several {
        return Err(TurnDecisionError::NothingAccepted(turn));
    }
    match how {
        AcceptAs::Instead => Ok(new.to_vec()),
        AcceptAs::AsAlternative => {
            let others = new.iter().filter(|text| !accepted.contains(text));
            Ok(accepted.iter().chain(others).cloned().collect())
        }
        AcceptAs::Loosened => loosened(accepted, new, redactor)
            .map_err(|error| TurnDecisionError::TooLoose(turn, error)),
    }
}

/// The accepted texts, one of which becomes a pattern that accepts the new ones too; where nothing
/// is accepted, a pattern of the new ones.
fn loosened(
    accepted: &[String],
    new: &[String],
    redactor: &Redactor,
) -> Result<Vec<String>, LoosenError> {
    let patterns = accepted.iter().map(|old| loosen_all(old, new, redactor));
    // Of several alternatives, the one that keeps most of its text.
    let best = patterns.enumerate().max_by_key(|(_, text)| text.as_ref().map_or(0, String::len));
    let Some((index, pattern)) = best else {
        let (first, others) = new.split_first().ok_or(LoosenError::NotAll)?;
        return Ok(vec![loosen_all(first, others, redactor)?]);
    };
    let mut texts = accepted.to_vec();
    if let Some(slot) = texts.get_mut(index) {
        *slot = pattern?;
    }
    Ok(texts)
}
