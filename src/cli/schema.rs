//! `rehearsal schema`

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{context::CliError, output::say};
use crate::{agent, config, source::schema::schema, spec};

/// Prints a JSON Schema.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// The kind of file.
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A conversation.
    Conversation,
    /// rehearsal.toml
    Config,
    /// An agent for the embedded server.
    Agent,
}

impl Schema {
    pub fn execute(&self) -> Result<ExitCode, CliError> {
        let schema = match self.kind {
            Kind::Conversation => schema(&spec::shape::CONVERSATION, "A conversation of Rehearsal"),
            Kind::Config => schema(&config::shape::CONFIG, "rehearsal.toml"),
            Kind::Agent => schema(&agent::shape::AGENT, "An agent for Rehearsal's embedded server"),
        };
        say(format!("{schema:#}"))?;
        Ok(ExitCode::SUCCESS)
    }
}
