//! What insta's environment variables ask for.

use std::path::{Path, PathBuf};

use crate::vars::Vars;

/// What is done with a snapshot that differs (`INSTA_UPDATE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// A pending snapshot is written (`new`, and `auto` outside of CI).
    Pending,
    /// It is accepted at once (`always`, `force`).
    Accept,
    /// A first snapshot is accepted at once, a changed one is left pending (`unseen`).
    AcceptUnseen,
    /// Nothing is written (`no`, and `auto` in CI).
    Nothing,
}

/// insta's settings for a run, from its environment variables.
#[derive(Clone, Debug)]
pub struct InstaSettings {
    /// What is done with a snapshot that differs.
    pub update: Update,
    /// A pass is reported after writing, for `cargo insta test` gives the verdict (`INSTA_FORCE_PASS`).
    pub force_pass: bool,
    /// The tree that pending snapshots are written to instead (`INSTA_PENDING_DIR`).
    pub pending_dir: Option<PathBuf>,
    /// The file that collects the paths of used snapshots (`INSTA_SNAPSHOT_REFERENCES_FILE`).
    pub references_file: Option<PathBuf>,
    /// The workspace that paths in snapshots are relative to.
    pub workspace: PathBuf,
    /// The package that is tested (`CARGO_MANIFEST_DIR`, or the nearest one around).
    pub package: Option<PathBuf>,
}

/// `INSTA_UPDATE` holds a word that insta does not know.
#[derive(Debug, thiserror::Error)]
#[error("INSTA_UPDATE is `{0}`: it must be auto, always, force, new, unseen or no")]
pub struct UnknownUpdate(String);

impl InstaSettings {
    /// Reads the variables; `root` is the absolute path of the folder of rehearsal.toml.
    ///
    /// # Errors
    /// When `INSTA_UPDATE` holds an unknown word.
    pub fn from_vars(vars: &Vars, root: &Path) -> Result<Self, UnknownUpdate> {
        let update = match vars.get("INSTA_UPDATE").unwrap_or("auto") {
            "auto" if is_ci(vars) => Update::Nothing,
            "auto" | "new" => Update::Pending,
            "always" | "1" | "force" => Update::Accept,
            "unseen" => Update::AcceptUnseen,
            "no" => Update::Nothing,
            other => return Err(UnknownUpdate(other.to_owned())),
        };
        let path = |name: &str| vars.get(name).map(PathBuf::from);
        Ok(Self {
            update,
            force_pass: vars.is_on("INSTA_FORCE_PASS"),
            pending_dir: path("INSTA_PENDING_DIR"),
            references_file: path("INSTA_SNAPSHOT_REFERENCES_FILE"),
            workspace: path("INSTA_WORKSPACE_ROOT").unwrap_or_else(|| workspace(root)),
            package: path("CARGO_MANIFEST_DIR").or_else(|| package(root)),
        })
    }
}

/// Whether this runs in CI, as insta sees it.
#[must_use]
pub fn is_ci(vars: &Vars) -> bool {
    vars.is_on("CI") || vars.get("TF_BUILD").is_some()
}

/// The nearest folder with a `Cargo.toml`.
fn package(root: &Path) -> Option<PathBuf> {
    root.ancestors().find(|folder| folder.join("Cargo.toml").is_file()).map(Path::to_owned)
}

/// The cargo workspace around a folder: the nearest `Cargo.toml` with a `[workspace]`, else the
/// nearest one at all, else the folder itself.
fn workspace(root: &Path) -> PathBuf {
    let manifests = || root.ancestors().filter(|folder| folder.join("Cargo.toml").is_file());
    let declares = |folder: &&Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("[workspace"))
    };
    manifests().find(declares).or_else(|| manifests().next()).unwrap_or(root).to_owned()
}
