//! The command line: one file per command, all of them thin fronts of the library.

mod check;
mod close;
mod context;
mod decide;
mod init;
mod list;
mod output;
mod pending;
mod progress;
mod report;
mod report_flags;
mod review;
mod run;
mod schema;
mod select;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::context::Context;

/// Regression tests for conversations with PolyAI agents.
///
/// Conversations are YAML files below conversations/; rehearsal.toml says which projects and
/// environments there are. `rehearsal init` writes a first set of both.
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the selected conversations and report what failed.
    Run(run::Run),
    /// Show the cases that `run` would play, and how many requests that takes; play none.
    List(list::List),
    /// Read config, conversations, snapshots and agents offline, and report every mistake.
    Check(check::Check),
    /// Review pending snapshots: accept or reject each change, shown in its conversation.
    Review(review::Review),
    /// Join the JSON lines of runs into one report and one verdict, or compare two runs.
    Report(report::Report),
    /// Accept pending snapshots: the new answers are right.
    Accept(decide::Accept),
    /// Reject pending snapshots: the accepted answers stay.
    Reject(decide::Reject),
    /// Close conversations that a run could not close.
    Close(close::Close),
    /// Write a config, a first conversation, a demo agent and a CI workflow; existing files are kept.
    Init(init::Init),
    /// Serve an agent file as a Chat API on this machine.
    Serve(serve::Serve),
    /// Print the JSON Schema of a kind of file, for editors.
    Schema(schema::Schema),
}

/// Runs the program with the arguments of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context::of_process();
    let outcome = match &cli.command {
        Command::Run(run) => run.execute(&context),
        Command::List(list) => list.execute(&context),
        Command::Check(check) => check.execute(&context),
        Command::Report(report) => report.execute(&context),
        Command::Review(review) => review.execute(&context),
        Command::Accept(accept) => accept.execute(&context),
        Command::Reject(reject) => reject.execute(&context),
        Command::Close(close) => close.execute(&context),
        Command::Init(init) => init.execute(&context),
        Command::Serve(serve) => serve.execute(&context),
        Command::Schema(schema) => schema.execute(),
    };
    outcome.unwrap_or_else(|error| {
        error.print();
        ExitCode::from(error.exit_status())
    })
}
