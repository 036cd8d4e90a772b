//! PolyAI's Chat API: requests, replies, the client.
//!
//! Names and fields are the platform's own ("Chat API" in PolyAI's documentation): `create`
//! starts a conversation, `respond` sends a message, `close` ends it.

mod body;
mod client;
mod request;

pub use client::{ChatClient, ProjectIds};
