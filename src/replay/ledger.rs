//! The conversations that are open on the platform at this moment.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::text::layout::shell_word;

/// Where conversations are open: what `rehearsal close` has to be told.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
}

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

/// Which conversations were created and not yet ended: what has to be closed if a run is cut short.
#[derive(Debug, Default)]
pub struct Ledger {
    open: Mutex<BTreeMap<String, Arc<Place>>>,
}

impl Ledger {
    /// Notes a conversation that was created.
    pub fn opened(&self, conversation_id: &str, place: &Arc<Place>) {
        self.lock().insert(conversation_id.to_owned(), Arc::clone(place));
    }

    /// Strikes a conversation that was closed, or that the agent ended.
    pub fn closed(&self, conversation_id: &str) {
        self.lock().remove(conversation_id);
    }

    /// The conversations that are open.
    #[must_use]
    pub fn open(&self) -> Vec<OpenConversation> {
        let open = self.lock();
        let open = open.iter().map(|(conversation_id, place)| OpenConversation {
            project: place.project.clone(),
            environment: place.environment.clone(),
            conversation_id: conversation_id.clone(),
        });
        open.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Place>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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
