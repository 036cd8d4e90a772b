//! What is left to chance: which of several answers is given, and the digits that are made up.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::text::fnv;

/// Hands every conversation its chance.
///
/// Conversations are counted among those that were opened in the same way: how many others go on
/// at the same time then changes nothing for a conversation that is opened like no other.
#[derive(Debug, Default)]
pub(super) struct Chances {
    seed: u64,
    /// How many conversations were opened in a way, by its hash.
    opened: Mutex<HashMap<u64, u64>>,
}

impl Chances {
    pub fn new(seed: u64) -> Self {
        Self { seed, opened: Mutex::default() }
    }

    /// The chance of the next conversation that is opened like this.
    pub fn of(&self, opening: &[u8]) -> Chance {
        let opening = fnv::hash(opening.iter().copied());
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let count = opened.entry(opening).or_default();
        let conversation = *count;
        *count += 1;
        Chance { seed: mix(self.seed ^ opening), conversation }
    }
}

/// Where the chance of one conversation comes from.
///
/// It depends on the seed, on how the conversation was opened and how many were before it, and on
/// the turn, so that conversations that are played at the same time do not change each other's
/// answers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chance {
    seed: u64,
    conversation: u64,
}

impl Chance {
    /// The generator of one turn; the greeting is turn 0.
    pub fn of_turn(self, turn: u64) -> fastrand::Rng {
        let seed = [self.conversation, turn]
            .into_iter()
            .fold(mix(self.seed), |seed, part| mix(seed ^ part));
        fastrand::Rng::with_seed(seed)
    }
}

/// The next number of SplitMix64. Neighbouring numbers come out unrelated, which a generator does
/// not promise of what it draws first under neighbouring seeds.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
