//! Where in the page a case and a turn stand: `#billing/double-charge@downtown/4`, and
//! `#billing/double-charge@downtown//2/4` in the second of several plays. No name holds `//`.

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

    /// The id of a play, where its case has several.
    pub fn play(&self, environment: &str, case: &CaseName, play: usize) -> Html<'static> {
        Html::text(format!("{}//{play}", self.raw(environment, case)))
    }

    /// The id of a turn of a case, in the play that is named where there are several.
    pub fn turn(
        &self,
        environment: &str,
        case: &CaseName,
        play: Option<usize>,
        turn: TurnNumber,
    ) -> Html<'static> {
        let (case, turn) = (self.raw(environment, case), turn.get());
        Html::text(match play {
            Some(play) => format!("{case}//{play}/{turn}"),
            None => format!("{case}/{turn}"),
        })
    }

    fn raw(&self, environment: &str, case: &CaseName) -> String {
        let name = utf8_percent_encode(case.as_str(), NOT_IN_IDS);
        if self.several {
            return format!("{}:{name}", utf8_percent_encode(environment, NOT_IN_IDS));
        }
        name.to_string()
    }
}
