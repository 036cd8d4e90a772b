//! Snapshots: what a conversation's pinned text was when a person accepted it.
//!
//! The files are insta's, so that `cargo insta` works on them; the body is a transcript in YAML
//! and is compared turn by turn. Unless `INSTA_UPDATE` asks for it, a run never changes an
//! accepted snapshot: a difference leaves a pending one (`.snap.new`) beside it, in which only
//! the turns that differ are new.
//!
//! insta's macros are not used: they print from many threads, panic without the difference, and record
//! the path of this library. The protocol is small, and `tests/suite/snapshot_protocol.rs` spells it
//! out. Snapshots are read with the YAML reader of [`source`](crate::source), so that a mistake in one
//! has a position too.

pub mod accepted;
pub mod carry;
pub mod compare;
pub mod decision;
pub mod disk;
pub mod file;
pub(crate) mod filled;
pub mod joined;
pub mod learn;
pub mod loosen;
pub mod mode;
pub mod pending;
pub mod redact;
mod repeated;
pub mod rest;
pub mod store;
pub mod temporary;
pub mod transcript;
mod yaml;

pub use compare::{ObservedTurn, SnapshotComparison, SnapshotStatus, TextVerdict, compare};
pub use disk::Accepted;
pub use mode::{InstaSettings, Update};
pub use redact::Redactor;
pub use store::{Store, StoreError};
pub use transcript::Entry;
