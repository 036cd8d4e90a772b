//! The conversation of a play: what failed in full and the rest in brief, or all of it in full.

use super::{failure::Failure, mismatch::shows_response};
use crate::{
    check::describe,
    outcome::{CaseOutcome, Play},
    player::Exchange,
    text::layout::{self, Style, WIDTH, brief, duration, fill, wrap},
};

/// How many rows of one response are shown beside a failure.
const MOST_RESPONSE: usize = 14;

/// The columns before a text: a mark, the turn's number, and who speaks.
const LEAD: usize = 13;

impl Failure<'_> {
    /// The conversation up to the last turn that failed.
    pub(super) fn conversation(&mut self) {
        let play = self.play;
        if play.turns.is_empty() {
            return;
        }
        self.out.push('\n');
        let title = self.style.dim(format!("the conversation{}", which(self.outcome, play)));
        self.line(title);
        let failed = |exchange: &Exchange| play.mismatches_of(exchange.turn).next().is_some();
        let last_failed = play.turns.iter().rposition(failed);
        let shown = last_failed.map_or(play.turns.len(), |last| last + 1);
        for exchange in &play.turns[..shown] {
            self.exchange(exchange);
        }
        if let (Some(unanswered), None) = (&play.unanswered, last_failed) {
            let user = self.style.dim("user ");
            let text = brief(&unanswered.user, WIDTH - LEAD);
            let number = unanswered.turn.get();
            self.line(format!("{}{number:>3}  {user}  {text}", self.style.bad(">")));
        }
        let after = play.turns.len() - shown;
        if after > 0 {
            let line = format!("       … {} after it, as expected", layout::count(after, "turn"));
            self.line(self.style.dim(line));
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        let mut mismatches = self.play.mismatches_of(exchange.turn).peekable();
        let failed = mismatches.peek().is_some();
        let shown_above = mismatches.any(|mismatch| shows_response(&mismatch.kind));
        let mark = if failed { self.style.bad(">") } else { " ".to_owned() };
        let mut lead = format!("{mark}{:>3}  ", number(exchange));
        for (who, text) in said(exchange) {
            let lines = if failed && !shown_above {
                wrap(text, WIDTH - LEAD, MOST_RESPONSE)
            } else {
                vec![brief(text, WIDTH - LEAD)]
            };
            for (index, line) in lines.iter().enumerate() {
                let who = self.style.dim(if index == 0 { who } else { "     " });
                self.line(format!("{lead}{who}  {line}"));
                lead = "      ".to_owned();
            }
        }
        for line in happened(exchange, WIDTH - LEAD) {
            self.line(format!("             {}", self.style.strong(line)));
        }
    }
}

/// Every message and its answer in full, each with how long it took and its id, for `--verbose`.
#[must_use]
pub fn transcript(outcome: &CaseOutcome, style: Style) -> String {
    let mut lines = Vec::new();
    let Some(play) = outcome.shown() else { return String::new() };
    for exchange in &play.turns {
        let mut lead = format!("{:>4}  ", number(exchange));
        for (mut who, text) in said(exchange) {
            for line in wrap(text, WIDTH - LEAD, usize::MAX) {
                lines.push(format!("{lead}{}  {line}", style.dim(who)));
                lead = "      ".to_owned();
                who = "     ";
            }
        }
        let happened = happened(exchange, WIDTH - LEAD);
        lines.extend(happened.iter().map(|one| format!("             {}", style.strong(one))));
        let took = format!("{}, {}", duration(exchange.latency), exchange.correlation_id);
        lines.push(format!("             {}", style.dim(took)));
    }
    if let Some(id) = &play.conversation_id {
        lines.push(style.dim(format!("      {}", crate::text::one_line(id))));
    }
    lines.join("\n")
}

fn number(exchange: &Exchange) -> String {
    if exchange.turn.is_greeting() { String::new() } else { exchange.turn.get().to_string() }
}

fn said(exchange: &Exchange) -> impl Iterator<Item = (&'static str, &str)> {
    let user = exchange.user.as_deref().map(|text| ("user ", text));
    user.into_iter().chain([("agent", exchange.response.as_str())])
}

/// Which of several plays the conversation is.
fn which(outcome: &CaseOutcome, shown: &Play) -> String {
    match outcome.plays.len() {
        0 | 1 => String::new(),
        all => format!(": play {} of {all}", shown.play),
    }
}

/// What the agent did besides speaking, in lines of at most `width` columns.
fn happened(exchange: &Exchange, width: usize) -> Vec<String> {
    let mut happened = Vec::new();
    if let Some(handoff) = &exchange.handoff {
        happened.push(format!("[{}]", describe::handoff(Some(handoff))));
    }
    if exchange.end_conversation {
        happened.push("[the conversation ended]".to_owned());
    }
    happened.extend(exchange.notes.iter().map(|note| format!("[{note}]")));
    happened.iter().flat_map(|what| fill(what, width)).collect()
}
