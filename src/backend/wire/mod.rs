//! What PolyAI's APIs over HTTP have in common: how a request is sent and signed, and what can go
//! wrong with it.

mod classify;
mod client;
mod error;
mod failure;
mod http;
pub(in crate::backend) mod json;
pub(in crate::backend) mod scrub;

pub use error::{Envelope, ErrorKind};
pub use http::{ClientError, Credentials, HttpLimits};

pub(in crate::backend) use self::{
    client::{Endpoint, SentRequest, Wire, segment},
    failure::envelope,
};
