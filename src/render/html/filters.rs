//! What the page can be filtered by.

use std::collections::BTreeSet;

use percent_encoding::utf8_percent_encode;

use super::{link::NOT_IN_IDS, text::Html};
use crate::outcome::CaseOutcome;

/// Tags, variants and environments. A case names its own as keys: a letter and the name.
#[derive(Debug, Default)]
pub struct Filters {
    tags: BTreeSet<String>,
    variants: BTreeSet<String>,
    environments: BTreeSet<String>,
}

/// A choice between names.
pub struct Choice<'a> {
    /// What the keys begin with.
    pub letter: char,
    /// What is chosen.
    pub what: &'static str,
    /// The keys and the names.
    pub names: Vec<(String, Html<'a>)>,
}

impl Filters {
    /// The keys of a case: `nlocal vdowntown tsmoke`.
    pub fn keys(&mut self, case: &CaseOutcome) -> String {
        let mut keys = key('n', &case.environment);
        note(&mut self.environments, &case.environment);
        if let Some(variant) = &case.variant {
            keys += &format!(" {}", key('v', variant));
            note(&mut self.variants, variant);
        }
        for tag in &case.tags {
            keys += &format!(" {}", key('t', tag));
            note(&mut self.tags, tag);
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
        let some = all.into_iter().filter(|(_, _, names, least)| names.len() >= *least);
        some.map(|(letter, what, names, _)| Choice::of(letter, what, names)).collect()
    }
}

impl<'a> Choice<'a> {
    fn of(letter: char, what: &'static str, names: &'a BTreeSet<String>) -> Self {
        let names = names.iter().map(|name| (key(letter, name), Html::text(name))).collect();
        Self { letter, what, names }
    }
}

fn key(letter: char, name: &str) -> String {
    format!("{letter}{}", utf8_percent_encode(name, NOT_IN_IDS))
}

fn note(names: &mut BTreeSet<String>, name: &str) {
    if !names.contains(name) {
        names.insert(name.to_owned());
    }
}
