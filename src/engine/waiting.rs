//! The cases that are not begun yet, by the limit that each falls under.

use std::{collections::VecDeque, sync::Arc};

use super::Engine;
use crate::plan::Planned;

/// Cases that wait for room. One whose limit is reached holds up none that has another limit.
pub(super) struct Waiting {
    lanes: Vec<Lane>,
}

struct Lane {
    cases: VecDeque<Arc<Planned>>,
    room: usize,
}

impl Waiting {
    pub fn new(engine: &Engine, cases: Vec<Planned>) -> Self {
        let lane = |room| Lane { cases: VecDeque::new(), room };
        let mut lanes: Vec<Lane> =
            engine.lanes.iter().map(|traffic| lane(traffic.concurrency())).collect();
        if lanes.is_empty() {
            // Every case is skipped.
            lanes.push(lane(1));
        }
        for case in cases {
            if let Some(lane) = lanes.get_mut(engine.lane(&case.target.project)) {
                lane.cases.push_back(Arc::new(case));
            }
        }
        Self { lanes }
    }

    /// The next case that there is room for.
    pub fn next(&mut self) -> Option<Arc<Planned>> {
        let lane = self.lanes.iter_mut().find(|lane| lane.room > 0 && !lane.cases.is_empty())?;
        lane.room -= 1;
        lane.cases.pop_front()
    }

    /// A case of this lane is over.
    pub fn over(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.room += 1;
        }
    }
}
