//! `rehearsal schema`

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{context::CliError, output::say};
use crate::{agent, config, conversation, source::schema::schema};

/// Print a JSON Schema.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The kind of file.
    kind: SchemaKind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemaKind {
    /// A conversation.
    Conversation,
    /// rehearsal.toml
    Config,
    /// An agent for the embedded server.
    Agent,
    /// A line of `run --json`.
    Events,
}

impl Schema {
    pub fn execute(&self) -> Result<ExitCode, CliError> {
        let schema = match self.kind {
            SchemaKind::Conversation => {
                schema(&conversation::shape::CONVERSATION, "A conversation of Rehearsal")
            }
            SchemaKind::Config => schema(&config::shape::CONFIG, "rehearsal.toml"),
            SchemaKind::Events => return say_events(),
            SchemaKind::Agent => {
                schema(&agent::shape::AGENT, "An agent for Rehearsal's embedded server")
            }
        };
        say(format!("{schema:#}"))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn say_events() -> Result<ExitCode, CliError> {
    say(include_str!("../../schema/events.schema.json").trim_end())?;
    Ok(ExitCode::SUCCESS)
}
