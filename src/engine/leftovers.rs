//! What runs that were killed left beside the files of this one.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    outcome::memory::Memory,
    snapshot::{Store, temporary::remove_abandoned},
    suite::Planned,
};

/// Removes unfinished files from every folder that these cases may be written to.
pub(super) fn remove(store: &Store, memory: &Memory, cases: &[Planned]) {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for case in cases {
        let files = [
            Some(store.path(&case.name)),
            store.pending_path(&case.name).ok(),
            Some(memory.path(&case.target.environment.name, &case.name)),
        ];
        folders.extend(
            files.into_iter().flatten().filter_map(|file| file.parent().map(Path::to_owned)),
        );
    }
    folders.iter().for_each(|folder| remove_abandoned(folder));
}
