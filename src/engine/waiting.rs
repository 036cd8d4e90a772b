//! The cases that are not begun yet, by the limit that each falls under.

use std::{collections::VecDeque, sync::Arc};

use super::Engine;
use crate::suite::Planned;

/// Cases that wait for room. One whose limit is reached holds up none that has another limit.
pub(super) struct Waiting {
    queues: Vec<Queue>,
}

/// The cases of one limiter.
struct Queue {
    cases: VecDeque<Arc<Planned>>,
    room: usize,
}

impl Waiting {
    pub fn new(engine: &Engine, cases: Vec<Planned>) -> Self {
        let queue = |room| Queue { cases: VecDeque::new(), room };
        let mut queues: Vec<Queue> =
            engine.limiters.iter().map(|limiter| queue(limiter.concurrency())).collect();
        if queues.is_empty() {
            // Every case is skipped.
            queues.push(queue(1));
        }
        for case in cases {
            if let Some(queue) = queues.get_mut(engine.limiter_of(&case.target.place())) {
                queue.cases.push_back(Arc::new(case));
            }
        }
        Self { queues }
    }

    /// The next case that there is room for.
    pub fn next(&mut self) -> Option<Arc<Planned>> {
        let queue =
            self.queues.iter_mut().find(|queue| queue.room > 0 && !queue.cases.is_empty())?;
        queue.room -= 1;
        queue.cases.pop_front()
    }

    /// A case of this limiter is over.
    pub fn over(&mut self, limiter: usize) {
        if let Some(queue) = self.queues.get_mut(limiter) {
            queue.room += 1;
        }
    }
}
