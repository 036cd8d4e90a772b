//! The files a team writes, as text with positions.
//!
//! Every file (YAML, JSON, TOML) is parsed into one tree of [`Node`]s that remember where
//! they stand. A [`Shape`](shape::Shape) says which keys a map may hold and what each of them
//! takes; [`conform::conform`] compares a tree with it and reports *every* departure as a
//! [`Diagnostic`], so that a person sees all mistakes of a file at once. The same shapes
//! give the JSON Schemas for editors, so the two cannot disagree.
//!
//! serde types would not do: a serde reader stops at the first mistake of a file, and loses positions
//! at the first enum without a tag. What a shape cannot say (unknown variants, undefined `${names}`)
//! is checked afterwards, by the modules that know it.

pub mod conform;
pub mod diagnostic;
pub mod file;
mod location;
pub mod node;
pub mod scalar;
pub mod schema;
pub mod secrets;
pub mod shape;
pub mod suggest;
pub mod toml;
pub mod yaml;

pub use diagnostic::{Diagnostic, Problems, Severity};
pub use file::{ReadError, SourceFile};
pub use location::{Excerpt, Location};
pub use node::{MapEntry, Node, Span, Value};
