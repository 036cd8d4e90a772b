//! A whole conversation with the time and the id of each request, for `--verbose`.

use super::{CaseReport, ExchangeReport, failure::happened};
use crate::text::layout::{Style, WIDTH, duration, wrap};

/// Every message and its answer in full, each with how long it took and its id.
#[must_use]
pub fn render(report: &CaseReport, style: Style) -> String {
    let mut lines = Vec::new();
    for exchange in &report.exchanges {
        exchange_lines(exchange, style, &mut lines);
    }
    if let Some(id) = &report.conversation_id {
        lines.push(style.dim(format!("      {}", crate::text::one_line(id))));
    }
    lines.join("\n")
}

fn exchange_lines(exchange: &ExchangeReport, style: Style, lines: &mut Vec<String>) {
    let said = &exchange.said;
    let number = if exchange.turn == 0 { String::new() } else { exchange.turn.to_string() };
    let mut lead = format!("{number:>4}  ");
    for (who, text) in [("user ", said.user.as_deref()), ("agent", Some(said.response.as_str()))] {
        let Some(text) = text else { continue };
        let mut who = who;
        for line in wrap(text, WIDTH - 13, usize::MAX) {
            lines.push(format!("{lead}{}  {line}", style.dim(who)));
            lead = "      ".to_owned();
            who = "     ";
        }
    }
    let happened = happened(exchange, WIDTH - 13);
    lines.extend(happened.iter().map(|one| format!("             {}", style.strong(one))));
    let took = format!("{}, {}", duration(said.latency), said.correlation_id);
    lines.push(format!("             {}", style.dim(took)));
}
