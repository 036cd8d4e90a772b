//! A part of a selection, for one of several machines.
//!
//! A case belongs to the shard that the FNV-1a hash (64 bits) of its name gives, modulo the number of
//! shards: no machine has to know of another, and a new case moves no other one. With recorded
//! durations the longest cases go first, each to the shard with the least to do so far; names decide
//! ties, so that every machine computes the same.

use std::{fmt, str::FromStr};

use super::{Durations, Planned};
use crate::conversation::CaseName;
use crate::text::fnv;

/// Shard K of N, as `2/5` is written.
///
/// Every case is in exactly one of the N shards, on whichever machine and in whatever order they
/// are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    index: usize,
    count: usize,
}

/// Text that is no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write K/N, such as 2/5 for the second of five shards")]
pub struct ParseShardError;

impl FromStr for Shard {
    type Err = ParseShardError;

    fn from_str(text: &str) -> Result<Self, ParseShardError> {
        let (index, count) = text.split_once('/').ok_or(ParseShardError)?;
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| ParseShardError);
        let (index, count) = (number(index)?, number(count)?);
        match index.checked_sub(1) {
            Some(index) if index < count => Ok(Self { index, count }),
            _ => Err(ParseShardError),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.count)
    }
}

impl Shard {
    /// Whether a case is in this shard, by its name alone: its hash modulo the number of shards.
    #[must_use]
    pub fn holds(self, case: &CaseName) -> bool {
        // The remainder is less than a number that was a `usize`.
        fnv::hash(case.as_str().bytes()) % self.count as u64 == self.index as u64
    }

    /// Leaves the cases of this shard. With the durations of an earlier run, all shards take about
    /// as long; otherwise names alone decide.
    pub fn keep(self, cases: &mut Vec<Planned>, durations: Option<&Durations>) {
        match durations {
            None => cases.retain(|case| self.holds(&case.name)),
            Some(durations) => {
                let names: Vec<&CaseName> = cases.iter().map(|case| &case.name).collect();
                let mut shards = self.balance(&names, durations).into_iter();
                cases.retain(|_| shards.next() == Some(self.index));
            }
        }
    }

    /// The shard (from 0) of each case: the longest first, each to the shard that has least to do.
    fn balance(self, cases: &[&CaseName], durations: &Durations) -> Vec<usize> {
        // One that was not played yet is taken to be as long as most are.
        let usual = durations.median(cases.iter().copied());
        let takes = |at: usize| durations.of(cases[at]).unwrap_or(usual);
        let mut order: Vec<usize> = (0..cases.len()).collect();
        order.sort_by(|a, b| takes(*b).cmp(&takes(*a)).then(cases[*a].cmp(cases[*b])));
        let mut loads = vec![(0, 0); self.count];
        let mut shards = vec![0; cases.len()];
        for at in order {
            // Cases that take no time are spread by their number.
            let least = (0..self.count).min_by_key(|shard| loads[*shard]).unwrap_or_default();
            let (time, number) = loads[least];
            loads[least] = (time + takes(at), number + 1);
            shards[at] = least;
        }
        shards
    }
}

#[cfg(test)]
#[path = "../../tests/suite/common/laws.rs"]
mod property;

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(text: &str) -> Shard {
        text.parse().expect("a shard")
    }

    #[test]
    fn shards_are_written_k_of_n() {
        assert_eq!(shard("2/5").to_string(), "2/5");
        for wrong in ["0/5", "6/5", "5", "", "a/b", "1/0", "-1/2", "1/2/3"] {
            assert_eq!(wrong.parse::<Shard>(), Err(ParseShardError), "{wrong}");
        }
    }

    mod laws {
        use proptest::prelude::*;

        use super::super::{property, *};

        fn names() -> impl Strategy<Value = Vec<CaseName>> {
            let name = "[a-zé]{1,3}(/[a-z]{1,2})?(@[a-z]{1,2})?";
            proptest::collection::btree_set(name, 0..60)
                .prop_map(|names| names.into_iter().map(CaseName::new).collect())
        }

        proptest! {
            #![proptest_config(property::config())]

            #[test]
            fn every_case_is_in_exactly_one_shard(names in names(), count in 1_usize..9) {
                for name in &names {
                    let of = (0..count).filter(|index| Shard { index: *index, count }.holds(name));
                    prop_assert_eq!(of.count(), 1);
                }
            }

            #[test]
            fn shards_with_durations_hold_every_case_and_none_is_far_longer_than_another(
                names in names(),
                count in 1_usize..9,
                milliseconds in proptest::collection::vec(0_u64..5_000, 60),
            ) {
                let known = names.iter().cloned().zip(milliseconds).step_by(2);
                let durations: Durations = known.collect();
                let all: Vec<&CaseName> = names.iter().collect();
                let shards = Shard { index: 0, count }.balance(&all, &durations);
                prop_assert!(shards.iter().all(|shard| *shard < count));
                // Whichever machine asks, it gets the same answer.
                let again = Shard { index: count - 1, count }.balance(&all, &durations);
                prop_assert_eq!(&shards, &again);
                let usual = durations.median(names.iter());
                let takes = |at: usize| durations.of(all[at]).unwrap_or(usual);
                let load = |shard: usize| {
                    (0..all.len()).filter(|at| shards[*at] == shard).map(takes).sum::<u64>()
                };
                let loads: Vec<u64> = (0..count).map(load).collect();
                let longest = (0..all.len()).map(takes).max().unwrap_or_default();
                let (most, least) = (loads.iter().max(), loads.iter().min());
                prop_assert!(most.copied().unwrap_or(0) - least.copied().unwrap_or(0) <= longest);
            }
        }
    }
}
