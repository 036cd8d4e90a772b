//! Where in the page a case and a turn stand: `#billing/double-charge@downtown/4`.

use std::{collections::BTreeSet, sync::Arc};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::text::Html;
use crate::report::CaseRecord;

/// What an id or a fragment may not hold; a browser finds the one by the other as they are.
const NOT_IN_IDS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'%').add(b'\'').add(b'&');

/// Makes ids. Where a report has several environments, they begin with the environment.
#[derive(Debug)]
pub struct Links {
    several: bool,
}

impl Links {
    /// For the cases of a report.
    pub fn of(cases: &[Arc<CaseRecord>]) -> Self {
        let places: BTreeSet<_> =
            cases.iter().map(|one| (&one.project, &one.environment)).collect();
        let environments: BTreeSet<_> = cases.iter().map(|one| &one.environment).collect();
        Self { several: places.len() > 1 && environments.len() > 1 }
    }

    /// The id of a case.
    pub fn case(&self, case: &CaseRecord) -> Html {
        Html::text(&self.raw(case))
    }

    /// The id of a turn of a case.
    pub fn turn(&self, case: &CaseRecord, turn: usize) -> Html {
        Html::text(&format!("{}/{turn}", self.raw(case)))
    }

    fn raw(&self, case: &CaseRecord) -> String {
        let name = utf8_percent_encode(case.case.as_str(), NOT_IN_IDS);
        if self.several {
            return format!("{}:{name}", utf8_percent_encode(&case.environment, NOT_IN_IDS));
        }
        name.to_string()
    }
}
