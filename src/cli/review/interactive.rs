//! Deciding at a terminal, key by key.

use console::{Key, Term};

use super::{
    super::{
        context::{CliError, stdout_style},
        output::say,
    },
    unreadable,
};
use crate::{
    render::Style,
    review::{DecisionSummary, Group, Session, render},
    snapshot::decision::{AcceptAs, Decision},
    text::{
        layout::{WIDTH, count, fill, wrap},
        one_line,
    },
};

const KEYS: &str = "  a  accept the new answer         r  reject it: the accepted one stays
  o  accept either of the two      l  loosen: accept the pattern that is shown
     (both where an answer was accepted before)
  s  skip, decide later            1  decide each place on its own
  c  then a, r, o, l or s: the same for the rest of this conversation
  e  then a, r, o, l or s: the same for everything that is left
  b  back: takes the last decision back       q  quit; what is decided is kept
A decision is about every place that is named.";

const PROMPT: &str = "a accept  r reject  o either  l loosen  s skip  b back  q quit  ? keys";

/// Where no answer was accepted before.
const PROMPT_OF_NEW: &str = "a accept  r reject  s skip  b back  q quit  ? keys";

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyAction {
    Decide(Decision),
    Skip,
    OneByOne,
    RestOfConversation,
    Everything,
    Back,
    Quit,
    Help,
    Cancel,
    Nothing,
}

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
        session,
    };
    while walk.next()? {
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
}

impl InteractiveReview<'_> {
    fn group(&self) -> Option<&Group> {
        self.groups.get(self.at)
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
        say(format!("\n{}", render::shown(self.session, group, &position, self.style)))
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
                KeyAction::Skip => {
                    self.skip(scope);
                    return Ok(true);
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
            BulkScope::Group if self.has_accepted(scope) => PROMPT.to_owned(),
            BulkScope::Group => PROMPT_OF_NEW.to_owned(),
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
        let key = self.term.read_key_raw().map_err(CliError::Output)?;
        Ok(match key {
            Key::Char('a') => KeyAction::Decide(Decision::Accept(AcceptAs::Instead)),
            Key::Char('r') => KeyAction::Decide(Decision::Reject),
            Key::Char('o') => KeyAction::Decide(Decision::Accept(AcceptAs::AsAlternative)),
            Key::Char('l') => KeyAction::Decide(Decision::Accept(AcceptAs::Loosened)),
            Key::Char('s' | ' ') | Key::ArrowRight | Key::ArrowDown => KeyAction::Skip,
            Key::Char('1') => KeyAction::OneByOne,
            Key::Char('c') => KeyAction::RestOfConversation,
            Key::Char('e') => KeyAction::Everything,
            Key::Char('b') | Key::ArrowLeft | Key::ArrowUp => KeyAction::Back,
            Key::Char('q' | '\u{3}' | '\u{4}') | Key::CtrlC => KeyAction::Quit,
            Key::Escape => KeyAction::Cancel,
            Key::Char('?' | 'h') => KeyAction::Help,
            _ => KeyAction::Nothing,
        })
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
            Decision::Accept(AcceptAs::AsAlternative | AcceptAs::Loosened) => {
                self.has_accepted(scope)
            }
            Decision::Accept(AcceptAs::Instead) | Decision::Reject => true,
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
        let decided = self.session.decide(&items, decision);
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
