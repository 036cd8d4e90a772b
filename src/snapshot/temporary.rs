//! Files that are written before they replace another one, and what a kill left of them.
//!
//! The writer of such a file holds a lock on it, which the system releases however the process ends. So
//! a run can remove, from the folders it may write to, every file with our prefix that it can lock.

use std::{fs, fs::File, io, path::Path};

use tempfile::NamedTempFile;

const PREFIX: &str = ".rehearsal-";

/// How many random characters follow the prefix.
const RANDOM: usize = 6;

/// A new file in a folder, locked for as long as it is written.
pub(super) fn create(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        // Not every file system has locks; what is left there stays.
        let is_locked = file.as_file().lock().is_ok();
        // Between its making and its lock another process may have taken it for abandoned.
        if !is_locked || file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes the files that runs which were killed left in a folder. The system lets go of a lock
/// when its process ends, however it ends, so a file that can be locked is being written by
/// nobody.
pub fn remove_abandoned(folder: &Path) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return };
    let named = |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(is_ours);
    let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    for entry in entries.filter_map(Result::ok).filter(named).filter(is_file) {
        let file = File::options().write(true).open(entry.path());
        // Held until it is removed.
        if let Ok(file) = file
            && file.try_lock().is_ok()
        {
            // One that cannot be removed does no harm, and the next run tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is named as those that are made here.
fn is_ours(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX);
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_ours_that_nobody_writes_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let others = [".rehearsal-abc12", ".rehearsal-abc-12", "x.snap", ".rehearsal-abc1234"];
        for name in [".rehearsal-abc123"].iter().chain(&others) {
            fs::write(path(name), "half a file").expect("a file");
        }
        fs::create_dir(path(".rehearsal-folder")).expect("a folder");
        fs::create_dir(path(".rehearsal-foldeR")).expect("a folder");
        let written = create(folder.path()).expect("a file");
        remove_abandoned(folder.path());
        assert!(!path(".rehearsal-abc123").exists(), "it was abandoned");
        assert!(written.path().exists(), "it is being written");
        assert!(others.iter().all(|name| path(name).exists()), "they are not ours");
        assert!(path(".rehearsal-folder").exists());
        written.persist(path("x.snap")).expect("it can still replace another file");
    }
}
