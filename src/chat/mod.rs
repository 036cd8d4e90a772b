//! PolyAI's Chat API: requests, replies, the client and its errors.
//!
//! Names and fields are the platform's own ("Chat API" in PolyAI's documentation): `create`
//! starts a conversation, `respond` sends a message, `close` ends it.

mod body;
mod client;
mod error;
mod failure;
mod repeat;
mod request;
mod scrub;

pub use body::{Handoff, Reply};
pub(crate) use client::SEGMENT;
pub use client::{Answer, ChatClient, ClientError, Closed, Credentials, Limits};
pub use error::{ChatError, Envelope, ErrorKind};
pub use request::{Close, Create, Operation, Respond, correlation_id};
