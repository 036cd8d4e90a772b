//! One mismatch: its place in the conversation file, what was expected and what came.

use annotate_snippets::{AnnotationKind, Group, Level, Snippet};
use unicode_width::UnicodeWidthStr;

use super::{diff, failure::Failure};
use crate::{
    check::{Aspect, ExpectedHandoff, Mismatch, MismatchKind, describe},
    source::{Excerpt, diagnostic},
    text::{
        alike::is_blank,
        layout::{self, WIDTH, brief, fill},
        one_line, printable,
    },
};

impl Failure<'_> {
    pub(super) fn mismatch(&mut self, mismatch: &Mismatch) {
        let subject = format!("{} in {}", aspect(mismatch.kind.aspect()), mismatch.turn);
        let level = Level::ERROR.with_name(subject.as_str());
        let room = WIDTH.saturating_sub(subject.width() + 2);
        let title = level.primary_title(fill(&mismatch.kind.title(), room).join("\n"));
        let path = one_line(&self.outcome.path.display().to_string());
        let label = label(&mismatch.kind);
        let group = match mismatch.line().zip(mismatch.excerpt()) {
            Some((line, excerpt)) => title.element(snippet(line, excerpt, &path, label)),
            None => Group::with_title(title),
        };
        self.out.push('\n');
        self.line(diagnostic::renderer(self.style).render(&[group]));
        self.difference(mismatch);
        for (word, detail) in details(&mismatch.kind) {
            self.detail(word, &detail);
        }
        let is_silent =
            self.play.exchange(mismatch.turn).is_some_and(|exchange| is_blank(&exchange.response));
        if is_silent && matters_when_silent(&mismatch.kind) {
            self.detail("note", "the agent said nothing");
        }
    }

    fn difference(&mut self, mismatch: &Mismatch) {
        let texts = match &mismatch.kind {
            MismatchKind::NewText { actual } => {
                Some(("", self.proposed(mismatch).unwrap_or(actual)))
            }
            kind => kind.whole_texts(),
        };
        if let Some((expected, actual)) = texts {
            let text = diff::render(expected, actual, 4, self.style);
            self.line(text);
        }
    }

    /// What several plays made of a new text, which is what the pending snapshot holds.
    fn proposed(&self, mismatch: &Mismatch) -> Option<&str> {
        let learned = self.outcome.learned.iter().find(|one| one.turn == mismatch.turn)?;
        learned.learned.texts().first().map(String::as_str)
    }
}

fn snippet<'a>(
    line: usize,
    excerpt: &'a Excerpt,
    path: &str,
    label: &'static str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let marked = diagnostic::marked(&excerpt.text, excerpt.start..excerpt.end);
    Snippet::source(&excerpt.text)
        .line_start(line)
        .path(path.to_owned())
        .annotation(AnnotationKind::Primary.span(marked).label(label))
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

fn aspect(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Text => "text",
        Aspect::Forbidden => "forbidden text",
        Aspect::Handoff => "handoff",
        Aspect::End => "end",
        Aspect::Latency => "latency",
    }
}

fn matters_when_silent(kind: &MismatchKind) -> bool {
    kind.aspect() == Aspect::Text
        && !matches!(
            kind,
            MismatchKind::Not { .. } | MismatchKind::Unbound { .. } | MismatchKind::Silence
        )
}

/// What stands at the caret.
fn label(kind: &MismatchKind) -> &'static str {
    match kind {
        MismatchKind::Equals { .. } | MismatchKind::Contains { .. } => "not what the agent said",
        MismatchKind::Matches { .. } => "not found",
        MismatchKind::Not { .. } => "found",
        MismatchKind::Any { .. } => "none of these",
        MismatchKind::NewText { .. } => "the response to this is new",
        MismatchKind::ChangedText { .. } => "the response to this is pinned",
        MismatchKind::Forbidden { .. } => "in the response to this",
        MismatchKind::Handoff { expected: ExpectedHandoff::None, .. } => "no handoff is expected",
        MismatchKind::Handoff { .. } | MismatchKind::End { expected: true } => {
            "not what the agent did"
        }
        MismatchKind::End { expected: false } => "no end is expected",
        MismatchKind::Latency { .. } => "too late",
        MismatchKind::Silence => "the response to this is empty",
        MismatchKind::Unbound { .. } | MismatchKind::Empty { .. } => "cannot be checked",
    }
}

/// What was expected and what came, where one line says it: pairs of a word and what it introduces.
fn details(kind: &MismatchKind) -> Vec<(&'static str, String)> {
    let safe = |text: &str| printable(text).into_owned();
    match kind {
        MismatchKind::Contains { expected } => vec![("expected", safe(expected))],
        MismatchKind::Matches { pattern } => vec![("pattern", safe(pattern))],
        MismatchKind::Not { unwanted, found, .. } => {
            vec![("ruled out", safe(unwanted)), ("found", safe(found))]
        }
        MismatchKind::Any { alternatives } => {
            let why = |kinds: &Vec<MismatchKind>| {
                kinds.iter().map(brief_reason).collect::<Vec<_>>().join("; ")
            };
            alternatives.iter().map(|kinds| ("not this", why(kinds))).collect()
        }
        MismatchKind::ChangedText { unknown_placeholders, .. } => unknown_placeholders
            .iter()
            .map(|name| {
                ("note", format!("{{{{{name}}}}} is not a placeholder and is compared as text"))
            })
            .collect(),
        MismatchKind::Forbidden { found, .. } => vec![
            ("found", safe(found)),
            ("rule", "`forbid` of `[expect]` in rehearsal.toml".to_owned()),
        ],
        MismatchKind::Handoff { expected, actual } => vec![
            ("expected", safe(&expected.to_string())),
            ("actual", describe::handoff(actual.as_ref())),
        ],
        MismatchKind::End { expected } => {
            let word = |end| if end { "the conversation ends" } else { "the conversation goes on" };
            vec![("expected", word(*expected).to_owned()), ("actual", word(!*expected).to_owned())]
        }
        MismatchKind::Silence => {
            vec![("note", "where an empty answer is right, write `equals: \"\"`".to_owned())]
        }
        MismatchKind::Latency { limit, actual } => {
            vec![("allowed", layout::duration(*limit)), ("actual", layout::duration(*actual))]
        }
        _ => Vec::new(),
    }
}

fn brief_reason(kind: &MismatchKind) -> String {
    match kind {
        MismatchKind::Equals { expected, .. } => format!("equals “{}”", brief(expected, 50)),
        MismatchKind::Contains { expected } => format!("contains “{}”", brief(expected, 50)),
        MismatchKind::Matches { pattern } => format!("matches {}", brief(pattern, 50)),
        MismatchKind::Not { found, .. } => format!("not, but found “{}”", brief(found, 50)),
        other => other.key().to_owned(),
    }
}
