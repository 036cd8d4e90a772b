//! One mismatch: its place in the conversation file, what was expected and what came.

use annotate_snippets::{Group, Level};
use unicode_width::UnicodeWidthStr;

use super::Failure;
use crate::{
    check::{Mismatch, MismatchKind},
    report::{ExchangeReport, describe, diff},
    source::{
        diagnostic::{excerpt, renderer},
        secrets,
    },
    text::{
        layout::{WIDTH, fill},
        one_line,
    },
};

impl Failure<'_> {
    pub(super) fn mismatch(&mut self, exchange: &ExchangeReport, mismatch: &Mismatch) {
        let described = describe::describe(&mismatch.kind, exchange);
        let level = Level::ERROR.with_name(described.subject.as_str());
        let room = WIDTH.saturating_sub(described.subject.width() + 2);
        let title = level.primary_title(fill(&described.title, room).join("\n"));
        let path = one_line(&self.report.path.display().to_string());
        let group = match (&self.report.source, mismatch.span) {
            (Some(source), Some(span)) if !secrets::may_hold(source.line(span.start)) => {
                title.element(excerpt(&source.text, span, &path, &described.label))
            }
            _ => Group::with_title(title),
        };
        self.out.push('\n');
        self.line(renderer(self.style.is_coloured()).render(&[group]));
        self.difference(exchange, &mismatch.kind);
        for (word, fact) in &described.facts {
            self.fact(word, fact);
        }
    }

    fn difference(&mut self, exchange: &ExchangeReport, kind: &MismatchKind) {
        match kind {
            MismatchKind::Equals { expected } => {
                let text = diff::render(expected, &exchange.said.response, 4, self.style);
                self.line(text);
            }
            MismatchKind::ChangedText { accepted, actual, .. } => {
                let nearest = diff::nearest(accepted, actual);
                let text = diff::render(nearest, actual, 4, self.style);
                self.line(text);
            }
            MismatchKind::NewText { actual } => {
                let text = diff::render("", actual, 4, self.style);
                self.line(text);
            }
            _ => {}
        }
    }
}

/// Whether the excerpt of a mismatch shows the whole response already.
pub(super) fn shows_response(kind: &MismatchKind) -> bool {
    matches!(
        kind,
        MismatchKind::Equals { .. }
            | MismatchKind::NewText { .. }
            | MismatchKind::ChangedText { .. }
    )
}
