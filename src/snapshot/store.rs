//! Snapshot files on disk: reading, leaving pending, accepting.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use super::{
    Accepted, Entry, InstaSettings,
    disk::{read, replace},
    file::{self, FrontMatter},
    transcript,
};
use walkdir::WalkDir;

use crate::{
    conversation::CaseName,
    source::{
        Diagnostic, SourceFile,
        file::{MAX_BYTES, absolute},
    },
    text::Scrubber,
};

/// The folder of snapshots, and how insta's variables want it used.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    shown: PathBuf,
    settings: InstaSettings,
    scrubber: Scrubber,
}

fn first(mistakes: &[Diagnostic]) -> String {
    mistakes.first().map(ToString::to_string).unwrap_or_default()
}

/// Replaces an accepted snapshot as a whole, unless it could not be read again.
pub(super) fn put_accepted(path: &Path, text: &str) -> Result<(), StoreError> {
    fits(path, text)?;
    put(path, text)
}

/// Refuses a text that is larger than what is read of an accepted snapshot.
pub(super) fn fits(path: &Path, text: &str) -> Result<(), StoreError> {
    if text.len() as u64 > MAX_BYTES {
        return Err(StoreError::TooLarge { path: path.to_owned() });
    }
    Ok(())
}

/// Replaces a snapshot file as a whole.
pub(super) fn put(path: &Path, text: &str) -> Result<(), StoreError> {
    replace(path, text).map_err(|source| StoreError::Write { path: path.to_owned(), source })
}

/// Why a snapshot could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It would be larger than the largest file that is read, and could not be read again.
    #[error(
        "{} was not written: it would be larger than {} MiB, the most that is read; expect the \
         longest answers with `contains` or `matches` instead, and play the conversation again",
        path.display(), MAX_BYTES >> 20
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A pending snapshot cannot be read or removed, for instance because another program has
    /// decided about it in the meantime.
    #[error("the pending snapshot {} cannot be decided: {source}", path.display())]
    Pending {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A link within the folder of the snapshots leads out of it.
    #[error("{} is reached through a link that leaves the snapshots folder", path.display())]
    LeadsOut {
        /// The file.
        path: PathBuf,
    },
    /// A pending file does not hold a snapshot.
    #[error("a pending snapshot is damaged; reject it and play the case again ({})", first(.0))]
    Unreadable(Vec<Diagnostic>),
    /// The accepted file does not hold a snapshot, so that nothing of it can be kept.
    #[error("{} cannot be read (`rehearsal check` says why); repair it, or accept the whole pending snapshot", path.display())]
    AcceptedUnreadable {
        /// The file.
        path: PathBuf,
    },
    /// Another program, or another decision, was faster.
    #[error(
        "the snapshots of {case} have changed meanwhile; nothing was written, look at them again"
    )]
    ChangedMeanwhile {
        /// The case.
        case: CaseName,
    },
    /// The file lies where `INSTA_PENDING_DIR` cannot mirror it.
    #[error("{} lies outside of the workspace {}, so it cannot be put into INSTA_PENDING_DIR", path.display(), workspace.display())]
    OutsideWorkspace {
        /// The file.
        path: PathBuf,
        /// The workspace.
        workspace: PathBuf,
    },
    /// `cargo insta` would not find the pending file, and report success.
    #[error("{} is pending, but `cargo insta` would not find it: {reason}", path.display())]
    Hidden {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
}

impl StoreError {
    /// Whether there is no longer a pending snapshot to decide about.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let Self::Pending { source, .. } = self else { return false };
        source.kind() == io::ErrorKind::NotFound
    }
}

impl Store {
    /// The snapshots in a folder: its absolute path, and the path that messages show.
    #[must_use]
    pub fn new(folder: PathBuf, shown: PathBuf, settings: InstaSettings) -> Self {
        Self { folder, shown, settings, scrubber: Scrubber::default() }
    }

    /// The same, with credentials taken out of whatever is written.
    #[must_use]
    pub fn scrubbing(self, scrubber: Scrubber) -> Self {
        Self { scrubber, ..self }
    }

    /// What insta's variables ask for.
    #[must_use]
    pub fn settings(&self) -> &InstaSettings {
        &self.settings
    }

    /// The file of a case's accepted snapshot.
    #[must_use]
    pub fn path(&self, case: &CaseName) -> PathBuf {
        self.folder.join(format!("{case}.snap"))
    }

    /// The file of a case's pending snapshot.
    ///
    /// # Errors
    /// When `INSTA_PENDING_DIR` is set and the snapshot lies outside of the workspace.
    pub fn pending_path(&self, case: &CaseName) -> Result<PathBuf, StoreError> {
        Ok(self.pending_folder()?.join(format!("{case}.snap.new")))
    }

    /// Tells `cargo insta` that a snapshot is in use, also by a case that is skipped.
    ///
    /// # Errors
    /// When the file that collects the paths cannot be written.
    pub fn reference(&self, case: &CaseName) -> Result<(), StoreError> {
        let Some(list) = &self.settings.references_file else { return Ok(()) };
        let line = format!("{}\n", self.path(case).display());
        // One write per line: the tests of a run append to this file side by side.
        let written = OpenOptions::new().create(true).append(true).open(list);
        written
            .and_then(|mut list| list.write_all(line.as_bytes()))
            .map_err(|source| StoreError::Write { path: list.clone(), source })
    }

    /// Whether a snapshot file names a conversation below `conversations` as its source. Other tests,
    /// other tools and other configurations may keep theirs in the same folder.
    #[must_use]
    pub fn is_of(&self, path: &Path, conversations: &Path) -> bool {
        let Ok(file) = SourceFile::read(path) else { return false };
        let source = file::source(&file.text).map(|source| self.settings.workspace.join(source));
        let conversations = absolute(conversations).ok();
        source.zip(conversations).is_some_and(|(source, folder)| {
            let is_conversation = source
                .extension()
                .is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known));
            let leads_out = source.components().any(|part| part == Component::ParentDir);
            is_conversation && !leads_out && source.starts_with(folder)
        })
    }

    /// Reads a case's accepted snapshot.
    #[must_use]
    pub fn accepted(&self, case: &CaseName) -> Accepted {
        let name = format!("{case}.snap");
        read(&self.folder.join(&name), &self.shown.join(&name))
    }

    /// Leaves a snapshot pending; the path of the file.
    ///
    /// # Errors
    /// When it cannot be written, or `cargo insta` would not find it.
    pub fn leave_pending(
        &self,
        case: &CaseName,
        source: &Path,
        line: usize,
        entries: &[Entry],
    ) -> Result<PathBuf, StoreError> {
        let path = self.pending_path(case)?;
        self.stays_inside(&path)?;
        let front = FrontMatter { source: &self.relative(source), assertion_line: Some(line) };
        put(&path, &self.text(&front, entries))?;
        if self.settings.force_pass
            && let Some(reason) = self.hidden_from_cargo_insta(&path)
        {
            return Err(StoreError::Hidden { path, reason });
        }
        Ok(path)
    }

    /// Accepts a snapshot at once; the path of the file.
    ///
    /// # Errors
    /// When it cannot be written, or would be too large to be read again.
    pub fn accept_now(
        &self,
        case: &CaseName,
        source: &Path,
        entries: &[Entry],
    ) -> Result<PathBuf, StoreError> {
        let path = self.path(case);
        self.stays_inside(&path)?;
        let front = FrontMatter { source: &self.relative(source), assertion_line: None };
        put_accepted(&path, &self.text(&front, entries))?;
        Ok(path)
    }

    /// The text of a snapshot file, without credentials.
    fn text(&self, front: &FrontMatter<'_>, entries: &[Entry]) -> String {
        let scrub = |text: &String| self.scrubber.scrub(text).into_owned();
        let entries = entries.iter().map(|entry| Entry {
            user: entry.user.as_ref().map(scrub),
            agent: entry.agent.iter().map(scrub).collect(),
        });
        let front = FrontMatter { source: &self.scrubber.scrub(front.source), ..*front };
        file::write(&front, &transcript::write(&entries.collect::<Vec<_>>()))
    }

    /// Makes sure that no link within the folder leads a file out of it.
    pub(super) fn stays_inside(&self, path: &Path) -> Result<(), StoreError> {
        let real =
            |path: &Path| path.ancestors().skip(1).find_map(|folder| folder.canonicalize().ok());
        let root = if path.starts_with(&self.folder) {
            self.folder.clone()
        } else {
            self.pending_folder()?
        };
        // A folder that is not there yet holds no link. It is looked at first: another case may
        // make it at any moment, and then both are looked at as they are.
        let Ok(root) = root.canonicalize() else { return Ok(()) };
        match real(path) {
            Some(folder) if !folder.starts_with(&root) => {
                Err(StoreError::LeadsOut { path: path.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The accepted snapshots there are, by case.
    #[must_use]
    pub fn snapshots(&self) -> Vec<(CaseName, PathBuf)> {
        self.files(&self.folder, ".snap")
    }

    /// The cases whose snapshots wait for a decision.
    #[must_use]
    pub fn pending(&self) -> Vec<CaseName> {
        let Ok(folder) = self.pending_folder() else { return Vec::new() };
        self.files(&folder, ".snap.new").into_iter().map(|(case, _)| case).collect()
    }

    fn files(&self, folder: &Path, ending: &str) -> Vec<(CaseName, PathBuf)> {
        let files = WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
        let named = files.filter(|entry| entry.file_type().is_file()).filter_map(|entry| {
            let below = entry.path().strip_prefix(folder).ok()?;
            let parts: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            let name = parts.join("/").strip_suffix(ending)?.to_owned();
            (!name.split('/').any(|part| part.starts_with('.')))
                .then(|| (CaseName::new(name), entry.into_path()))
        });
        named.collect()
    }

    fn pending_folder(&self) -> Result<PathBuf, StoreError> {
        let Some(pending) = &self.settings.pending_dir else { return Ok(self.folder.clone()) };
        let workspace = &self.settings.workspace;
        match self.folder.strip_prefix(workspace) {
            Ok(below) => Ok(workspace.join(pending).join(below)),
            Err(_) => Err(StoreError::OutsideWorkspace {
                path: self.folder.clone(),
                workspace: workspace.clone(),
            }),
        }
    }

    /// The conversation's path as it stands in a snapshot: relative to the workspace, with `/`.
    fn relative(&self, source: &Path) -> String {
        let absolute = absolute(source).unwrap_or_else(|_| source.to_owned());
        let below = absolute.strip_prefix(&self.settings.workspace).unwrap_or(source);
        let parts: Vec<_> =
            below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    /// `cargo insta` looks for pending snapshots below a package, not in hidden folders, not in
    /// `target`, and not below another package.
    fn hidden_from_cargo_insta(&self, path: &Path) -> Option<&'static str> {
        let Some(package) = &self.settings.package else {
            return Some("there is no Cargo package around it");
        };
        let start = if self.settings.pending_dir.is_some() { &self.folder } else { path };
        let Ok(below) = start.strip_prefix(package) else {
            return Some("it lies outside of the package that is tested");
        };
        let mut folder = package.clone();
        for part in below.parent().unwrap_or(below).components() {
            folder.push(part);
            let name = part.as_os_str().to_string_lossy();
            if name.starts_with('.') {
                return Some("it lies in a hidden folder");
            }
            if name == "target" {
                return Some("it lies below a folder named target");
            }
            if folder.join("Cargo.toml").is_file() {
                return Some("it lies below another Cargo.toml");
            }
        }
        None
    }
}
