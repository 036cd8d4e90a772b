//! The files that reports are written to when a run is over.

use std::{io, path::PathBuf};

use super::{Rendering, Repository, RunRecord, rendering::is_special};
use crate::text::Scrubber;

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
        // What a pipe was given once cannot be replaced.
        let kept = |path: &Option<PathBuf>| path.clone().filter(|path| !is_special(path));
        let files = Self {
            junit: kept(&self.junit),
            html: kept(&self.html),
            code_quality: kept(&self.code_quality),
            repository: self.repository.clone(),
        };
        files.write(&RunRecord::begun(), &Scrubber::default())
    }

    /// Writes every report of a run, whole or not at all, without the credentials that `scrubber`
    /// knows.
    ///
    /// # Errors
    /// When a file cannot be written, or this build has no such report.
    pub fn write(&self, run: &RunRecord, scrubber: &Scrubber) -> Result<(), WriteError> {
        let mut rendering = Rendering::new(self.clone(), &run.facts, scrubber);
        run.cases.iter().for_each(|case| rendering.add(case));
        rendering.write(&run.summary)
    }
}
