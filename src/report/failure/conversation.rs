//! The conversation: what failed in full, the rest in brief.

use super::{Failure, mismatch::shows_response};
use crate::{
    report::{ExchangeReport, ShownPlay, describe},
    text::layout::{self, WIDTH, brief, fill, wrap},
};

/// How many rows of one response are shown in a conversation.
const MOST_RESPONSE: usize = 14;

impl Failure<'_> {
    /// The conversation: what failed in full, the rest in brief.
    pub(super) fn conversation(&mut self) {
        if self.report.exchanges.is_empty() {
            return;
        }
        self.out.push('\n');
        let title = self.style.dim(format!("the conversation{}", which(self.report.play)));
        self.line(title);
        let last_failed =
            self.report.exchanges.iter().rposition(|exchange| !exchange.mismatches.is_empty());
        let shown = last_failed.map_or(self.report.exchanges.len(), |last| last + 1);
        for exchange in &self.report.exchanges[..shown] {
            self.exchange(exchange);
        }
        if let (Some(unanswered), None) = (&self.report.unanswered, last_failed) {
            let user = self.style.dim("user ");
            let text = brief(&unanswered.user, WIDTH - 13);
            self.line(format!("{}{:>3}  {user}  {text}", self.style.bad(">"), unanswered.turn));
        }
        let after = self.report.exchanges.len() - shown;
        if after > 0 {
            let line = self
                .style
                .dim(format!("       … {} after it, as expected", layout::count(after, "turn")));
            self.line(line);
        }
    }

    fn exchange(&mut self, exchange: &ExchangeReport) {
        let failed = !exchange.mismatches.is_empty();
        let number = if exchange.turn == 0 { String::new() } else { exchange.turn.to_string() };
        let mark = if failed { self.style.bad(">") } else { " ".to_owned() };
        let mut lead = format!("{mark}{number:>3}  ");
        let shown_above = exchange.mismatches.iter().any(|mismatch| shows_response(&mismatch.kind));
        for (who, text) in [
            ("user ", exchange.said.user.as_deref()),
            ("agent", Some(exchange.said.response.as_str())),
        ] {
            let Some(text) = text else { continue };
            let in_full = failed && !shown_above;
            let lines = if in_full {
                wrap(text, WIDTH - 13, MOST_RESPONSE)
            } else {
                vec![brief(text, WIDTH - 13)]
            };
            for (index, line) in lines.iter().enumerate() {
                let who = self.style.dim(if index == 0 { who } else { "     " });
                self.line(format!("{lead}{who}  {line}"));
                lead = "      ".to_owned();
            }
        }
        for line in happened(exchange, WIDTH - 13) {
            self.line(format!("             {}", self.style.strong(line)));
        }
    }
}

/// Which of several plays the conversation is, where it is not the first.
fn which(play: Option<ShownPlay>) -> String {
    let Some(ShownPlay { number, of, alike }) = play.filter(|play| play.number > 1) else {
        return String::new();
    };
    let first = if alike > 1 {
        format!(", the first of {alike} with more than new answers")
    } else {
        String::new()
    };
    format!(": play {number} of {of}{first}")
}

/// What the agent did besides speaking, in lines of at most `width` columns.
pub(in crate::report) fn happened(exchange: &ExchangeReport, width: usize) -> Vec<String> {
    let mut happened = Vec::new();
    if let Some(handoff) = &exchange.said.handoff {
        happened.push(format!("[{}]", describe::handoff(Some(handoff))));
    }
    if exchange.said.end_conversation {
        happened.push("[the conversation ended]".to_owned());
    }
    happened.extend(exchange.said.notes.iter().map(|note| format!("[{note}]")));
    happened.iter().flat_map(|what| fill(what, width)).collect()
}
