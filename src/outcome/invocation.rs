//! How a run was started, as far as a command must say so to do the same in another shell.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::text::layout::shell_word;

/// How a run was started, as far as a command must say so to do the same in another shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// The configuration, where it is not the one that is found by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<PathBuf>,
    /// `INSTA_PENDING_DIR`, where it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_dir: Option<PathBuf>,
    /// Why nothing is written of snapshots, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unwritten: Option<ReadOnlyReason>,
    /// The command of the `cargo test` harness, to which names are added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cargo: Option<String>,
}

/// Why nothing is written of snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadOnlyReason {
    /// It is never written in CI.
    InCi,
    /// `INSTA_UPDATE` says so.
    AsAsked,
}

impl Invocation {
    /// The flag that leads another command to the same configuration, after a space.
    #[must_use]
    pub fn config_flag(&self) -> String {
        flag("config", self.config.as_deref())
    }

    /// The flags that lead another command to the same files, each after a space.
    #[must_use]
    pub fn flags(&self) -> String {
        self.config_flag() + &flag("pending-dir", self.pending_dir.as_deref())
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn flag(name: &str, path: Option<&Path>) -> String {
    let path = path.map(|path| format!(" --{name} {}", shell_word(&path.to_string_lossy())));
    path.unwrap_or_default()
}
