//! The embedded agent: a small scripted agent behind a Chat API server on loopback.
//!
//! It answers like a PolyAI project does, so that conversations can be written and debugged
//! without a key and without a network. A script is a YAML file; see [`shape`] for its keys.

mod engine;
mod read;
mod reply;
mod script;
mod server;
pub mod shape;
mod store;

pub use script::Script;
pub use server::{Known, Server, router};
