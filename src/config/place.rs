//! What tells one target of a run from every other.

/// A project in an environment, by the names in the team's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
}
