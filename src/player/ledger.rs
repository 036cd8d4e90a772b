//! The conversations that are open on the platform at this moment.
//!
//! A close that fails must not change a verdict, and a conversation must not stay open because a case
//! panicked or a signal came; so the ledger outlives both. A conversation is in it from before its
//! `create` is sent, under the request's id until its own is known. What could not be closed when its
//! case ended is tried again at the end of the run, and then listed. Once a second signal has sealed the
//! ledger, nothing is created any more.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{config::Place, text::layout::shell_word};

/// A conversation that may be open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConversation {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The platform's id.
    pub conversation_id: String,
}

/// A request to create a conversation of which nobody knows whether it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCreate {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The id that the request carried.
    pub correlation_id: String,
}

/// What may be open on the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unclosed {
    /// The conversations whose ids are known.
    pub open: Vec<OpenConversation>,
    /// The requests to create one that were not answered, or not with an id.
    pub created: Vec<UnknownCreate>,
}

/// Which conversations may be open: what has to be closed if a run is cut short.
///
/// A conversation is in it from before `create` is sent until it was closed, or until it is
/// certain that there is none.
#[derive(Debug, Default)]
pub struct Ledger {
    state: Mutex<LedgerState>,
}

#[derive(Debug, Default)]
struct LedgerState {
    /// By the conversation's id.
    open: BTreeMap<String, Arc<Place>>,
    /// By the request's id.
    created: BTreeMap<String, Arc<Place>>,
    is_sealed: bool,
}

impl Ledger {
    /// Notes that a conversation is about to be created. `false` once the ledger is sealed: the
    /// request must not be sent then.
    #[must_use]
    pub fn creating(&self, correlation_id: &str, place: &Arc<Place>) -> bool {
        let mut state = self.lock();
        if !state.is_sealed {
            state.created.insert(correlation_id.to_owned(), Arc::clone(place));
        }
        !state.is_sealed
    }

    /// Notes the id of a conversation that was created.
    pub fn created(&self, correlation_id: &str, conversation_id: &str) {
        let mut state = self.lock();
        if let Some(place) = state.created.remove(correlation_id) {
            state.open.insert(conversation_id.to_owned(), place);
        }
    }

    /// Strikes a request that created nothing.
    pub fn not_created(&self, correlation_id: &str) {
        self.lock().created.remove(correlation_id);
    }

    /// Strikes a conversation that was closed, or that the agent ended.
    pub fn closed(&self, conversation_id: &str) {
        self.lock().open.remove(conversation_id);
    }

    /// The conversations that are open.
    #[must_use]
    pub fn open(&self) -> Vec<OpenConversation> {
        self.lock().open()
    }

    /// What may be open. No conversation is created after this, so that the list stays whole.
    #[must_use]
    pub fn seal(&self) -> Unclosed {
        let mut state = self.lock();
        state.is_sealed = true;
        let created = state.created.iter().map(|(correlation_id, place)| UnknownCreate {
            project: place.project.clone(),
            environment: place.environment.clone(),
            correlation_id: correlation_id.clone(),
        });
        Unclosed { open: state.open(), created: created.collect() }
    }

    fn lock(&self) -> MutexGuard<'_, LedgerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LedgerState {
    fn open(&self) -> Vec<OpenConversation> {
        let open = self.open.iter().map(|(conversation_id, place)| OpenConversation {
            project: place.project.clone(),
            environment: place.environment.clone(),
            conversation_id: conversation_id.clone(),
        });
        open.collect()
    }
}

impl Unclosed {
    /// What a person is told: the commands that close them, and what support can look for.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.open.is_empty() {
            lines.push("may still be open on the platform; this closes them:".to_owned());
            lines.extend(close_commands(&self.open).iter().map(|command| format!("  {command}")));
        }
        if !self.created.is_empty() {
            lines
                .push("may have been started, no id came; the requests to create them:".to_owned());
            lines.extend(self.created.iter().map(|one| {
                format!("  {}/{}: {}", one.project, one.environment, one.correlation_id)
            }));
        }
        lines
    }
}

/// The commands that close conversations, one for each place that they are open in.
#[must_use]
pub fn close_commands(open: &[OpenConversation]) -> Vec<String> {
    let mut places: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for one in open {
        let ids = places.entry((&one.project, &one.environment)).or_default();
        ids.push(shell_word(&one.conversation_id));
    }
    let command = |((project, environment), ids): ((&str, &str), Vec<String>)| {
        let (project, environment) = (shell_word(project), shell_word(environment));
        let ids = ids.join(" ");
        format!("rehearsal close --project {project} --environment {environment} {ids}")
    };
    places.into_iter().map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Arc<Place> {
        Arc::new(Place { project: "demo".into(), environment: "sandbox".into() })
    }

    #[test]
    fn a_conversation_is_listed_from_before_it_is_created_until_it_is_closed() {
        let ledger = Ledger::default();
        assert!(ledger.creating("request-1", &place()));
        let listed = |ledger: &Ledger| {
            let Unclosed { open, created } = ledger.seal();
            ledger.lock().is_sealed = false;
            (open.len(), created.len())
        };
        assert_eq!(listed(&ledger), (0, 1));
        ledger.created("request-1", "CONV-1");
        assert_eq!(listed(&ledger), (1, 0));
        ledger.closed("CONV-1");
        assert_eq!(listed(&ledger), (0, 0));
        assert!(ledger.creating("request-2", &place()));
        ledger.not_created("request-2");
        assert_eq!(listed(&ledger), (0, 0));
    }

    #[test]
    fn nothing_is_created_once_the_list_was_made() {
        let ledger = Ledger::default();
        assert!(ledger.creating("request-1", &place()));
        let listed = ledger.seal();
        assert!(!ledger.creating("request-2", &place()));
        let lines = listed.lines();
        assert_eq!(lines.last().map(String::as_str), Some("  demo/sandbox: request-1"));
    }
}
