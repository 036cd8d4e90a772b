//! Pending snapshots on disk: accepting and rejecting them, whole or by turn.

use std::{fs, io, path::PathBuf};

use super::{
    Accepted, Store, StoreError,
    decision::Pending,
    file,
    store::{read, replace},
    transcript,
};
use crate::plan::CaseName;

impl Store {
    /// Makes a pending snapshot the accepted one.
    ///
    /// # Errors
    /// When the pending file is gone or holds no snapshot, or a file cannot be written; the
    /// accepted one stays as it was then.
    pub fn accept(&self, case: &CaseName) -> Result<(), StoreError> {
        let (pending, text) = self.pending_text(case)?;
        if let Accepted::Unreadable(mistakes) = read(&pending, &pending) {
            return Err(StoreError::Unreadable(mistakes));
        }
        self.stays_inside(&self.path(case))?;
        replace(&self.path(case), &file::accepted_form(&text))?;
        fs::remove_file(&pending).map_err(|source| StoreError::Pending { path: pending, source })
    }

    /// A case's pending snapshot beside the accepted one, to be decided turn by turn.
    ///
    /// # Errors
    /// When there is no pending one, or one of both cannot be read.
    pub fn pending_changes(&self, case: &CaseName) -> Result<Pending, StoreError> {
        let path = self.pending_path(case)?;
        let pending = match read(&path, &path) {
            Accepted::Entries(entries) => entries,
            Accepted::Unreadable(mistakes) => return Err(StoreError::Unreadable(mistakes)),
            Accepted::Missing => {
                return Err(StoreError::Pending { path, source: io::ErrorKind::NotFound.into() });
            }
        };
        match self.accepted(case) {
            Accepted::Missing => Ok(Pending::new(&[], pending)),
            Accepted::Entries(entries) => Ok(Pending::new(&entries, pending)),
            Accepted::Unreadable(_) => {
                Err(StoreError::AcceptedUnreadable { path: self.path(case) })
            }
        }
    }

    /// Writes what was accepted of some turns: first the accepted snapshot, then what stays
    /// pending, so that nothing is lost in between.
    ///
    /// # Errors
    /// When the pending file is gone or a file cannot be written.
    pub fn accept_turns(&self, case: &CaseName, decided: &Pending) -> Result<(), StoreError> {
        let (path, text) = self.pending_text(case)?;
        let left = !decided.changes().is_empty();
        let accepted = if left { decided.accepted() } else { decided.entries().to_vec() };
        let accepted = file::with_body(&text, &transcript::write(&accepted));
        self.stays_inside(&self.path(case))?;
        replace(&self.path(case), &file::accepted_form(&accepted))?;
        if left {
            return replace(&path, &file::with_body(&text, &transcript::write(decided.entries())));
        }
        fs::remove_file(&path).map_err(|source| StoreError::Pending { path, source })
    }

    /// Writes what stays pending after some turns were rejected.
    ///
    /// # Errors
    /// When the pending file is gone or cannot be written.
    pub fn reject_turns(&self, case: &CaseName, decided: &Pending) -> Result<(), StoreError> {
        if decided.changes().is_empty() {
            return self.reject(case);
        }
        let (path, text) = self.pending_text(case)?;
        replace(&path, &file::with_body(&text, &transcript::write(decided.entries())))
    }

    fn pending_text(&self, case: &CaseName) -> Result<(PathBuf, String), StoreError> {
        let path = self.pending_path(case)?;
        match fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(source) => Err(StoreError::Pending { path, source }),
        }
    }

    /// Removes a pending snapshot: what was accepted before stays.
    ///
    /// # Errors
    /// When it is gone or cannot be removed.
    pub fn reject(&self, case: &CaseName) -> Result<(), StoreError> {
        let path = self.pending_path(case)?;
        fs::remove_file(&path).map_err(|source| StoreError::Pending { path, source })
    }

    /// Removes a pending snapshot that no longer says anything.
    pub fn forget_pending(&self, case: &CaseName) {
        if let Ok(path) = self.pending_path(case) {
            // Usually there is none.
            let _ = fs::remove_file(path);
        }
    }
}
