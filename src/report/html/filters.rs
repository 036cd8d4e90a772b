//! What the page can be filtered by.

use std::collections::HashMap;

use super::text::Html;
use crate::report::CaseRecord;

/// Tags, variants and environments; a case names its own by their numbers.
#[derive(Debug, Default)]
pub struct Filters {
    tags: Names,
    variants: Names,
    environments: Names,
}

/// A choice between names: the letter before their numbers, what they are, and all of them.
pub struct Choice<'a> {
    /// Stands before the numbers.
    pub letter: char,
    /// What they are.
    pub what: &'static str,
    /// The names with their numbers, in the order in which they are read.
    pub names: Vec<(usize, Html<'a>)>,
}

/// Names, numbered as they come.
#[derive(Debug, Default)]
struct Names(HashMap<String, usize>);

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let next = self.0.len();
        self.0.insert(name.to_owned(), next);
        next
    }

    fn sorted(&self) -> Vec<(usize, Html<'_>)> {
        let mut names: Vec<(&str, usize)> =
            self.0.iter().map(|(name, number)| (name.as_str(), *number)).collect();
        names.sort_unstable();
        names.into_iter().map(|(name, number)| (number, Html::text(name))).collect()
    }
}

impl Filters {
    /// The keys of a case: `t0 t3 v1 n0`.
    pub fn keys(&mut self, case: &CaseRecord) -> String {
        let mut keys = format!("n{}", self.environments.number(&case.environment));
        if let Some(variant) = &case.variant {
            keys += &format!(" v{}", self.variants.number(variant));
        }
        for tag in &case.tags {
            keys += &format!(" t{}", self.tags.number(tag));
        }
        keys
    }

    /// What there is to choose from; one variant or one environment is no choice.
    pub fn choices(&self) -> Vec<Choice<'_>> {
        let all = [
            ('t', "tags", &self.tags, 1),
            ('v', "variants", &self.variants, 2),
            ('n', "environments", &self.environments, 2),
        ];
        let some = all.into_iter().filter(|(_, _, names, least)| names.0.len() >= *least);
        some.map(|(letter, what, names, _)| Choice { letter, what, names: names.sorted() })
            .collect()
    }
}
