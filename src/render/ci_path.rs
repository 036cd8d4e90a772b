//! Paths as a CI system knows them: from the top of the repository.

use std::path::{Component, Path, PathBuf};

/// Where the repository is, and where the run was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repository {
    /// The top of the repository.
    pub root: PathBuf,
    /// The folder that paths of conversations start from.
    pub folder: PathBuf,
}

impl Repository {
    /// A path from the top of the repository, with `/`; as it is where it lies elsewhere.
    ///
    /// ```
    /// use rehearsal::render::Repository;
    ///
    /// let repository = Repository { root: "/ci/team".into(), folder: "/ci/team/agent/tests".into() };
    /// assert_eq!(repository.path("../conversations/a.yaml".as_ref()), "agent/conversations/a.yaml");
    /// assert_eq!(repository.path("/elsewhere/a.yaml".as_ref()), "/elsewhere/a.yaml");
    /// ```
    #[must_use]
    pub fn path(&self, path: &Path) -> String {
        let whole = without_dots(&self.folder.join(path));
        let below = whole.strip_prefix(without_dots(&self.root));
        let path = below.unwrap_or(path);
        path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
    }
}

fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
