//! The review in a browser: a page on loopback, made here and now from what is pending.
//!
//! [`ReviewServer`] listens, `guard` says who may ask, `routes` what can be asked, and the `state` owns
//! the session and decides. The others say what the page shows.
//!
//! The page is rendered on the server and made of links and forms, so that it works without a script. The
//! script only fetches the parts of the same page that change, so there is one description of what is
//! shown. Templates, style and script are part of the binary.

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
