//! The keys of the review at a terminal.

use console::Key;

use crate::snapshot::decision::{AcceptAs, Decision};

/// What the keys do.
pub(super) const KEYS: &str =
    "  a  accept the new answer         r  reject it: the accepted one stays
  o  accept either of the two      l  loosen: accept the pattern that is shown
     (both where an answer was accepted before)
  m  then 1 to 9, or a for all: mark answers, where plays gave several;
     a, o and l are about those that are marked
  s  skip, decide later            1  decide each place on its own
  c  then a, r, o, l or s: the same for the rest of this conversation
  e  then a, r, o, l or s: the same for everything that is left
  b  back: takes the last decision back       q  quit; what is decided is kept
A decision is about every place that is named.";

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyAction {
    Decide(Decision),
    Mark,
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

impl KeyAction {
    /// What a key asks for.
    pub fn of(key: &Key) -> Self {
        match key {
            Key::Char('a') => Self::Decide(Decision::Accept(AcceptAs::Instead)),
            Key::Char('r') => Self::Decide(Decision::Reject),
            Key::Char('o') => Self::Decide(Decision::Accept(AcceptAs::AsAlternative)),
            Key::Char('l') => Self::Decide(Decision::Accept(AcceptAs::Loosened)),
            Key::Char('m') => Self::Mark,
            Key::Char('s' | ' ') | Key::ArrowRight | Key::ArrowDown => Self::Skip,
            Key::Char('1') => Self::OneByOne,
            Key::Char('c') => Self::RestOfConversation,
            Key::Char('e') => Self::Everything,
            Key::Char('b') | Key::ArrowLeft | Key::ArrowUp => Self::Back,
            Key::Char('q' | '\u{3}' | '\u{4}') | Key::CtrlC => Self::Quit,
            Key::Escape => Self::Cancel,
            Key::Char('?' | 'h') => Self::Help,
            _ => Self::Nothing,
        }
    }
}

/// What is offered for a change: `m` where several answers can be marked, `o` and `l` where they
/// make sense.
pub(super) fn prompt(can_mark: bool, has_accepted: bool) -> String {
    let offered = [
        (can_mark, "m mark"),
        (true, "a accept"),
        (true, "r reject"),
        (has_accepted, "o either"),
        (has_accepted || can_mark, "l loosen"),
        (true, "s skip"),
        (true, "b back"),
        (true, "q quit"),
        (true, "? keys"),
    ];
    let keys: Vec<&str> = offered.into_iter().filter_map(|(is, key)| is.then_some(key)).collect();
    keys.join("  ")
}
