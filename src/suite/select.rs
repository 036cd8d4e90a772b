//! Which cases are wanted.

use super::{Outline, Planned};
use crate::{
    conversation::CaseName,
    source::suggest,
    vars::{EmptyVar, Vars},
};

/// Which cases are played, and where: what the flags of `rehearsal run` say, as values.
///
/// An empty selection is all cases. What it leaves open is taken from the variables
/// `REHEARSAL_PROJECT`, `REHEARSAL_ENVIRONMENT` and `REHEARSAL_VARIANT`, and then from the
/// configuration.
///
/// ```
/// use rehearsal::Selection;
///
/// let smoke = Selection::new().environment("sandbox").tag("smoke").skip("billing/");
/// # let _ = smoke;
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selection {
    /// Cases whose name contains one of these; all cases where there is none.
    pub(crate) filters: Vec<String>,
    /// Filters and skips are whole names.
    pub(crate) exact: bool,
    /// Not the cases whose name contains one of these.
    pub(crate) skip: Vec<String>,
    /// Only conversations with one of these tags.
    pub(crate) tags: Vec<String>,
    /// Only conversations of this project.
    pub(crate) project: Option<String>,
    /// The environment to play in.
    pub(crate) environment: Option<String>,
    /// Only cases of this variant.
    pub(crate) variant: Option<String>,
}

impl Selection {
    /// All cases.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cases whose name (`billing/double-charge@downtown`) contains `text`; of several filters, one
    /// is enough. One that no case answers to is an [`Error::Selection`](crate::Error::Selection).
    #[must_use]
    pub fn filter(mut self, text: impl Into<String>) -> Self {
        self.filters.push(text.into());
        self
    }

    /// Not the cases whose name contains `text`.
    #[must_use]
    pub fn skip(mut self, text: impl Into<String>) -> Self {
        self.skip.push(text.into());
        self
    }

    /// Takes [`filter`](Self::filter) and [`skip`](Self::skip) as whole names.
    #[must_use]
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Only conversations with this tag; of several, one is enough.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Only conversations of this project.
    #[must_use]
    pub fn project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(name.into());
        self
    }

    /// The environment to play in.
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Only cases of this variant.
    #[must_use]
    pub fn variant(mut self, name: impl Into<String>) -> Self {
        self.variant = Some(name.into());
        self
    }

    /// The selection, with the project, the environment and the variant that it leaves open taken
    /// from `REHEARSAL_*` variables.
    ///
    /// # Errors
    /// When one of them is set and empty.
    pub(crate) fn or_vars(self, vars: &Vars) -> Result<Self, EmptyVar> {
        let or_var = |set: Option<String>, name| match set {
            Some(set) => Ok(Some(set)),
            None => Ok(vars.flag(name)?.map(str::to_owned)),
        };
        Ok(Self {
            project: or_var(self.project, "REHEARSAL_PROJECT")?,
            environment: or_var(self.environment, "REHEARSAL_ENVIRONMENT")?,
            variant: or_var(self.variant, "REHEARSAL_VARIANT")?,
            ..self
        })
    }

    /// Whether a case is wanted.
    #[must_use]
    pub(crate) fn selects(&self, case: &Planned) -> bool {
        let tags = &case.conversation.tags;
        self.selects_name(case.name.as_str())
            && (self.tags.is_empty() || self.tags.iter().any(|tag| tags.contains(tag)))
            && self.project.as_ref().is_none_or(|project| *project == case.target.project)
            && self.variant.as_ref().is_none_or(|name| {
                case.variant.as_ref().is_some_and(|variant| variant.name == *name)
            })
    }

    /// Whether a name is wanted, by filters and skips alone.
    #[must_use]
    pub(crate) fn selects_name(&self, name: &str) -> bool {
        let hits = |filter: &String| self.hits(filter, name);
        (self.filters.is_empty() || self.filters.iter().any(hits)) && !self.skip.iter().any(hits)
    }

    /// Whether any case of a conversation could be wanted, whatever its variants are.
    #[must_use]
    pub(crate) fn may_select(&self, conversation: &Outline) -> bool {
        let hits = |filter: &String| match (self.exact, filter.rsplit_once('@')) {
            (true, Some((name, _))) => conversation.name == name,
            (true, None) => conversation.name == *filter,
            (false, Some((name, _))) => conversation.name.ends_with(name),
            (false, None) => true,
        };
        (self.filters.is_empty() || self.filters.iter().any(hits))
            && (self.tags.is_empty() || self.tags.iter().any(|tag| conversation.tags.contains(tag)))
    }

    /// Leaves the cases that are wanted, in the order of their names.
    ///
    /// # Errors
    /// A sentence, when nothing is left, or when one of several filters selects nothing: it may
    /// be misspelt, and what it was meant to guard would not be played.
    pub(crate) fn apply(&self, cases: &mut Vec<Planned>) -> Result<(), String> {
        let all: Vec<CaseName> = cases.iter().map(|case| case.name.clone()).collect();
        // Only what the other flags leave is worth suggesting.
        let unfiltered = Self { filters: Vec::new(), ..self.clone() };
        let near = cases.iter().filter(|case| unfiltered.selects(case));
        let near: Vec<CaseName> = near.map(|case| case.name.clone()).collect();
        cases.retain(|case| self.selects(case));
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        if cases.is_empty() {
            return Err(self.nothing_selected(all.len(), &near));
        }
        let finds = |filter: &String| all.iter().any(|name| self.hits(filter, name.as_str()));
        match self.filters.iter().find(|filter| !finds(filter)) {
            Some(filter) => {
                let alone =
                    Self { filters: vec![filter.clone()], exact: self.exact, ..Self::default() };
                Err(alone.nothing_selected(all.len(), &near))
            }
            None => Ok(()),
        }
    }

    pub(super) fn hits(&self, filter: &str, name: &str) -> bool {
        if self.exact { name == filter } else { !filter.is_empty() && name.contains(filter) }
    }

    /// The sentence for a selection that leaves none of the cases that were looked at; `near` are
    /// those that it would leave without its filters.
    fn nothing_selected(&self, all: usize, near: &[CaseName]) -> String {
        let mut asked = Vec::new();
        if !self.filters.is_empty() {
            let how = if self.exact { "is exactly" } else { "contains" };
            asked.push(format!("whose name {how} {}", quoted(&self.filters)));
        }
        if !self.skip.is_empty() {
            asked.push(format!("that --skip {} leaves", quoted(&self.skip)));
        }
        if !self.tags.is_empty() {
            asked.push(format!("with the tag {}", quoted(&self.tags)));
        }
        if let Some(project) = &self.project {
            asked.push(format!("of the project `{project}`"));
        }
        if let Some(variant) = &self.variant {
            asked.push(format!("in the variant `{variant}`"));
        }
        let of = if self.exact { String::new() } else { format!(" among {all}") };
        let help = self.filters.iter().find_map(|filter| likely(filter, near));
        let help = help.unwrap_or_else(|| "`rehearsal list` shows the names".to_owned());
        format!("no case is selected: there is none{of} {}; {help}", asked.join(", "))
    }
}

/// What a filter that selects nothing was probably meant to be.
fn likely(filter: &str, all: &[CaseName]) -> Option<String> {
    if filter.is_empty() {
        return Some("the filter is empty; is a variable of the shell not set?".to_owned());
    }
    let bare = filter.strip_prefix("conversations/").unwrap_or(filter);
    let endings = [".yaml", ".yml", ".json"];
    let bare = endings.iter().find_map(|ending| bare.strip_suffix(ending)).unwrap_or(bare);
    let close = all.iter().find(|name| name.conversation() == bare).map(CaseName::as_str);
    let close = close.or_else(|| suggest::closest(bare, all.iter().map(CaseName::as_str)));
    close.map(|name| format!("did you mean `{name}`?"))
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(" or ")
}
