//! The environment variables of the process, taken once at its edge and handed on.

use std::{collections::BTreeMap, ffi::OsString, fmt};

use jiff::Timestamp;

/// A copy of environment variables. Those that are not UTF-8 are left out.
#[derive(Clone, Default)]
pub struct Vars(BTreeMap<String, String>);

impl Vars {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let utf8 = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(utf8).collect())
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that stands in for a flag, where it is set. Set to nothing it is refused: a
    /// variable of CI that is not defined would choose the default, which nobody asked for.
    ///
    /// # Errors
    /// When it is set and empty.
    pub fn flag(&self, name: &'static str) -> Result<Option<&str>, EmptyVar> {
        match self.0.get(name).map(String::as_str) {
            Some("") => Err(EmptyVar(name)),
            value => Ok(value),
        }
    }

    /// The time at which files are judged, such as a quarantine that ends: now, or what
    /// `REHEARSAL_NOW` says, for tests of it.
    ///
    /// # Errors
    /// When it says no time.
    pub fn now(&self) -> Result<Timestamp, InvalidNow> {
        let Some(text) = self.get("REHEARSAL_NOW") else { return Ok(Timestamp::now()) };
        text.parse().map_err(|_| InvalidNow(text.to_owned()))
    }

    /// The same, with one variable set.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Whether a variable is set to something that means yes: not empty, `0` or `false`.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("false"))
    }
}

/// A variable that stands in for a flag is set to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is set and empty: unset it for the default; is a variable of CI not defined?")]
pub struct EmptyVar(&'static str);

/// `REHEARSAL_NOW` holds no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("REHEARSAL_NOW is `{0}`, which is not a time such as 2026-12-15T09:00:00Z")]
pub struct InvalidNow(String);

impl fmt::Debug for Vars {
    /// The names alone: some of the values are credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Vars {
    fn from(vars: [(&str, &str); N]) -> Self {
        Self(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }
}
