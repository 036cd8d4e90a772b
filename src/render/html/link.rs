//! Where in the page a case and a turn stand: `#billing/double-charge@downtown/4`.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::text::Html;
use crate::{
    conversation::{CaseName, TurnNumber},
    outcome::RunInfo,
};

/// What an id or a fragment may not hold; a browser finds the one by the other as they are.
pub const NOT_IN_IDS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'%').add(b'\'').add(b'&');

/// Makes ids. Where a report has several environments, they begin with the environment.
#[derive(Debug)]
pub struct Links {
    several: bool,
}

impl Links {
    /// For the cases of a run.
    pub fn of(run: &RunInfo) -> Self {
        Self { several: run.environments.len() > 1 }
    }

    /// The id of a case.
    pub fn case(&self, environment: &str, case: &CaseName) -> Html<'static> {
        Html::text(self.raw(environment, case))
    }

    /// The id of a turn of a case.
    pub fn turn(&self, environment: &str, case: &CaseName, turn: TurnNumber) -> Html<'static> {
        Html::text(format!("{}/{}", self.raw(environment, case), turn.get()))
    }

    fn raw(&self, environment: &str, case: &CaseName) -> String {
        let name = utf8_percent_encode(case.as_str(), NOT_IN_IDS);
        if self.several {
            return format!("{}:{name}", utf8_percent_encode(environment, NOT_IN_IDS));
        }
        name.to_string()
    }
}
