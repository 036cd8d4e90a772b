//! Whether an expression can be found in any text at all: `a^` and `[^\s\S]` cannot.
//!
//! An expression is followed over what can stand before a place in a text and what may follow it.
//! Where that is not certain, it counts as possible, so that nothing useful is ever refused.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// The beginning or the end of the text.
const EDGE: u8 = 1;
const NEWLINE: u8 = 1 << 1;
const WORD: u8 = 1 << 2;
const OTHER: u8 = 1 << 3;
const ANYTHING: u8 = EDGE | NEWLINE | WORD | OTHER;

/// Repetitions beyond this many are taken for any number.
const MOST_TIMES: u32 = 8;

/// Whether there is a text in which this is found.
pub(super) fn is_findable(hir: &Hir) -> bool {
    !after(hir, PositionSet::anywhere()).is_empty()
}

/// What can stand before a place, and for each of these what may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
struct PositionSet(u64);

impl PositionSet {
    fn none() -> Self {
        Self(0)
    }

    fn anywhere() -> Self {
        [EDGE, NEWLINE, WORD, OTHER]
            .into_iter()
            .fold(Self::none(), |all, before| all.with(before, ANYTHING))
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn with(self, before: u8, next: u8) -> Self {
        if next == 0 {
            self
        } else {
            Self(self.0 | 1 << (before.trailing_zeros() * 16 + u32::from(next)))
        }
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn each(self) -> impl Iterator<Item = (u8, u8)> {
        let all = [EDGE, NEWLINE, WORD, OTHER]
            .into_iter()
            .flat_map(|before| (1..=ANYTHING).map(move |next| (before, next)));
        all.filter(move |(before, next)| {
            !Self(self.0 & Self::none().with(*before, *next).0).is_empty()
        })
    }

    /// After a character of one of these kinds.
    fn take(self, kinds: u8) -> Self {
        let next = self.each().fold(0, |all, (_, next)| all | next);
        [NEWLINE, WORD, OTHER]
            .into_iter()
            .filter(|kind| kinds & next & kind != 0)
            .fold(Self::none(), |places, kind| places.with(kind, ANYTHING))
    }

    /// Where what may follow is one of these, depending on what stands before.
    fn narrow(self, allowed: impl Fn(u8) -> u8) -> Self {
        self.each().fold(Self::none(), |places, (before, next)| {
            places.with(before, next & allowed(before))
        })
    }
}

fn after(hir: &Hir, places: PositionSet) -> PositionSet {
    match hir.kind() {
        HirKind::Empty => places,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => text.chars().fold(places, |places, c| places.take(kinds(c))),
            Err(_) => places.take(ANYTHING),
        },
        HirKind::Class(class) => places.take(class_kinds(class)),
        HirKind::Look(look) => after_look(*look, places),
        HirKind::Repetition(repetition) => repeated(repetition, places),
        HirKind::Capture(capture) => after(&capture.sub, places),
        HirKind::Concat(parts) => parts.iter().fold(places, |places, part| after(part, places)),
        HirKind::Alternation(parts) => {
            parts.iter().fold(PositionSet::none(), |all, part| all.or(after(part, places)))
        }
    }
}

fn repeated(repetition: &Repetition, mut places: PositionSet) -> PositionSet {
    for _ in 0..repetition.min.min(MOST_TIMES) {
        places = after(&repetition.sub, places);
    }
    if repetition.max == Some(repetition.min) && repetition.min <= MOST_TIMES {
        return places;
    }
    loop {
        let more = places.or(after(&repetition.sub, places));
        if more == places {
            return places;
        }
        places = more;
    }
}

fn after_look(look: Look, places: PositionSet) -> PositionSet {
    let word = |is_edge: bool| {
        move |before: u8| if (before == WORD) == is_edge { ANYTHING & !WORD } else { WORD }
    };
    match look {
        Look::Start => places.narrow(|before| if before == EDGE { ANYTHING } else { 0 }),
        Look::StartLF => {
            places.narrow(|before| if before & (EDGE | NEWLINE) != 0 { ANYTHING } else { 0 })
        }
        Look::End => places.narrow(|_| EDGE),
        Look::EndLF => places.narrow(|_| EDGE | NEWLINE),
        Look::WordUnicode => places.narrow(word(true)),
        Look::WordUnicodeNegate => places.narrow(word(false)),
        _ => places,
    }
}

fn kinds(c: char) -> u8 {
    match c {
        '\n' => NEWLINE,
        c if c.is_alphanumeric() || c == '_' => WORD,
        c if c.is_ascii() => OTHER,
        // Marks and joiners are parts of words as well.
        _ => WORD | OTHER,
    }
}

fn class_kinds(class: &Class) -> u8 {
    let range = |start: u32, end: u32| {
        let ascii =
            (start..=end.min(0x7f)).filter_map(char::from_u32).fold(0, |all, c| all | kinds(c));
        if end > 0x7f { ascii | WORD | OTHER } else { ascii }
    };
    match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .fold(0, |all, one| all | range(u32::from(one.start()), u32::from(one.end()))),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .fold(0, |all, one| all | range(u32::from(one.start()), u32::from(one.end()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(pattern: &str) -> bool {
        is_findable(&regex_syntax::parse(pattern).expect("an expression"))
    }

    #[test]
    fn what_can_never_be_found_is_known() {
        let never = [
            "a^",
            r"[^\s\S]",
            r"\b\B",
            "$a",
            r"(?m)a^b",
            r"(?m)a$b",
            r"a\bb",
            r" \b ",
            r"x(?:a^|[^\s\S])",
            "(a^)+",
            "(a^){2,}",
            r"\Aa\A",
            r"a\zb",
            "[a&&b]",
            "(?:a$){2}",
        ];
        for pattern in never {
            assert!(!is_found(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_is_found_somewhere_is_not_taken_for_impossible() {
        let texts = ["", "a", "a\nb", "a b", "\n\n", "é", "a,\u{301}b", "ab ab ab"];
        let parts = [
            "a",
            "^",
            "$",
            r"\b",
            r"\B",
            "(?m:^)",
            "(?m:$)",
            r"\n",
            r"\s",
            "(a|^)*",
            "b?",
            r"(?-u:\b)",
            "é",
            "[^a]",
        ];
        let mut found = 0;
        for one in parts {
            for two in parts {
                for three in parts {
                    let pattern = format!("{one}{two}{three}");
                    let regex = regex::Regex::new(&pattern).expect("an expression");
                    if texts.iter().any(|text| regex.is_match(text)) {
                        found += 1;
                        assert!(is_found(&pattern), "{pattern}");
                    }
                }
            }
        }
        assert!(found > 500, "{found}");
    }
}
