//! The plays of a case beside the one that is shown in full: a line each.

use unicode_width::UnicodeWidthStr;

use super::failure::Failure;
use crate::{
    outcome::{Play, PlayVerdict},
    text::{
        layout::{WIDTH, brief, count},
        one_line,
    },
};

/// How many plays have a line.
const MOST_PLAYS: usize = 10;

/// The columns before what a play came out as: its number and its verdict.
const LEAD: usize = 16;

impl Failure<'_> {
    pub(super) fn other_plays(&mut self) {
        let shown = self.play.play;
        let others: Vec<&Play> =
            self.outcome.plays.iter().filter(|play| play.play != shown).collect();
        if others.is_empty() {
            return;
        }
        self.out.push('\n');
        let title = if others.len() == 1 { "the other play" } else { "the other plays" };
        self.line(self.style.dim(title));
        others.iter().take(MOST_PLAYS).for_each(|play| self.play_line(play));
        if others.len() > MOST_PLAYS {
            let more = format!("  and {}", count(others.len() - MOST_PLAYS, "more play"));
            self.line(self.style.dim(more));
        }
    }

    fn play_line(&mut self, play: &Play) {
        let verdict = match play.verdict {
            PlayVerdict::Passed => self.style.good("passed "),
            PlayVerdict::Failed => self.style.bad("failed "),
            PlayVerdict::Errored => self.style.bad("errored"),
        };
        let id = play.conversation_id.as_deref().map(|id| brief(id, 50)).unwrap_or_default();
        let what = brief(&play.in_short(), WIDTH - LEAD);
        let between = match what.width() {
            0 => String::new(),
            width if LEAD + width + 2 + id.width() > WIDTH => format!("\n{}", " ".repeat(LEAD)),
            _ => "  ".to_owned(),
        };
        let id = self.style.dim(one_line(&id));
        self.line(format!("  {:>3}  {verdict}  {what}{between}{id}", play.play));
    }
}
