//! How the plays of a case came out, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::{CaseOutcome, Play, PlayVerdict, Verdict};
use crate::{
    conversation::{TurnNumber, quarantine::day},
    text::layout::count,
};

/// What does not hold in a play, in short, in the order of the answers: `handoff in turn 4`.
type Way = Vec<String>;

impl CaseOutcome {
    /// How its plays came out, in one line, where that says more than its verdict: `3 of 3 plays
    /// failed, the same way: handoff in turn 4`.
    #[must_use]
    pub fn tally(&self) -> Option<String> {
        let failed = self.plays.iter().filter(|play| play.verdict == PlayVerdict::Failed);
        let ways: BTreeSet<Way> = failed.clone().map(Play::way).collect();
        let failed = failed.count();
        let valid = self.valid_plays();
        match self.verdict {
            Verdict::Skipped => None,
            Verdict::Quarantined => {
                let quarantine = self.quarantines.first()?;
                let (until, owner) = (day(quarantine.until), &quarantine.owner);
                Some(format!("until {until}, {owner}: {}", in_short(&ways)))
            }
            _ if self.rule.plays == 1 && self.plays.len() == 1 => None,
            Verdict::Passed => Some(self.passed_plays()),
            Verdict::Failed => {
                let ways = in_ways(failed, &ways);
                Some(format!("{failed} of {} failed{ways}", count(valid, "play")))
            }
            Verdict::Flaky => {
                Some(format!("{failed} of {} failed: {}", count(valid, "play"), in_short(&ways)))
            }
            Verdict::Errored => {
                let errors = self.plays.iter().filter_map(|play| play.error.as_ref());
                let why = often(errors.map(|error| error.what().to_owned()));
                let valid = count(valid, "valid play");
                Some(format!("{valid} of {}: {}", self.rule.plays, why.join("; ")))
            }
        }
    }

    /// How many plays could be played.
    #[must_use]
    pub(crate) fn valid_plays(&self) -> usize {
        self.plays.iter().filter(|play| play.verdict != PlayVerdict::Errored).count()
    }

    fn passed_plays(&self) -> String {
        let passed = self.plays.iter().filter(|play| play.verdict == PlayVerdict::Passed).count();
        let plays = count(self.valid_plays(), "play");
        let needed = match self.rule.pass {
            all if all == self.rule.plays => String::new(),
            some => format!(" (needs {some})"),
        };
        let varied = self.plays.iter().flat_map(|play| {
            let turns: BTreeSet<TurnNumber> = play.mismatches.iter().map(|one| one.turn).collect();
            turns.into_iter().map(|turn| format!("{turn} varied"))
        });
        let varied = often(varied);
        let varied =
            if varied.is_empty() { String::new() } else { format!("; {}", varied.join(", ")) };
        format!("{passed} of {plays}{needed}{varied}")
    }

    /// Why it did not pass, in one line; `None` where it did.
    #[must_use]
    pub(crate) fn why(&self) -> Option<String> {
        let shown = || self.shown().map(Play::reason).filter(|reason| !reason.is_empty());
        match self.verdict {
            Verdict::Passed => None,
            _ => self.tally().or_else(shown),
        }
    }
}

impl Play {
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
    let ways: Vec<String> = ways.iter().map(|way| way.join(", ")).collect();
    ways.join("; or ")
}

fn in_ways(failed: usize, ways: &BTreeSet<Way>) -> String {
    let how = match (failed, ways.len()) {
        (1, _) => String::new(),
        (_, 1) => ", the same way".to_owned(),
        (_, many) => format!(", in {many} different ways"),
    };
    format!("{how}: {}", in_short(ways))
}

/// Each of several once, with how often it is there.
fn often(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    for one in all {
        *often.entry(one).or_default() += 1;
    }
    let times = |(what, times): (String, usize)| match times {
        1 => what,
        2 => format!("{what} twice"),
        many => format!("{what} {many} times"),
    };
    often.into_iter().map(times).collect()
}
