//! The embedded agent: a small scripted agent behind a Chat API server on loopback.
//!
//! It answers like a PolyAI project does, so that conversations can be written and debugged
//! without a key and without a network, and it can misbehave on purpose. A script is a YAML
//! file; see [`shape`] for its keys and [`fault`] for the faults.

mod api;
mod body;
mod chance;
mod connection;
mod engine;
pub mod fault;
mod operation;
mod read;
mod reply;
mod script;
mod server;
pub mod shape;
mod store;

pub use api::ServedProject;
pub use fault::Faults;
pub use script::AgentScript;
pub use server::{AgentServer, RequestCounts};
