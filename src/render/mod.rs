//! From outcomes to what people and other programs read.
//!
//! A [`Reporter`] is handed the events of a run. A report that is one document at the end of a
//! run implements [`Document`] instead, which is told of cases one by one and written once; a
//! new format is a file here, and a line in [`reporters::Format`].

mod ci_path;
pub mod commands;
pub mod curl;
mod document;
pub mod github;
mod gitlab;
pub mod guard;
mod headline;
#[cfg(feature = "reports")]
mod html;
#[cfg(feature = "reports")]
mod junit;
mod reporters;
mod rerun;
#[cfg(feature = "reports")]
mod spool;
pub mod terminal;
#[cfg(feature = "reports")]
mod xml;

use std::io::{self, Write};

pub use ci_path::Repository;
pub use guard::Guard;
pub use reporters::{Format, OpenOutputs, Outputs, Reporters, WriteError};
pub use rerun::Rerun;

use crate::outcome::{CaseOutcome, Event, Summary};
pub use crate::text::layout::Style;

/// Something that is told what happens in a run.
pub trait Reporter: Send {
    /// Takes note of an event. What cannot be written is said by [`finish`](Self::finish).
    fn on_event(&mut self, event: Event<'_>);

    /// Completes the report.
    ///
    /// # Errors
    /// When it could not be written.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// A report that is put together in the end, of parts that are made while the run goes on.
pub trait Document: Send {
    /// Takes a case that is over.
    ///
    /// # Errors
    /// When there is no room for it.
    fn add(&mut self, case: &CaseOutcome) -> io::Result<()>;

    /// Writes the whole report.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    fn write(self: Box<Self>, summary: &Summary, out: &mut dyn Write) -> io::Result<()>;
}
