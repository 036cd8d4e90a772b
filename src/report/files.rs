//! The files that reports are written to when a run is over.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
};

use super::{Repository, RunRecord, gitlab};
#[cfg(feature = "reports")]
use super::{html, junit};
use crate::{snapshot::disk::replace, text::Scrubber};

/// Which reports are wanted, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// JUnit XML.
    pub junit: Option<PathBuf>,
    /// A page of HTML.
    pub html: Option<PathBuf>,
    /// GitLab's code quality report.
    pub code_quality: Option<PathBuf>,
    /// Where the repository is that paths are to start from.
    pub repository: Repository,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// This build has no such report.
    #[error(
        "{} cannot be written: this build has no JUnit and HTML reports; add features = [\"reports\"] to the dependency on rehearsal",
        path.display()
    )]
    SwitchedOff {
        /// The file.
        path: PathBuf,
    },
    /// A fault of the renderer.
    #[error("cannot make {}: {reason}", path.display())]
    Render {
        /// The file.
        path: PathBuf,
        /// What it says.
        reason: String,
    },
}

impl Files {
    /// Whether there is any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.junit.is_none() && self.html.is_none() && self.code_quality.is_none()
    }

    /// Writes, before a run begins, reports that say that it did not end: should it be killed,
    /// nothing green is left of an earlier one.
    ///
    /// # Errors
    /// As for [`Files::write`].
    pub fn begin(&self) -> Result<(), WriteError> {
        self.write(&RunRecord::begun(), &Scrubber::default())
    }

    /// Writes every report of a run, whole or not at all, without the credentials that `scrubber`
    /// knows.
    ///
    /// # Errors
    /// When a file cannot be written, or this build has no such report.
    pub fn write(&self, run: &RunRecord, scrubber: &Scrubber) -> Result<(), WriteError> {
        let junit = || match &self.junit {
            Some(path) => write(path, render_junit(run), scrubber),
            None => Ok(()),
        };
        let html = || match &self.html {
            Some(path) => write(path, render_html(run), scrubber),
            None => Ok(()),
        };
        thread::scope(|scope| {
            let html = scope.spawn(html);
            let junit = junit();
            let html = html.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            junit.and(html)
        })?;
        match &self.code_quality {
            Some(path) => {
                write(path, Some(Ok(gitlab::code_quality(run, &self.repository))), scrubber)
            }
            None => Ok(()),
        }
    }
}

#[cfg(feature = "reports")]
fn render_junit(run: &RunRecord) -> Option<Result<String, String>> {
    Some(junit::render(run).map_err(|error| error.to_string()))
}

#[cfg(feature = "reports")]
fn render_html(run: &RunRecord) -> Option<Result<String, String>> {
    Some(html::render(run).map_err(|error| error.to_string()))
}

#[cfg(not(feature = "reports"))]
fn render_html(_: &RunRecord) -> Option<Result<String, String>> {
    None
}

#[cfg(not(feature = "reports"))]
fn render_junit(_: &RunRecord) -> Option<Result<String, String>> {
    None
}

/// Writes what was rendered; nothing was where this build cannot.
fn write(
    path: &Path,
    rendered: Option<Result<String, String>>,
    scrubber: &Scrubber,
) -> Result<(), WriteError> {
    let path = || path.to_owned();
    let text = rendered
        .ok_or_else(|| WriteError::SwitchedOff { path: path() })?
        .map_err(|reason| WriteError::Render { path: path(), reason })?;
    put(&path(), &scrubber.scrub(&text)).map_err(|source| WriteError::File { path: path(), source })
}

/// Replaces a file as a whole; something that is no file, such as a pipe, is written to.
fn put(path: &Path, text: &str) -> io::Result<()> {
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return fs::write(path, text);
    }
    replace(path, text)
}
