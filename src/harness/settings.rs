//! What a test program sets itself.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::main;
use crate::{
    suite::Selection,
    vars::{EmptyVar, Vars},
};

/// The conversations of a package as tests, with settings of the test program's own.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     rehearsal::Harness::new().config("agents/rehearsal.toml").environment("sandbox").main()
/// }
/// ```
///
/// A setting is what holds where its variable is not set: `REHEARSAL_ENVIRONMENT=live cargo test`
/// plays the tests above in `live`.
#[derive(Clone, Debug, Default)]
#[must_use = "a harness does nothing until `main` is called"]
pub struct Harness {
    config: Option<PathBuf>,
    project: Option<String>,
    environment: Option<String>,
    variant: Option<String>,
    tag: Option<String>,
}

impl Harness {
    /// A harness without settings, as [`harness()`](crate::harness()) is one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The configuration, from the package's folder; `REHEARSAL_CONFIG` names another. Without
    /// either it is the nearest `rehearsal.toml` in that folder or above it.
    pub fn config(mut self, path: impl AsRef<Path>) -> Self {
        self.config = Some(path.as_ref().to_owned());
        self
    }

    /// Only conversations of this project; `REHEARSAL_PROJECT` names another.
    pub fn project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(name.into());
        self
    }

    /// The environment to play in; `REHEARSAL_ENVIRONMENT` names another. Without either it is the
    /// configuration's `default_environment`.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Only cases of this variant; `REHEARSAL_VARIANT` names another.
    pub fn variant(mut self, name: impl Into<String>) -> Self {
        self.variant = Some(name.into());
        self
    }

    /// Only conversations with this tag; `REHEARSAL_TAG` names another.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Runs the conversations as tests, with the flags of libtest from the process's arguments, and
    /// returns libtest's exit status: 0 when all passed, 101 otherwise.
    #[must_use]
    pub fn main(self) -> ExitCode {
        main(&self)
    }

    /// The configuration that is named.
    pub(super) fn config_path(&self, vars: &Vars) -> Result<Option<PathBuf>, EmptyVar> {
        Ok(vars.flag("REHEARSAL_CONFIG")?.map(PathBuf::from).or_else(|| self.config.clone()))
    }

    /// What variables and settings select, before libtest's filters.
    pub(super) fn selection(&self, vars: &Vars) -> Result<Selection, EmptyVar> {
        let or_setting = |name, setting: &Option<String>| {
            Ok(vars.flag(name)?.map(str::to_owned).or_else(|| setting.clone()))
        };
        Ok(Selection {
            project: or_setting("REHEARSAL_PROJECT", &self.project)?,
            environment: or_setting("REHEARSAL_ENVIRONMENT", &self.environment)?,
            variant: or_setting("REHEARSAL_VARIANT", &self.variant)?,
            tags: or_setting("REHEARSAL_TAG", &self.tag)?.into_iter().collect(),
            ..Selection::default()
        })
    }
}
