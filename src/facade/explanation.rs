//! A failure in words.

use crate::{
    outcome::CaseOutcome,
    render::{Style, terminal},
};

impl CaseOutcome {
    /// What `rehearsal run` prints of a case that did not pass: each thing that does not hold with
    /// its place in the conversation file, then the conversation, the ids that PolyAI's support asks
    /// for, and the commands that play the case again. `None` where it does not count against the run.
    #[must_use]
    pub fn explanation(&self) -> Option<String> {
        self.is_failing().then(|| terminal::failure(self, Style::Plain))
    }
}
