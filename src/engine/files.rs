//! Where a configuration keeps its snapshots, and what is remembered of earlier runs.

use std::path::{Path, PathBuf};

use super::StartError;
use crate::{
    config::Config,
    outcome::{ReadOnlyReason, memory::Memory},
    snapshot::{InstaSettings, Store, Update, mode::is_ci},
    source::file::absolute,
    vars::Vars,
};

/// The snapshots of a configuration.
///
/// # Errors
/// When a path cannot be made absolute or `INSTA_UPDATE` holds an unknown word.
pub fn store(config: &Config, vars: &Vars) -> Result<Store, StartError> {
    let settings = InstaSettings::from_vars(vars, &root(config)?)?;
    Ok(Store::new(in_full(&config.snapshots)?, config.snapshots.clone(), settings))
}

/// What is remembered of the cases that were played last. In CI nothing is written, unless pending
/// snapshots are kept in a folder of their own.
///
/// # Errors
/// When a path cannot be made absolute or `INSTA_UPDATE` holds an unknown word.
pub fn memory(config: &Config, vars: &Vars) -> Result<Memory, StartError> {
    let root = root(config)?;
    let settings = InstaSettings::from_vars(vars, &root)?;
    let pending = settings.pending_dir.map(|folder| settings.workspace.join(folder));
    let keeps = !is_ci(vars) || pending.is_some();
    Ok(Memory::new(&root, pending.as_deref(), keeps).in_suite(config))
}

pub(super) fn unwritten(vars: &Vars, settings: &InstaSettings) -> Option<ReadOnlyReason> {
    match settings.update {
        Update::Nothing if is_ci(vars) => Some(ReadOnlyReason::InCi),
        Update::Nothing => Some(ReadOnlyReason::AsAsked),
        Update::Pending | Update::Accept | Update::AcceptUnseen => None,
    }
}

/// A folder as it is named in the folder of the configuration, where that is the current one.
pub(super) fn as_named(folder: &Path, config: &Config) -> PathBuf {
    let root = root(config).ok().filter(|_| config.root.as_os_str().is_empty());
    let below = root.as_ref().and_then(|root| folder.strip_prefix(root).ok());
    below.unwrap_or(folder).to_owned()
}

fn root(config: &Config) -> Result<PathBuf, StartError> {
    let root = &config.root;
    in_full(if root.as_os_str().is_empty() { Path::new(".") } else { root })
}

fn in_full(path: &Path) -> Result<PathBuf, StartError> {
    absolute(path).map_err(|error| StartError::Folder(path.display().to_string(), error))
}
