//! One snapshot file on disk: reading it, and replacing it as a whole.

use std::{fs, io, io::Write, path::Path, sync::Arc};

use super::{Entry, file, temporary, transcript};
use crate::source::{Diagnostic, Problems, ReadError, SourceFile, Span};

/// An accepted snapshot as it was found.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// There is none.
    Missing,
    /// It cannot be read, and counts as missing.
    Unreadable(Vec<Diagnostic>),
    /// What it holds.
    Entries(Vec<Entry>),
}

/// Reads a snapshot file; `shown` is the path that messages have.
#[must_use]
pub fn read(path: &Path, shown: &Path) -> Accepted {
    match SourceFile::read(path) {
        Ok(file) => parse(&file.text, shown),
        Err(ReadError::Missing { .. }) => Accepted::Missing,
        Err(error) => {
            let file = SourceFile::new(shown, "");
            Accepted::Unreadable(vec![Diagnostic::of_file(&file, error.to_string())])
        }
    }
}

/// Reads a snapshot's text; `shown` is the path that messages have.
#[must_use]
pub fn parse(text: &str, shown: &Path) -> Accepted {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(at) = text.find("\n<<<<<<<") {
        let conflict = Diagnostic::error(
            &SourceFile::new(shown, text),
            Span::new(at + 1, at + 8),
            "unresolved merge conflict in this snapshot",
        );
        return Accepted::Unreadable(vec![conflict]);
    }
    let mut problems = Problems::default();
    match transcript::read(&SourceFile::new(shown, file::masked(text)), &mut problems) {
        Some(entries) => Accepted::Entries(entries),
        None => {
            let file = SourceFile::new(shown, text);
            let unmasked = |one: Diagnostic| Diagnostic { file: Arc::clone(&file), ..one };
            Accepted::Unreadable(problems.into_sorted().into_iter().map(unmasked).collect())
        }
    }
}

/// Replaces a file as a whole: whatever happens, either the old text is there or the new.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    replace_with(path, |file| file.write_all(text.as_bytes()))
}

/// Replaces a file as a whole by what is written.
///
/// # Errors
/// When the folder or the file cannot be written; what `write` says.
pub fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = temporary::create(folder)?;
    write(&mut file)?;
    file.persist(path)?;
    Ok(())
}
