//! Reviewing what is pending: each change in its conversation, and the decisions about it.
//!
//! A [`Session`] holds what is pending and writes every decision when it is made. The terminal,
//! the page in the browser and the printed list are three ways to look at it.

pub mod answers;
pub mod conversation;
pub mod group;
pub mod item;
pub mod refresh;
pub mod render;
pub mod session;
#[cfg(feature = "cli")]
pub mod web;

pub use conversation::ReviewConversation;
pub use group::{Group, group};
pub use item::{Item, ItemState, What, disagreeing};
pub use refresh::Refresh;
pub use session::{DecisionSummary, Session};
