//! What was selected, before it is divided among machines: the same on each of them.

use std::collections::BTreeSet;

use super::Planned;
use crate::text::fnv;

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
        // A byte that no name has stands behind each part, so that parts cannot run together.
        let digest = fnv::hash(keys.iter().flatten().flat_map(|part| part.bytes().chain([0xff])));
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
