//! A mistake in a file, and how it is shown: title, place, caret, help.

use std::{fmt, ops::Range, path::Path, sync::Arc};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};

use super::{file::SourceFile, node::Span, secrets};
use crate::text::{
    layout::{Style, WIDTH, fill, wrap},
    one_line, printable,
};

/// How many mistakes of one file are shown.
const MOST_OF_A_FILE: usize = 100;

/// How many characters are marked at most, so that the label still fits beside them.
const MOST_MARKED: usize = 44;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is played while there is one.
    Error,
    /// Shown, but does not stop a run.
    Warning,
}

/// One mistake (or doubt) in one file.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// The file.
    pub file: Arc<SourceFile>,
    /// Where in the file; `None` when the file as a whole is meant.
    pub span: Option<Span>,
    /// What stands at the caret.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(file: &Arc<SourceFile>, span: Span, title: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            title: printable(&title.into()).into_owned(),
            file: Arc::clone(file),
            span: Some(span),
            label: String::new(),
            help: None,
        }
    }

    /// An error of a file as a whole.
    #[must_use]
    pub fn of_file(file: &Arc<SourceFile>, title: impl Into<String>) -> Self {
        Self { span: None, ..Self::error(file, Span::default(), title) }
    }

    /// The words at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = printable(&label.into()).into_owned();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// [`Self::help`] where there is any.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// `path:line:column`, or the path alone.
    #[must_use]
    pub fn place(&self) -> String {
        let path = one_line(&self.file.path.display().to_string());
        match self.span {
            Some(span) => {
                let (line, column) = self.file.line_column(span.start);
                format!("{path}:{line}:{column}")
            }
            None => path,
        }
    }

    /// The message with its excerpt, in colour or without.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        match self.span {
            Some(span) if !secrets::may_hold(self.file.line(span.start)) => {
                self.render_excerpt(span, style)
            }
            _ => self.render_line(style),
        }
    }

    /// The title in lines that fit beside `warning: `.
    fn title_lines(&self) -> String {
        fill(&self.title, WIDTH - 9).join("\n")
    }

    fn level(&self) -> Level<'static> {
        match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        }
    }

    fn render_excerpt(&self, span: Span, style: Style) -> String {
        let path = one_line(&self.file.path.display().to_string());
        let excerpt = excerpt(&self.file.text, span, &path, &self.label);
        let mut group = self.level().primary_title(self.title_lines()).element(excerpt);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(wrapped(help)));
        }
        renderer(style).render(&[group])
    }

    fn render_line(&self, style: Style) -> String {
        let mut text = renderer(style).render(&[annotate_snippets::Group::with_title(
            self.level().primary_title(self.title_lines()),
        )]);
        text.push_str(&format!("\n --> {}", self.place()));
        if let Some(help) = &self.help {
            text.push_str(&format!("\n  = help: {}", wrapped(help).replace('\n', "\n          ")));
        }
        text
    }
}

/// Help in lines that fit beside its word.
fn wrapped(help: &str) -> String {
    wrap(help, WIDTH - 13, 12).join("\n")
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return f.write_str(&self.render(Style::Plain));
        }
        write!(f, "{}: {}", self.place(), self.title)
    }
}

/// The renderer of every excerpt that Rehearsal prints.
#[must_use]
pub fn renderer(style: Style) -> Renderer {
    let renderer = match style {
        Style::Coloured => Renderer::styled(),
        Style::Plain => Renderer::plain(),
    };
    renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH)
}

/// The part of a range that is marked: of its first line as much as leaves room for a label.
#[must_use]
pub fn marked(text: &str, range: Range<usize>) -> Range<usize> {
    let boundary = |byte: usize| text.floor_char_boundary(byte.min(text.len()));
    let mut range = boundary(range.start)..boundary(range.end);
    if let Some(newline) = text.get(range.clone()).and_then(|marked| marked.find('\n')) {
        range.end = range.start + newline;
    }
    if let Some((most, _)) = text[range.clone()].char_indices().nth(MOST_MARKED) {
        range.end = range.start + most;
    }
    range
}

/// The lines of `text` around `span` (its first line is marked), with a label at the caret.
#[must_use]
pub fn excerpt<'a>(
    text: &'a str,
    span: Span,
    path: &str,
    label: &'a str,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let range = marked(text, span.range());
    Snippet::source(text)
        .path(path.to_owned())
        .annotation(AnnotationKind::Primary.span(range).label((!label.is_empty()).then_some(label)))
}

/// The diagnostics collected so far; the one place they are added to.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
}

impl Problems {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, other: Problems) {
        self.list.extend(other.list);
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|one| one.severity == Severity::Error)
    }

    /// The first error; where there is none, that the file at `path` is not what it was.
    #[must_use]
    pub fn into_first_error(self, path: &Path) -> Diagnostic {
        let mut sorted = self.into_sorted().into_iter();
        sorted.find(|one| one.severity == Severity::Error).unwrap_or_else(|| {
            Diagnostic::of_file(&SourceFile::new(path, ""), "the file was changed meanwhile")
        })
    }

    /// Whether there is nothing to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them, by file and place; of one file at most a hundred.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let place = |one: &Diagnostic| one.span.map_or(0, |span| span.start);
        self.list.sort_by(|a, b| (&a.file.path, place(a)).cmp(&(&b.file.path, place(b))));
        // What stands behind an alias is read once for each use.
        self.list.dedup_by(|a, b| {
            (&a.file.path, place(a), &a.title) == (&b.file.path, place(b), &b.title)
        });
        let mut shown: Vec<Diagnostic> = Vec::new();
        for file in self.list.chunk_by(|a, b| a.file.path == b.file.path) {
            shown.extend(file.iter().take(MOST_OF_A_FILE).cloned());
            if let Some(first) = file.get(MOST_OF_A_FILE) {
                let more = file.len() - MOST_OF_A_FILE;
                shown.push(Diagnostic::of_file(
                    &first.file,
                    format!("{more} more mistakes in this file"),
                ));
            }
        }
        shown
    }
}
