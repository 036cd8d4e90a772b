//! Snapshots that no conversation uses.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{Audited, Auditor};
use crate::{
    conversation::CaseName,
    source::{Diagnostic, Problems, Severity, SourceFile},
};

/// A snapshot, accepted or pending, that no conversation uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreferenced {
    /// The file.
    pub path: PathBuf,
    /// Its path as messages show it.
    pub shown: PathBuf,
    /// The case that it probably belongs to now, under which its text can be kept.
    pub rename_to: Option<CaseName>,
}

impl Auditor<'_> {
    /// The snapshots that no case uses, each of them reported; pending ones as well.
    pub(super) fn unreferenced(
        &self,
        conversations: &[Audited],
        pending: &[CaseName],
        severity: Severity,
        problems: &mut Problems,
    ) -> Vec<Unreferenced> {
        let used: BTreeSet<&CaseName> =
            conversations.iter().flat_map(|conversation| &conversation.cases).collect();
        let mut all = Vec::new();
        let ours = |path: &Path| self.store.is_of(path, &self.config.conversations);
        let accepted =
            self.snapshots.iter().filter(|(case, path)| !used.contains(case) && ours(path));
        for (case, path) in accepted {
            let (rename_to, help) = self.remedy(case, conversations);
            all.push(self.report(path, rename_to, &help, severity, problems));
        }
        for case in pending.iter().filter(|case| !used.contains(case)) {
            if let Ok(path) = self.store.pending_path(case)
                && ours(&path)
            {
                all.push(self.report(&path, None, GONE, Severity::Warning, problems));
            }
        }
        all
    }

    /// What to do about it. A case of the same conversation that has no snapshot of its own may be
    /// the same one under a new name.
    fn remedy(&self, case: &CaseName, conversations: &[Audited]) -> (Option<CaseName>, String) {
        let same = conversations.iter().find(|other| other.name == case.conversation());
        let cases = same.map_or(&[][..], |same| &same.cases);
        match cases.iter().find(|other| !self.store.path(other).exists()) {
            Some(other) => {
                let help = format!(
                    "the conversation is played as `{other}` now: rename the file to `{other}.snap` to keep what was accepted"
                );
                (Some(other.clone()), help)
            }
            None if same.is_some() && cases.is_empty() => (None, UNPINNED.to_owned()),
            None => (None, GONE.to_owned()),
        }
    }

    fn report(
        &self,
        path: &Path,
        rename_to: Option<CaseName>,
        help: &str,
        severity: Severity,
        problems: &mut Problems,
    ) -> Unreferenced {
        let shown = self.shown(path);
        let file = SourceFile::new(&shown, "");
        let diagnostic =
            Diagnostic::of_file(&file, "no conversation uses this snapshot").help(help);
        problems.push(Diagnostic { severity, ..diagnostic });
        Unreferenced { path: path.to_owned(), shown, rename_to }
    }
}

const GONE: &str = "bring its conversation or variant back, or remove it: --remove-unreferenced";
const UNPINNED: &str =
    "its conversation no longer pins any text: remove it (--remove-unreferenced)";
