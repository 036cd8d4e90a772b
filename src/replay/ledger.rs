//! The conversations that are open on the platform at this moment.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Which conversations were created and not yet ended: what has to be closed if a run is cut short.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Mutex<BTreeMap<String, usize>>,
}

impl Ledger {
    /// Notes a conversation that was created by a player (known by its number).
    pub fn opened(&self, conversation_id: &str, player: usize) {
        self.lock().insert(conversation_id.to_owned(), player);
    }

    /// Strikes a conversation that was closed, or that the agent ended.
    pub fn closed(&self, conversation_id: &str) {
        self.lock().remove(conversation_id);
    }

    /// The conversations that are open, each with the number of its player.
    #[must_use]
    pub fn open(&self) -> Vec<(String, usize)> {
        self.lock().iter().map(|(id, player)| (id.clone(), *player)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
