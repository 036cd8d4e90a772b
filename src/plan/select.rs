//! Which cases are wanted.

use super::Case;

/// A selection of cases: what the flags of `run`, `list` and the harness say.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Cases whose name contains one of these; all cases where there is none.
    pub filters: Vec<String>,
    /// Filters and skips are whole names.
    pub exact: bool,
    /// Not the cases whose name contains one of these.
    pub skip: Vec<String>,
    /// Only conversations with one of these tags.
    pub tags: Vec<String>,
    /// Only conversations of this project.
    pub project: Option<String>,
    /// The environment to play in.
    pub environment: Option<String>,
    /// Only cases of this variant.
    pub variant: Option<String>,
}

impl Selection {
    /// Whether a case is wanted.
    #[must_use]
    pub fn selects(&self, case: &Case) -> bool {
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
    pub fn selects_name(&self, name: &str) -> bool {
        let hits = |filter: &String| {
            if self.exact { name == filter } else { name.contains(filter.as_str()) }
        };
        (self.filters.is_empty() || self.filters.iter().any(hits)) && !self.skip.iter().any(hits)
    }

    /// Whether it leaves anything out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.filters.is_empty()
            && self.skip.is_empty()
            && self.tags.is_empty()
            && self.project.is_none()
            && self.variant.is_none()
    }

    /// The sentence for a selection that leaves no case, out of `total` that were looked at.
    #[must_use]
    pub fn nothing_selected(&self, total: usize) -> String {
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
        let of = if self.exact { String::new() } else { format!(" among {total}") };
        format!(
            "no case is selected: there is none{of} {}; `rehearsal list` shows the names",
            asked.join(", ")
        )
    }
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(" or ")
}
