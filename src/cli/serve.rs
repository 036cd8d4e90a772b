//! `rehearsal serve`

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tokio::runtime::Builder;

use super::{
    context::{CliError, Context},
    output::say,
    select::not_empty,
};
use crate::{
    agent::{AgentScript, AgentServer, Faults, RequestCounts, ServedProject},
    engine,
    source::Problems,
};

const FAULTS: &str = "\
Faults are written OPERATION:FAULT or OPERATION:FAULT@HOW-OFTEN, several with commas.
  operation   create, respond, close, any
  fault       a status (503; 429+2s with Retry-After), hang, delay-300ms; and, after the
              message was heard: reset, cut, not-json, wrong-id, no-id, huge
  how often   once, 5 for every 5th request, 10% for some at random; always, without";

/// Serve an agent file as a Chat API on this machine.
#[derive(Debug, Args)]
#[command(after_help = FAULTS)]
pub(super) struct Serve {
    /// The agent file.
    agent: PathBuf,
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Inject faults, such as `respond:503@5,create:429+2s@10%`.
    #[arg(long, value_name = "FAULTS", value_parser = not_empty)]
    fault: Option<String>,
    /// The seed of the random choices: answers with odds, made-up digits, faults such as
    /// `reset@10%` [default: a random one, which is printed].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Serve {
    pub fn execute(&self, _context: &Context) -> Result<ExitCode, CliError> {
        let mut problems = Problems::default();
        let script = AgentScript::read_file(&self.agent, &mut problems);
        let Some(script) = script.filter(|_| !problems.has_errors()) else {
            return Err(CliError::Agent(problems.into_sorted()));
        };
        let known = ServedProject {
            account_id: script.account_id.clone(),
            project_id: script.project_id.clone(),
        };
        let account = known.account_id.clone().unwrap_or_else(|| "any-account".to_owned());
        let project = known.project_id.clone().unwrap_or_else(|| "any-project".to_owned());
        let name = script.name.clone().unwrap_or_else(|| self.agent.display().to_string());
        // Short enough to be typed again.
        let seed = self.seed.unwrap_or_else(|| fastrand::u32(..).into());
        let faults = self.fault.as_deref().unwrap_or_default().parse::<Faults>();
        let faults = faults.map_err(|error| CliError::Says(error.to_string()))?.seeded(seed);
        let runtime =
            Builder::new_multi_thread().enable_all().build().map_err(CliError::Threads)?;
        runtime.block_on(async {
            let listen = |source| CliError::Listen { port: self.port, source };
            let server = AgentServer::start(script.seeded(seed), known, faults, self.port)
                .await
                .map_err(listen)?;
            let url = server.base_url();
            say(format!("{name} answers at {url} (Ctrl-C ends it)"))?;
            say(format!("--seed {seed} makes it choose the same answers again\n"))?;
            say(examples(&format!("{url}/v1/{account}/{project}/chat")))?;
            engine::ending_signal().await;
            let RequestCounts { create, respond, close, open } = server.counts();
            say(format!(
                "\n{create} created, {respond} messages, {close} closed; {open} still open"
            ))?;
            Ok(ExitCode::SUCCESS)
        })
    }
}

/// One request of each kind, to copy.
fn examples(chat: &str) -> String {
    let request = |method: &str, path: &str, body: &str| {
        format!(
            "  curl -X {method} {chat}/{path} \\\n    \
             -H 'X-API-KEY: any' -H 'X-TOKEN: any' \\\n    \
             -H 'Content-Type: application/json' \\\n    \
             -d '{body}'\n"
        )
    };
    [
        request("POST", "create", "{}"),
        request("POST", "respond", r#"{"conversation_id": "CONV-…", "message": "Hello"}"#),
        request("PUT", "close", r#"{"conversation_id": "CONV-…"}"#),
    ]
    .concat()
}
