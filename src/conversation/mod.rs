//! Conversation files: what they say, how they are read and found.

mod attribute_names;
mod case_name;
pub mod discover;
pub mod expectation;
pub mod model;
mod names;
pub mod quarantine;
mod read;
pub mod shape;
mod turn_number;

use std::sync::Arc;

pub use case_name::CaseName;
pub use discover::Discovered;
pub use expectation::{
    Expectation, HandoffExpectation, HandoffTo, Matchers, Pinned, TextOrPattern,
};
pub use model::{Conversation, MessageTemplate, Opening, Turn, VariantChoice};
pub use quarantine::Quarantine;
pub use turn_number::TurnNumber;

use crate::{
    config::Config,
    source::{Problems, SourceFile, yaml},
};

/// Reads one conversation; every mistake in it goes to `problems`.
///
/// The result is complete only when no error was added.
pub fn read(
    file: &Arc<SourceFile>,
    name: &str,
    config: &Config,
    problems: &mut Problems,
) -> Option<Conversation> {
    let node = yaml::parse(file, problems)?;
    crate::source::conform::conform(
        file,
        &node,
        &crate::source::shape::ValueKind::Map(&shape::CONVERSATION),
        problems,
    );
    let conversation = read::read(file, name, &node, config, problems);
    names::check(file, &node, &conversation, config, problems);
    Some(conversation)
}
