//! Pending snapshots on disk: accepting and rejecting them, whole or by turn.
//!
//! Files may change while somebody decides. A decision names the change as it was shown (turn, accepted
//! texts, new text) and is refused when that is no longer what is pending. Both files are read once, the
//! decision is made on those texts, and nothing is written if either file has another text by then. The
//! accepted snapshot is written before what stays pending, so that a program that is killed in between
//! has lost nothing. Entries added to the accepted snapshot after the run (its file is newer than the
//! pending one) stay, because the run says nothing about them.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{
    Accepted, Store, StoreError,
    decision::{DecidedSnapshots, Freshness, PendingSnapshot, TurnDecisionError},
    disk::parse,
    file,
    store::{fits, put, put_accepted},
    transcript,
};
use crate::conversation::CaseName;

/// The texts of a case's two files; `None` for one that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Files {
    accepted: Option<String>,
    pending: Option<String>,
}

/// A decision that was written, which can be taken back.
#[derive(Clone, Debug)]
pub struct Written {
    case: CaseName,
    before: Files,
    after: Files,
    edited: Option<SystemTime>,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// The turn cannot be decided like that.
    #[error(transparent)]
    Undecided(#[from] TurnDecisionError),
    /// The files cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Accepts everything that a pending snapshot proposes. An accepted one that cannot be read is
    /// replaced.
    ///
    /// # Errors
    /// When the pending file is gone or holds no snapshot, or a file cannot be written or would be
    /// too large to be read again; the accepted one stays as it was then.
    pub fn accept(&self, case: &CaseName) -> Result<(), StoreError> {
        let all = |pending: &mut PendingSnapshot| {
            pending.accept_all();
            Ok(())
        };
        match self.decide(case, all) {
            Err(DecisionError::Store(StoreError::AcceptedUnreadable { .. })) => self.replace(case),
            Err(DecisionError::Store(error)) => Err(error),
            Ok(_) | Err(DecisionError::Undecided(_)) => Ok(()),
        }
    }

    fn replace(&self, case: &CaseName) -> Result<(), StoreError> {
        let path = self.pending_path(case)?;
        let text = read_pending(&path)?.ok_or_else(|| gone(&path))?;
        if let Accepted::Unreadable(mistakes) = parse(&text, &path) {
            return Err(StoreError::Unreadable(mistakes));
        }
        self.stays_inside(&self.path(case))?;
        put_accepted(&self.path(case), &file::accepted_form(&text))?;
        // A newer one, which another run has just left, stays pending.
        if read_pending(&path)?.is_some_and(|newer| newer != text) {
            return Err(StoreError::ChangedMeanwhile { case: case.clone() });
        }
        fs::remove_file(&path).map_err(|source| StoreError::Pending { path, source })
    }

    /// A case's pending snapshot beside the accepted one, to be looked at.
    ///
    /// # Errors
    /// When there is no pending one, or one of both cannot be read.
    pub fn pending_changes(&self, case: &CaseName) -> Result<PendingSnapshot, StoreError> {
        self.pending_of(case, &self.texts(case)?)
    }

    /// A case's pending snapshot, as if nothing were accepted.
    pub(super) fn pending_alone(&self, case: &CaseName) -> Result<PendingSnapshot, StoreError> {
        let pending = read_pending(&self.pending_path(case)?)?;
        self.pending_of(case, &Files { accepted: None, pending })
    }

    /// Decides about a case's pending snapshot: what `decide` makes of it is written at once.
    ///
    /// The accepted snapshot is written first and then what stays pending, each as a whole, so
    /// that nothing is lost in between. Nothing is written when either file has changed since it
    /// was read.
    ///
    /// # Errors
    /// When a file cannot be read or written or has changed, the accepted one would be too large to
    /// be read again, or `decide` refuses.
    pub fn decide<T>(
        &self,
        case: &CaseName,
        decide: impl FnOnce(&mut PendingSnapshot) -> Result<T, DecisionError>,
    ) -> Result<(T, Written), DecisionError> {
        let before = self.texts(case)?;
        let mut pending = self.pending_of(case, &before)?;
        let decided = decide(&mut pending)?;
        let after = after(&before, &pending.outcome());
        if let Some(text) = after.accepted.as_deref().filter(|_| after.accepted != before.accepted)
        {
            fits(&self.path(case), text)?;
        }
        let edited = self.edited(case, &self.pending_path(case)?);
        self.write_files(case, &before, &after, edited)?;
        Ok((decided, Written { case: case.clone(), before, after, edited }))
    }

    /// Takes a decision back: both files are again what they were before it.
    ///
    /// # Errors
    /// When either has changed since the decision, or cannot be written.
    pub fn take_back(&self, written: &Written) -> Result<(), StoreError> {
        self.write_files(&written.case, &written.after, &written.before, written.edited)
    }

    /// Removes a pending snapshot: what is accepted stays.
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

    fn texts(&self, case: &CaseName) -> Result<Files, StoreError> {
        let accepted = match fs::read_to_string(self.path(case)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => return Err(StoreError::AcceptedUnreadable { path: self.path(case) }),
        };
        Ok(Files { accepted, pending: read_pending(&self.pending_path(case)?)? })
    }

    fn pending_of(&self, case: &CaseName, files: &Files) -> Result<PendingSnapshot, StoreError> {
        let path = self.pending_path(case)?;
        let text = files.pending.as_deref().ok_or_else(|| gone(&path))?;
        let pending = match parse(text, &path) {
            Accepted::Entries(entries) => entries,
            Accepted::Unreadable(mistakes) => return Err(StoreError::Unreadable(mistakes)),
            Accepted::Missing => return Err(gone(&path)),
        };
        let accepted = files.accepted.as_deref().map(|text| parse(text, &self.path(case)));
        match accepted {
            None | Some(Accepted::Missing) => {
                Ok(PendingSnapshot::new(&[], pending, Freshness::SeenByRun))
            }
            Some(Accepted::Entries(entries)) => {
                let freshness = match self.edited(case, &path) {
                    Some(_) => Freshness::EditedSince,
                    None => Freshness::SeenByRun,
                };
                Ok(PendingSnapshot::new(&entries, pending, freshness))
            }
            Some(Accepted::Unreadable(_)) => {
                Err(StoreError::AcceptedUnreadable { path: self.path(case) })
            }
        }
    }

    /// The time of the pending snapshot, where the accepted one was written after it: the run has
    /// not seen what is in it then.
    fn edited(&self, case: &CaseName, pending: &Path) -> Option<SystemTime> {
        let time = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
        let (accepted, pending) = (time(&self.path(case))?, time(pending)?);
        (accepted > pending).then_some(pending)
    }

    /// Writes what is different. What stays pending keeps its time where that tells that the
    /// accepted snapshot was `edited`.
    fn write_files(
        &self,
        case: &CaseName,
        from: &Files,
        to: &Files,
        edited: Option<SystemTime>,
    ) -> Result<(), StoreError> {
        if self.texts(case)? != *from {
            return Err(StoreError::ChangedMeanwhile { case: case.clone() });
        }
        self.stays_inside(&self.path(case))?;
        if to.accepted != from.accepted {
            write(&self.path(case), to.accepted.as_deref())?;
        }
        let pending = self.pending_path(case)?;
        write(&pending, to.pending.as_deref())?;
        if let Some(time) = edited.filter(|_| to.pending.is_some()) {
            let file = File::options().write(true).open(&pending);
            file.and_then(|file| file.set_modified(time))
                .map_err(|source| StoreError::Write { path: pending, source })?;
        }
        Ok(())
    }
}

fn after(before: &Files, outcome: &DecidedSnapshots) -> Files {
    let front = before.pending.as_deref().unwrap_or_default();
    let with = |entries| file::with_body(front, &transcript::write(entries));
    let accepted = outcome.accepted.as_ref().map(|entries| file::accepted_form(&with(entries)));
    Files {
        accepted: accepted.or_else(|| before.accepted.clone()),
        pending: outcome.pending.as_ref().map(|entries| with(entries)),
    }
}

fn write(path: &Path, text: Option<&str>) -> Result<(), StoreError> {
    match text {
        Some(text) => put(path, text),
        None => fs::remove_file(path)
            .map_err(|source| StoreError::Write { path: path.to_owned(), source }),
    }
}

fn read_pending(path: &Path) -> Result<Option<String>, StoreError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Pending { path: path.to_owned(), source }),
    }
}

fn gone(path: &Path) -> StoreError {
    StoreError::Pending { path: PathBuf::from(path), source: io::ErrorKind::NotFound.into() }
}
