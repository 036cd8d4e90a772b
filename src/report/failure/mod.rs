//! The failure a person reads: one renderer for the command line and the harness.

mod commands;
mod conversation;
mod ids;
mod learned;
mod mismatch;
mod reason;
mod unplayed;

pub(super) use conversation::happened;
pub(super) use reason::error_line;
pub use reason::reason;

use std::fmt::Write as _;

use super::{CaseReport, Verdict};
use crate::text::{
    layout::{Style, WIDTH, brief, wrap},
    one_line,
};

/// Everything a person needs about a case that failed or could not be played.
///
/// For each turn that failed: the place in the conversation file, what was expected and what
/// came; then the conversation, the ids that PolyAI's support asks for, and the commands that
/// play this case again and accept this change.
#[must_use]
pub fn render(report: &CaseReport, style: Style) -> String {
    let mut out = Failure { report, style, out: String::new() };
    out.headline();
    for exchange in &report.exchanges {
        for mismatch in &exchange.mismatches {
            out.mismatch(exchange, mismatch);
        }
    }
    out.learned();
    out.not_reached();
    out.error();
    out.warnings();
    out.conversation();
    out.ids();
    out.commands();
    out.out
}

struct Failure<'a> {
    report: &'a CaseReport,
    style: Style,
    out: String,
}

impl Failure<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref().trim_end());
        self.out.push('\n');
    }

    fn headline(&mut self) {
        let report = self.report;
        let word = match report.verdict {
            Verdict::Errored => "ERROR",
            _ => "FAILED",
        };
        let mut where_played = format!("{} · {}", report.project, report.environment);
        if let Some(variant) = &report.variant {
            let _ = write!(where_played, " · {}", variant.name);
            if variant.id != variant.name {
                let _ = write!(where_played, " ({})", brief(&variant.id, 30));
            }
        }
        let headline = format!("{} {}", self.style.headline(word), self.style.strong(&report.case));
        self.line(headline);
        let where_played = self.style.dim(where_played);
        self.line(where_played);
    }

    fn fact(&mut self, word: &str, text: &str) {
        let lines = wrap(text, WIDTH - 15, 8);
        for (number, line) in lines.iter().enumerate() {
            let word = if number == 0 { word } else { "" };
            let word = self.style.dim(format!("{word:>11}"));
            self.line(format!("  {word}  {line}"));
        }
    }

    fn warnings(&mut self) {
        for warning in &self.report.warnings {
            self.out.push('\n');
            let text = warning.render(self.style.is_coloured());
            self.line(text);
        }
    }

    fn pair(&mut self, word: &str, text: &str) {
        let word = self.style.dim(format!("{word:<12}"));
        self.line(format!("  {word}  {}", one_line(text)));
    }
}
