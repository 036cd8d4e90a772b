//! How the plays of a case came out, in words.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{CaseOutcome, Play, PlayError, PlayVerdict, Standing, Verdict};
use crate::{
    conversation::{Quarantine, TurnNumber, quarantine::day},
    text::layout::count,
};

/// How many ways in which plays failed are named.
const MOST_WAYS: usize = 3;

/// What does not hold in a play, in short, in the order of the answers: `handoff in turn 4`.
type Way = Vec<String>;

impl CaseOutcome {
    /// How its plays came out, in one line, where that says more than its verdict: `3 of 3 plays,
    /// the same way: handoff in turn 4`.
    #[must_use]
    pub fn tally(&self) -> Option<String> {
        let is_single = self.rule.plays == 1 && self.plays.len() == 1;
        match self.verdict {
            Verdict::Skipped => None,
            // Said when the case was judged, for how it names the day depends on that day.
            Verdict::Quarantined => self.reason.clone(),
            _ if is_single => None,
            Verdict::Passed => Some(self.passed_plays()),
            Verdict::Failed => Some(self.failed_plays()),
            Verdict::Flaky => {
                let of = format!("{} of {}", self.failed().count(), self.counted_plays());
                Some(format!("{of} failed: {}", in_short(&self.ways())))
            }
            Verdict::Errored => Some(self.errored_plays()),
        }
    }

    /// Why it did not pass, in one line; `None` where it did.
    #[must_use]
    pub(crate) fn why(&self, today: Date) -> Option<String> {
        let shown = || self.shown().map(Play::reason).filter(|reason| !reason.is_empty());
        match self.verdict {
            Verdict::Passed => None,
            Verdict::Quarantined => self.quarantined_until(today).or_else(shown),
            _ => self.tally().or_else(shown),
        }
    }

    /// The quarantine because of which it does not count: of several the one that ends first.
    #[must_use]
    pub(crate) fn quarantine(&self) -> Option<&Quarantine> {
        let covers = |one: &&Quarantine| {
            one.is_whole() || self.mismatches().any(|mismatch| one.covers(mismatch.turn))
        };
        self.quarantines.iter().filter(covers).min_by_key(|one| one.until)
    }

    /// `until 15 December, @anna: text in turn 3`
    fn quarantined_until(&self, today: Date) -> Option<String> {
        let Quarantine { until, owner, .. } = self.quarantine()?;
        Some(format!("until {}, {owner}: {}", day(*until, today), in_short(&self.ways())))
    }

    /// `4 of 5 plays (needs 4); turn 2 varied once`
    fn passed_plays(&self) -> String {
        let passed = self.plays.iter().filter(|play| play.verdict == PlayVerdict::Passed).count();
        let needed = match self.rule.pass {
            all if all == self.rule.plays => String::new(),
            some => format!(" (needs {some})"),
        };
        let varied = self.plays.iter().flat_map(|play| {
            let turns: BTreeSet<TurnNumber> = play.mismatches.iter().map(|one| one.turn).collect();
            turns.into_iter()
        });
        let varied = often(varied);
        let varied = varied.iter().map(|(turn, often)| format!("{turn} varied {}", times(*often)));
        let varied = varied.collect::<Vec<_>>().join(", ");
        let varied = if varied.is_empty() { varied } else { format!("; {varied}") };
        format!("{passed} of {}{needed}{varied}", self.counted_plays())
    }

    /// `3 of 3 plays, the same way: handoff in turn 4`
    fn failed_plays(&self) -> String {
        let (failed, valid, ways) = (self.failed().count(), self.valid_plays(), self.ways());
        let word = if failed == valid { "" } else { " failed" };
        let how = match (failed, ways.len()) {
            (1, _) if self.rule.plays > 1 && self.is_unforgivable() => {
                ", which decides it".to_owned()
            }
            (1, _) => String::new(),
            (_, 1) => ", the same way".to_owned(),
            (_, many) => format!(", in {many} different ways"),
        };
        format!("{failed} of {}{word}{how}: {}", self.counted_plays(), in_short(&ways))
    }

    fn is_unforgivable(&self) -> bool {
        self.standings().contains(&Standing::Unforgivable)
    }

    /// `1 valid play of 3: turn timeout twice`
    fn errored_plays(&self) -> String {
        let errors = self.plays.iter().filter_map(|play| play.error.as_ref());
        let why = often(errors.map(PlayError::noun)).into_iter().map(|one| match one {
            (what, 1) => what.to_owned(),
            (what, often) => format!("{what} {}", times(often)),
        });
        let why = why.collect::<Vec<_>>().join(", ");
        format!("{} of {}: {why}", count(self.valid_plays(), "valid play"), self.rule.plays)
    }

    /// How many plays could be played.
    #[must_use]
    pub(crate) fn valid_plays(&self) -> usize {
        self.plays.iter().filter(|play| play.verdict != PlayVerdict::Errored).count()
    }

    fn counted_plays(&self) -> String {
        count(self.valid_plays(), "play")
    }

    fn failed(&self) -> impl Iterator<Item = &Play> {
        self.plays.iter().filter(|play| play.verdict == PlayVerdict::Failed)
    }

    /// In which ways its plays failed.
    fn ways(&self) -> BTreeSet<Way> {
        self.failed().map(Play::way).collect()
    }
}

impl Play {
    /// How it came out, in short: `handoff in turn 4`, `turn timeout`; empty where it passed.
    #[must_use]
    pub(crate) fn in_short(&self) -> String {
        let way = self.way().join(", ");
        match &self.error {
            Some(error) if way.is_empty() => error.noun().to_owned(),
            _ => way,
        }
    }

    /// What does not hold, in short: `handoff in turn 4`, each once.
    pub(crate) fn way(&self) -> Way {
        let mut turns: Vec<(&str, Vec<TurnNumber>)> = Vec::new();
        for one in &self.mismatches {
            let noun = one.kind.noun();
            match turns.iter_mut().find(|(known, _)| *known == noun) {
                Some((_, turns)) if turns.contains(&one.turn) => {}
                Some((_, turns)) => turns.push(one.turn),
                None => turns.push((noun, vec![one.turn])),
            }
        }
        let mut way: Way = turns
            .into_iter()
            .map(|(noun, turns)| format!("{noun} in {}", listed(&turns)))
            .collect();
        let left_over = self.not_reached.first().filter(|_| self.mismatches.is_empty());
        way.extend(left_over.map(|first| format!("{} not reached", first.turn)));
        way
    }
}

/// `turn 2`, or `turns 1, 2 and 4`.
fn listed(turns: &[TurnNumber]) -> String {
    let (Some(last), earlier) = (turns.last(), turns.len().saturating_sub(1)) else {
        return String::new();
    };
    let number = |turn: &TurnNumber| match turn.is_greeting() {
        true => "the greeting".to_owned(),
        false => turn.get().to_string(),
    };
    match turns.get(..earlier) {
        None | Some([]) => last.to_string(),
        Some(earlier) => {
            let earlier: Vec<String> = earlier.iter().map(number).collect();
            let word = if turns.iter().any(|turn| turn.is_greeting()) { "" } else { "turns " };
            format!("{word}{} and {}", earlier.join(", "), number(last))
        }
    }
}

fn in_short(ways: &BTreeSet<Way>) -> String {
    let mut short: Vec<String> = ways.iter().take(MOST_WAYS).map(|way| way.join(", ")).collect();
    if ways.len() > MOST_WAYS {
        short.push("…".to_owned());
    }
    short.join("; or ")
}

/// Each of several once, with how often it is there.
fn often<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut often = BTreeMap::new();
    for one in all {
        *often.entry(one).or_default() += 1;
    }
    often
}

fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    }
}
