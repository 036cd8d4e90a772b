//! The plays that are not begun yet, by the limit that each falls under.

use std::{collections::VecDeque, sync::Arc};

use super::{Engine, case::CaseSoFar};
use crate::suite::Planned;

/// A play that is to be made: of a case that was not begun, or needs another.
pub(super) struct NextPlay {
    pub case: Arc<Planned>,
    pub so_far: Option<Box<CaseSoFar>>,
}

/// Plays that wait for room. One whose limit is reached holds up none that has another limit.
///
/// Who needs another play waits behind all others, so that plays come in rounds and all cases meet
/// the same conditions.
pub(super) struct Waiting {
    queues: Vec<Queue>,
}

/// The plays of one limiter.
struct Queue {
    plays: VecDeque<NextPlay>,
    room: usize,
}

impl Waiting {
    pub fn new(engine: &Engine, cases: Vec<Planned>) -> Self {
        let queue = |room| Queue { plays: VecDeque::new(), room };
        let mut queues: Vec<Queue> =
            engine.limiters.iter().map(|limiter| queue(limiter.concurrency())).collect();
        if queues.is_empty() {
            // Every case is skipped.
            queues.push(queue(1));
        }
        let mut waiting = Self { queues };
        for case in cases {
            let limiter = engine.limiter_of(&case.target.place());
            waiting.add(limiter, NextPlay { case: Arc::new(case), so_far: None });
        }
        waiting
    }

    /// One more, behind all others.
    pub fn add(&mut self, limiter: usize, play: NextPlay) {
        if let Some(queue) = self.queues.get_mut(limiter) {
            queue.plays.push_back(play);
        }
    }

    /// The next play that there is room for.
    pub fn next(&mut self) -> Option<NextPlay> {
        let queue =
            self.queues.iter_mut().find(|queue| queue.room > 0 && !queue.plays.is_empty())?;
        queue.room -= 1;
        queue.plays.pop_front()
    }

    /// A play of this limiter is over.
    pub fn over(&mut self, limiter: usize) {
        if let Some(queue) = self.queues.get_mut(limiter) {
            queue.room += 1;
        }
    }
}
