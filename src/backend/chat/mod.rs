//! PolyAI's Chat API: requests, replies, the client and its errors.
//!
//! Names and fields are the platform's own ("Chat API" in PolyAI's documentation): `create`
//! starts a conversation, `respond` sends a message, `close` ends it.

mod body;
mod classify;
mod client;
mod error;
mod failure;
mod http;
mod request;
mod scrub;

pub use client::{ChatClient, ProjectIds};
pub use http::{ClientError, Credentials, HttpLimits};

use self::{
    body::Reply,
    error::{Envelope, ErrorKind},
};
