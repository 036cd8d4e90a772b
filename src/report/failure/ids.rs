//! What PolyAI's support asks for: ids, times, and the commands that repeat a request.

use super::Failure;
use crate::{
    chat::Operation,
    report::{CaseError, support::curl},
    text::layout::{WIDTH, brief, fill},
};

impl Failure<'_> {
    pub(super) fn ids(&mut self) {
        let report = self.report;
        self.out.push('\n');
        if let Some(id) = &report.conversation_id {
            let when = report.started.strftime("%Y-%m-%d %H:%M:%S UTC");
            self.pair("conversation", &format!("{}  {when}", brief(id, 50)));
        }
        if let Some(url) = report.conversation_url() {
            // On a line of its own, so that a terminal can open it.
            self.pair("in Studio", "");
            self.line(format!("  {url}"));
        }
        let failed = report.exchanges.iter().filter(|exchange| !exchange.mismatches.is_empty());
        for exchange in failed {
            let turn = if exchange.turn == 0 {
                "greeting".to_owned()
            } else {
                format!("turn {}", exchange.turn)
            };
            self.pair(&turn, &exchange.said.correlation_id);
            let operation = if exchange.turn == 0 { Operation::Create } else { Operation::Respond };
            self.curl(operation, &exchange.said.request);
        }
        if let Some(CaseError::Chat(error)) = &report.error {
            self.curl(error.operation, &error.request);
        }
        if let Some(error) = &report.maybe_open {
            let what = format!("it could not be closed: {}", error.kind);
            for (number, line) in fill(&what, WIDTH - 16).iter().enumerate() {
                self.pair(if number == 0 { "still open?" } else { "" }, line);
            }
        }
    }

    /// The command that repeats a request, for PolyAI's support.
    fn curl(&mut self, operation: Operation, body: &[u8]) {
        let Some(endpoint) = &self.report.endpoint else { return };
        let words = curl(endpoint, operation, body);
        let last = words.len() - 1;
        for (number, words) in words.into_iter().enumerate() {
            let word = if number == 0 { "as curl" } else { "" };
            let more = if number == last { "" } else { " \\" };
            let indent = if number == 0 { "" } else { "  " };
            self.pair(word, &format!("{indent}{words}{more}"));
        }
    }
}
