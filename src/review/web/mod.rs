//! The review in a browser: a page on loopback, made here and now from what is pending.
//!
//! [`ReviewServer`] listens, `guard` says who may ask, `routes` what can be asked, and the `state` owns
//! the session and decides. The others say what the page shows.

mod asked;
mod decisions;
mod filter;
mod guard;
mod notice;
mod page;
mod routes;
mod server;
mod shown;
mod state;
mod views;

pub use server::{ReviewServer, ServeError};
