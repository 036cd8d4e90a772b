//! What was not played: turns that were not reached, and an error that ended the conversation.

use super::{Failure, error_line};
use crate::{
    chat::{ChatError, Operation},
    report::{CaseError, Unanswered},
    text::{
        layout::{self, WIDTH, brief, wrap},
        one_line,
    },
};

impl Failure<'_> {
    pub(super) fn not_reached(&mut self) {
        let report = self.report;
        if report.not_reached.is_empty() {
            return;
        }
        let why = match &report.unbound {
            Some(name) => format!("`${{{name}}}` was never captured"),
            None => "the agent had ended the conversation".to_owned(),
        };
        self.out.push('\n');
        let word = self.style.headline("not reached");
        self.line(format!(
            "{word}: {}, because {why}",
            layout::count(report.not_reached.len(), "turn")
        ));
        let first = report.not_reached.first().and_then(|turn| report.line_of(turn.span));
        if let Some(line) = first {
            let place = one_line(&format!("{}:{line}", report.path.display()));
            self.line(format!(" {} {place}", self.style.dim("-->")));
        }
        for turn in &report.not_reached {
            let line = report.source.as_ref().map(|source| source.line_column(turn.span.start).0);
            let place = line.map(|line| format!("line {line}")).unwrap_or_default();
            self.line(format!(
                "  {:>3}  {:<9}  {}",
                turn.turn,
                place,
                brief(&turn.user, WIDTH - 20)
            ));
        }
    }

    pub(super) fn error(&mut self) {
        let Some(error) = &self.report.error else { return };
        let what = match error {
            CaseError::Chat(error) => error.kind.to_string(),
            other => error_line(other),
        };
        self.out.push('\n');
        let word = self.style.headline("error");
        let lines = wrap(&what, WIDTH - 7, 8);
        self.line(format!("{word}: {}", lines.join("\n       ")));
        if let CaseError::Chat(error) = error {
            self.chat_error(error);
        }
        for (number, earlier) in (1..).zip(&self.report.earlier) {
            self.fact(&format!("attempt {number}"), &earlier.to_string());
        }
    }

    fn chat_error(&mut self, error: &ChatError) {
        let turns = self.report.turns;
        let when = match (error.operation, &self.report.unanswered) {
            (Operation::Create, _) => "starting the conversation".to_owned(),
            (_, Some(one)) => format!("turn {} of {turns}{}", one.turn, self.place_of(one)),
            (_, None) => "in a later play of the conversation".to_owned(),
        };
        self.fact("when", &when);
        self.fact("request", &format!("{} {}", error.operation.method(), error.path));
        self.fact("correlation", &error.correlation_id);
        let error_id = error.kind.envelope().and_then(|envelope| envelope.error_id.as_deref());
        if let Some(id) = error_id.filter(|id| *id != error.correlation_id) {
            self.fact("error_id", id);
        }
        if let Some(help) = error.kind.help(error.operation) {
            self.fact("help", help);
        }
    }

    fn place_of(&self, unanswered: &Unanswered) -> String {
        let line = self.report.line_of(unanswered.span);
        line.map(|line| format!(", {}:{line}", self.report.path.display())).unwrap_or_default()
    }
}
