//! Variant attributes: what `${names}` stand for in a variant, in `rehearsal.toml` and in the
//! conversations that give their own.

use std::sync::Arc;

use super::ProjectVariant;
use crate::{
    source::{Diagnostic, Node, Problems, SourceFile},
    text::{Bindings, template},
};

/// Reports the names of attributes that could not be written as `${name}`.
pub fn check_names(file: &Arc<SourceFile>, attributes: &Node, problems: &mut Problems) {
    for entry in attributes.entries().iter().filter(|entry| !template::is_name(&entry.key)) {
        let title = format!("the attribute `{}` cannot be written as ${{…}}", entry.key);
        problems.push(
            Diagnostic::error(file, entry.key_span, title)
                .help("use letters, digits and `_`, not starting with a digit"),
        );
    }
}

impl ProjectVariant {
    /// What `${names}` stand for in this variant.
    ///
    /// An attribute that is blank is not set: a table of many sites has an entry for each, and a
    /// text with nothing in the place of its `${name}` would still be found in an answer.
    #[must_use]
    pub fn bindings(&self) -> Bindings {
        let set = self.attributes.iter().filter(|(_, value)| !value.trim().is_empty());
        set.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
