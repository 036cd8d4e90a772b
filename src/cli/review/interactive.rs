//! Deciding at a terminal, key by key.

use console::{Key, Term};

use super::{
    super::{
        context::{CliError, stdout_style},
        output::say,
    },
    keys::{KEYS, KeyAction, prompt},
    unreadable,
};
use crate::{
    render::Style,
    review::{
        DecisionSummary, Group, Item, Session, What,
        answers::{MOST_ANSWERS, marked_answers},
        render,
    },
    snapshot::decision::{AcceptAs, Decision},
    text::{
        layout::{WIDTH, count, fill, wrap},
        one_line,
    },
};

/// What is decided with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BulkScope {
    Group,
    RestOfConversation,
    Everything,
}

/// Walks through the changes until all are decided or skipped, or the person quits.
pub(super) fn decide(session: &mut Session) -> Result<(), CliError> {
    unreadable(session)?;
    let mut walk = InteractiveReview {
        term: Term::stdout(),
        style: stdout_style(),
        groups: session.groups().to_vec(),
        at: 0,
        marked: Vec::new(),
        session,
    };
    while walk.next()? {
        walk.marked = walk.shown().map(Item::first_marks).unwrap_or_default();
        walk.show()?;
        if !walk.step()? {
            break;
        }
    }
    walk.farewell()
}

struct InteractiveReview<'s> {
    session: &'s mut Session,
    term: Term,
    style: Style,
    groups: Vec<Group>,
    at: usize,
    /// The answers of the group that are marked, where its plays gave several.
    marked: Vec<usize>,
}

impl InteractiveReview<'_> {
    fn group(&self) -> Option<&Group> {
        self.groups.get(self.at)
    }

    /// The first open change of the group, which is shown for all of them.
    fn shown(&self) -> Option<&Item> {
        let open = self.session.open_of(&self.group()?.items);
        self.session.items().get(*open.first()?)
    }

    /// Whether the plays gave several answers.
    fn disagree(&self) -> bool {
        self.shown().is_some_and(|item| item.answers.disagree())
    }

    /// Goes to the next group that is not decided; `false` when the person leaves at the end.
    fn next(&mut self) -> Result<bool, CliError> {
        loop {
            match self.group() {
                Some(group) if self.session.is_decided(group) => self.at += 1,
                Some(_) => return Ok(true),
                None => match self.at_the_end()? {
                    KeyAction::Back => self.back()?,
                    KeyAction::Skip => self.at = 0,
                    _ => return Ok(false),
                },
            }
        }
    }

    /// What to do where no group is left.
    fn at_the_end(&self) -> Result<KeyAction, CliError> {
        let prompt = match self.session.open_items() {
            0 => "everything is decided:  b back  q quit".to_owned(),
            left => {
                format!("{} skipped:  s show them again  b back  q quit", count(left, "change"))
            }
        };
        say(format!("\n{}", self.style.dim(prompt)))?;
        loop {
            match self.key()? {
                KeyAction::Skip if self.session.open_items() == 0 => {}
                end @ (KeyAction::Back | KeyAction::Skip | KeyAction::Quit) => return Ok(end),
                _ => {}
            }
        }
    }

    fn show(&self) -> Result<(), CliError> {
        let Some(group) = self.group() else { return Ok(()) };
        let position = format!("{} of {}", self.at + 1, self.groups.len());
        let text = render::shown(self.session, group, &position, &self.marked, self.style);
        say(format!("\n{text}"))
    }

    /// Asks until there is an answer, and does it; whether to go on.
    fn step(&mut self) -> Result<bool, CliError> {
        let mut scope = BulkScope::Group;
        loop {
            self.prompt(scope)?;
            match self.key()? {
                KeyAction::Quit => return Ok(false),
                KeyAction::Back => return self.back().map(|()| true),
                KeyAction::OneByOne => {
                    self.split();
                    return Ok(true);
                }
                KeyAction::RestOfConversation => scope = BulkScope::RestOfConversation,
                KeyAction::Everything => scope = BulkScope::Everything,
                KeyAction::Help => say(KEYS)?,
                KeyAction::Mark if scope == BulkScope::Group => self.mark()?,
                KeyAction::Mark => {}
                KeyAction::Skip => {
                    self.skip(scope);
                    return Ok(true);
                }
                KeyAction::Decide(Decision::Accept(_)) if self.needs_marks(scope) => {
                    say("mark the answers that are right first: m, then a number")?;
                }
                KeyAction::Decide(decision) if !self.is_offered(scope, decision) => {}
                KeyAction::Decide(decision) => {
                    if self.decide(scope, decision)? {
                        return Ok(true);
                    }
                    scope = BulkScope::Group;
                }
                KeyAction::Cancel => scope = BulkScope::Group,
                KeyAction::Nothing => {}
            }
        }
    }

    fn prompt(&self, scope: BulkScope) -> Result<(), CliError> {
        let prompt = match scope {
            BulkScope::Group => prompt(self.can_mark(), self.has_accepted(scope)),
            BulkScope::RestOfConversation | BulkScope::Everything => {
                let which = match scope {
                    BulkScope::Everything => "everything that is left",
                    _ => "the rest of this conversation",
                };
                let many = count(self.items(scope).len(), "change");
                let keys = if self.has_accepted(scope) { "a, r, o, l or s" } else { "a, r or s" };
                format!("{which}, {many}: {keys} (esc: not)?")
            }
        };
        say(self.style.dim(prompt))
    }

    fn key(&self) -> Result<KeyAction, CliError> {
        self.term.read_key_raw().map(|key| KeyAction::of(&key)).map_err(CliError::Output)
    }

    /// Whether one of the changes has an answer that was accepted before.
    fn has_accepted(&self, scope: BulkScope) -> bool {
        let all = self.session.items();
        self.items(scope)
            .iter()
            .filter_map(|index| all.get(*index))
            .any(|one| one.what.has_accepted())
    }

    fn is_offered(&self, scope: BulkScope, decision: Decision) -> bool {
        match decision {
            Decision::Accept(AcceptAs::Loosened) if scope == BulkScope::Group => {
                self.has_accepted(scope) || self.marked.len() > 1
            }
            Decision::Accept(AcceptAs::AsAlternative | AcceptAs::Loosened) => {
                self.has_accepted(scope)
            }
            Decision::Accept(AcceptAs::Instead) | Decision::Reject => true,
        }
    }

    /// Whether there are several answers to choose from.
    fn can_mark(&self) -> bool {
        self.shown().is_some_and(|item| item.answers.new.len() > 1) && self.disagree()
    }

    fn needs_marks(&self, scope: BulkScope) -> bool {
        scope == BulkScope::Group && self.disagree() && self.marked.is_empty()
    }

    /// Marks an answer, or takes its mark away, and says what is marked and what loosening would
    /// make of it.
    fn mark(&mut self) -> Result<(), CliError> {
        if !self.can_mark() {
            return Ok(());
        }
        let many = self.shown().map_or(0, |item| item.answers.new.len());
        let shown = many.min(MOST_ANSWERS);
        say(self.style.dim(format!("mark which: 1 to {shown}, or a for all (esc: none)?")))?;
        match self.term.read_key_raw().map_err(CliError::Output)? {
            Key::Char('a') => self.marked = (0..many).collect(),
            Key::Char(digit) => {
                let number = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                let Some(index) = number.and_then(|number| number.checked_sub(1)) else {
                    return Ok(());
                };
                if index < shown {
                    self.toggle(index);
                }
            }
            _ => return Ok(()),
        }
        say(format!("marked: {}", marked_answers(&self.marked)))?;
        let Some(item) = self.shown() else { return Ok(()) };
        let What::Text(change) = &item.what else { return Ok(()) };
        let new = item.proposed(&self.marked);
        let lines = render::proposal(self.session, change, &new, 0, self.style);
        lines.iter().try_for_each(say)
    }

    fn toggle(&mut self, index: usize) {
        match self.marked.binary_search(&index) {
            Ok(at) => drop(self.marked.remove(at)),
            Err(at) => self.marked.insert(at, index),
        }
    }

    /// The items that a decision is about.
    fn items(&self, scope: BulkScope) -> Vec<usize> {
        let group = self.group().map(|group| self.session.open_of(&group.items));
        let group = group.unwrap_or_default();
        match scope {
            BulkScope::Group => group,
            BulkScope::Everything => {
                let left = self.groups.get(self.at..).unwrap_or_default();
                left.iter().flat_map(|group| self.session.open_of(&group.items)).collect()
            }
            BulkScope::RestOfConversation => {
                let items = self.session.items();
                let first = group.first().and_then(|index| items.get(*index));
                let Some(first) = first else { return group };
                let of_case =
                    |index: &usize| items.get(*index).is_some_and(|item| item.case == first.case);
                let from = group.first().copied().unwrap_or_default();
                self.session.open_of(&(from..items.len()).filter(of_case).collect::<Vec<_>>())
            }
        }
    }

    /// Decides, says its result, and goes on; `false` when nothing could be decided.
    fn decide(&mut self, scope: BulkScope, decision: Decision) -> Result<bool, CliError> {
        let items = self.items(scope);
        let decided = match decision {
            Decision::Accept(how) if scope == BulkScope::Group && self.disagree() => {
                self.session.accept_answers(&items, &self.marked, how)
            }
            _ => self.session.decide(&items, decision),
        };
        self.tell(decision, &decided)?;
        if scope == BulkScope::Everything && !decided.done.is_empty() {
            self.at = self.groups.len();
        }
        Ok(!decided.done.is_empty() || self.group().is_none_or(|one| self.session.is_decided(one)))
    }

    fn tell(&self, decision: Decision, decided: &DecisionSummary) -> Result<(), CliError> {
        let word = match decision {
            Decision::Accept(AcceptAs::Instead) => "accepted",
            Decision::Accept(AcceptAs::AsAlternative) => "accepted either in",
            Decision::Accept(AcceptAs::Loosened) => "loosened",
            Decision::Reject => "rejected",
        };
        if !decided.done.is_empty() {
            let many = count(decided.done.len(), "change");
            say(format!("{} {many}", self.style.good(word)))?;
        }
        for (index, reason) in decided.refused.iter().take(5) {
            let name = self.session.items().get(*index).map(render::name).unwrap_or_default();
            let text = one_line(&format!("{name}: {reason}"));
            let lines = wrap(&text, WIDTH - 6, 4).join("\n     ");
            say(format!("{} {lines}", self.style.warning("left")))?;
        }
        let more = decided.refused.len().saturating_sub(5);
        if more > 0 {
            say(format!("     and {more} more"))?;
        }
        Ok(())
    }

    fn skip(&mut self, scope: BulkScope) {
        let items = self.items(scope);
        match scope {
            BulkScope::Group => self.at += 1,
            BulkScope::Everything => self.at = self.groups.len(),
            BulkScope::RestOfConversation => {
                let is_skipped = |group: &Group| {
                    self.session.open_of(&group.items).iter().all(|one| items.contains(one))
                };
                while self.groups.get(self.at).is_some_and(is_skipped) {
                    self.at += 1;
                }
            }
        }
    }

    /// Each place of the group becomes a group of its own.
    fn split(&mut self) {
        let Some(group) = self.group() else { return };
        let open = self.session.open_of(&group.items);
        let single = open.into_iter().map(|item| Group { items: vec![item] });
        self.groups.splice(self.at..=self.at, single.collect::<Vec<_>>());
    }

    /// Takes the last decision back, and shows what it was about; without one, the group before.
    fn back(&mut self) -> Result<(), CliError> {
        match self.session.take_back() {
            None => self.at = self.at.saturating_sub(1),
            Some(Ok(items)) => {
                let has = |group: &Group| group.items.iter().any(|item| items.contains(item));
                self.at = self.groups.iter().position(has).unwrap_or(self.at);
                let many = count(items.len(), "change");
                say(format!("{} {many}", self.style.warning("taken back:")))?;
            }
            Some(Err(error)) => {
                let lines = fill(&error.to_string(), WIDTH - 16).join("\n                ");
                say(format!("{} {lines}", self.style.warning("not taken back:")))?;
            }
        }
        Ok(())
    }

    fn farewell(&self) -> Result<(), CliError> {
        let left = self.session.open_items();
        match left {
            0 => say(format!("\n{}", self.style.good("everything is decided"))),
            left => say(format!("\n{} still to be decided", count(left, "change"))),
        }
    }
}
