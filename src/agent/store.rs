//! The conversations that the server is having.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::engine::ConversationState;

/// How long a conversation may rest before it is forgotten.
pub(super) const IDLE: Duration = Duration::from_secs(600);

/// One conversation.
#[derive(Debug)]
pub(super) struct StoredConversation {
    pub memory: ConversationState,
    pub touched: Instant,
}

/// All conversations by id. One that ended, was closed or has rested too long is not in it, so
/// that a server may run for days.
#[derive(Debug, Default)]
pub(super) struct ConversationStore {
    inner: Mutex<StoredConversations>,
}

#[derive(Debug, Default)]
struct StoredConversations {
    talks: HashMap<String, Arc<Mutex<StoredConversation>>>,
    swept: Option<Instant>,
}

impl ConversationStore {
    /// Adds a conversation under a new id, which says nothing and is never given twice.
    pub fn add(&self, memory: ConversationState, now: Instant) -> String {
        let id = format!("CONV-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let talk = Arc::new(Mutex::new(StoredConversation { memory, touched: now }));
        let mut inner = self.lock();
        inner.sweep(now);
        inner.talks.insert(id.clone(), talk);
        id
    }

    /// A conversation that is still going on.
    pub fn get(&self, id: &str, now: Instant) -> Option<Arc<Mutex<StoredConversation>>> {
        let mut inner = self.lock();
        inner.sweep(now);
        inner.talks.get(id).cloned()
    }

    /// Forgets a conversation; whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        self.lock().talks.remove(id).is_some()
    }

    /// How many conversations are going on.
    pub fn len(&self) -> usize {
        self.lock().talks.len()
    }

    fn lock(&self) -> MutexGuard<'_, StoredConversations> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StoredConversations {
    /// Looks for idle conversations, at most ten times in the time that one may rest.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.duration_since(swept) < IDLE / 10) {
            return;
        }
        self.swept = Some(now);
        self.talks.retain(|_, talk| {
            let touched = talk.lock().unwrap_or_else(PoisonError::into_inner).touched;
            now.duration_since(touched) < IDLE
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_that_rests_too_long_is_forgotten() {
        let store = ConversationStore::default();
        let start = Instant::now();
        let id = store.add(ConversationState::default(), start);
        assert!(store.get(&id, start + IDLE / 2).is_some());
        assert!(store.get(&id, start + IDLE + IDLE / 5).is_none());
    }
}
