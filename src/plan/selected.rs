//! What was selected, before it is divided among machines: the same on each of them.

use std::collections::BTreeSet;

use super::{Planned, shard::hash_on};

/// A selection in short, to tell parts of one run from parts of different runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// How many cases it has.
    pub cases: usize,
    /// The environments they are played in, by name.
    pub environments: Vec<String>,
    /// The digest of project, environment and name of every case.
    pub digest: String,
}

impl Selected {
    /// The selection that these cases are, in whatever order.
    #[must_use]
    pub fn of(cases: &[Planned]) -> Self {
        let keys: BTreeSet<[&str; 3]> = cases.iter().map(key).collect();
        let digest = keys.iter().flatten().fold(None, |digest, part| {
            // A byte that no name has, so that parts cannot run together.
            Some(hash_on(Some(hash_on(digest, part.as_bytes())), &[0xff]))
        });
        let digest = digest.unwrap_or_default();
        let environments: BTreeSet<&str> =
            keys.iter().map(|[_, environment, _]| *environment).collect();
        Self {
            cases: cases.len(),
            environments: environments.into_iter().map(str::to_owned).collect(),
            digest: format!("{digest:016x}"),
        }
    }
}

fn key(case: &Planned) -> [&str; 3] {
    let target = &case.target;
    [&target.project, &target.environment.name, case.name.as_str()]
}
