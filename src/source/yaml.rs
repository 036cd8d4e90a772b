//! YAML (and JSON, which is YAML) as a [`Node`] tree.

use std::{collections::HashMap, sync::Arc};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Tag};

use super::{
    diagnostic::{Diagnostic, Problems},
    file::SourceFile,
    node::{MapEntry, Node, Span, Value},
    scalar::resolve_plain,
};

/// How deep lists and maps may be nested.
const MAX_DEPTH: usize = 64;

/// How many values a file may hold once its aliases are written out.
const MAX_NODES: usize = 200_000;

/// How many keys one map may hold.
const MAX_KEYS: usize = 2_000;

/// Reads one YAML or JSON document.
///
/// A syntax error ends the reading; a duplicate key, a tag, a merge key or a second document is
/// reported and passed over, so that the other mistakes of the file are still found.
pub fn parse(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Node> {
    let before = problems.len();
    if let Some(diagnostic) = json_error(file) {
        problems.push(diagnostic);
        return None;
    }
    let mut builder = Builder {
        file,
        problems,
        stack: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        nodes: 0,
    };
    if let Err(diagnostic) = builder.read() {
        builder.problems.push(*diagnostic);
        return None;
    }
    let root = builder.root;
    if root.is_none() && problems.len() == before {
        problems.push(Diagnostic::of_file(file, "the file is empty"));
    }
    root
}

/// How much a node holds once its aliases are written out.
#[derive(Clone, Copy)]
struct Extent {
    nodes: usize,
    depth: usize,
}

impl Extent {
    /// A long text weighs as much as many values, for aliases repeat it as often.
    fn of_text(length: usize) -> Self {
        Self { nodes: 1 + length / 64, depth: 0 }
    }

    fn of(node: &Node) -> Self {
        let children: Vec<Self> = match &node.value {
            Value::List(items) => items.iter().map(Self::of).collect(),
            Value::Map(entries) => entries.iter().map(|entry| Self::of(&entry.node)).collect(),
            Value::Text(text) => return Self::of_text(text.len()),
            _ => return Self::of_text(0),
        };
        Self {
            nodes: 1 + children.iter().map(|child| child.nodes).sum::<usize>(),
            depth: 1 + children.iter().map(|child| child.depth).max().unwrap_or(0),
        }
    }
}

/// A list or map that is still open.
struct OpenNode {
    start: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<MapEntry>, key: Option<(String, Span)> },
}

struct Builder<'a> {
    file: &'a Arc<SourceFile>,
    problems: &'a mut Problems,
    stack: Vec<OpenNode>,
    anchors: HashMap<usize, (Node, Extent)>,
    root: Option<Node>,
    nodes: usize,
}

type Fatal = Box<Diagnostic>;

impl Builder<'_> {
    fn read(&mut self) -> Result<(), Fatal> {
        let options = granit_parser::options! {
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            simple_key_max_lookahead: 1024,
        };
        let file = Arc::clone(self.file);
        for event in Parser::new_from_str_with_options(&file.text, options) {
            let (event, span) = event.map_err(|error| self.syntax_error(&error))?;
            let span = span
                .byte_range()
                .map_or_else(Span::default, |range| Span::new(range.start, range.end));
            if !self.event(event, span)? {
                break;
            }
        }
        Ok(())
    }

    /// Takes one event in; `false` ends the reading.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<bool, Fatal> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.problems.push(
                    Diagnostic::error(self.file, span, "a file holds one document")
                        .label("a second one starts here")
                        .help("move it into a separate file"),
                );
                return Ok(false);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), span);
                self.add(Node { span, value }, anchor, Extent::of_text(text.len()))?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.open(span, anchor, Content::List(Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                let content = Content::Map { entries: Vec::new(), key: None };
                self.open(span, anchor, content);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Alias(id) => {
                let (node, extent) =
                    self.anchors.get(&id).cloned().ok_or_else(|| self.self_reference(span))?;
                self.add(node, 0, extent)?;
            }
            _ => {}
        }
        Ok(true)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Value {
        let is_text = tag.is_some_and(|tag| tag.suffix() == "str");
        if !is_text {
            self.refuse_tag(tag, span);
        }
        if style == ScalarStyle::Plain && !is_text {
            resolve_plain(text)
        } else {
            Value::Text(text.to_owned())
        }
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: Span) {
        let Some(tag) = tag else { return };
        if matches!(tag.suffix(), "map" | "seq") {
            return;
        }
        self.problems.push(
            Diagnostic::error(self.file, span, "YAML tags are not supported here")
                .label(format!("tagged `{}{}`", tag.original_handle(), tag.suffix()))
                .help("write the value without the `!` tag; quote it if it is text"),
        );
    }

    fn open(&mut self, span: Span, anchor: usize, content: Content) {
        self.stack.push(OpenNode { start: span.start, anchor, content });
    }

    fn close(&mut self, end: Span) -> Result<(), Fatal> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let value = match open.content {
            Content::List(items) => Value::List(items),
            Content::Map { entries, .. } => Value::Map(entries),
        };
        let span = self.trimmed(open.start, end.end);
        let node = Node { span, value };
        let extent = if open.anchor == 0 { Extent::of_text(0) } else { Extent::of(&node) };
        self.add(node, open.anchor, extent)
    }

    /// A block ends where its last line ends, not where the next thing starts.
    fn trimmed(&self, start: u32, end: u32) -> Span {
        let range = Span { start, end }.range();
        let text = self.file.text.get(range).unwrap_or_default();
        Span::new(start as usize, start as usize + text.trim_end().len())
    }

    fn add(&mut self, node: Node, anchor: usize, extent: Extent) -> Result<(), Fatal> {
        self.nodes += extent.nodes;
        if self.nodes > MAX_NODES || self.stack.len() + extent.depth > MAX_DEPTH {
            let title = format!(
                "the file holds more than {MAX_NODES} values, or is nested more than {MAX_DEPTH} deep"
            );
            return Err(Box::new(
                Diagnostic::error(self.file, node.span, title)
                    .label("the limit is exceeded here")
                    .help("an alias counts with everything it repeats"),
            ));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), extent));
        }
        match self.stack.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key }) => match key.take() {
                None => *key = Some(key_of(self.file, &node)),
                Some((key, key_span)) => {
                    let entry = MapEntry { key, key_span, node };
                    if let Some(diagnostic) = refuse_entry(self.file, entries, &entry) {
                        self.problems.push(diagnostic);
                    } else {
                        entries.push(entry);
                    }
                }
            },
        }
        Ok(())
    }

    fn self_reference(&self, span: Span) -> Fatal {
        Box::new(
            Diagnostic::error(self.file, span, "recursive alias")
                .label("refers to a value that contains it"),
        )
    }

    fn syntax_error(&self, error: &ScanError) -> Fatal {
        let at = error.marker().byte_offset().unwrap_or(self.file.text.len());
        let text = &self.file.text;
        let at =
            if text[at.min(text.len())..].trim().is_empty() { text.trim_end().len() } else { at };
        let width =
            text[at..].chars().next().map_or(0, |c| if c == '\n' { 0 } else { c.len_utf8() });
        let diagnostic = Diagnostic::error(
            self.file,
            Span::new(at, at + width),
            format!("this is not valid {}", self.file.format()),
        )
        .label(error.info());
        Box::new(diagnostic.maybe_help(syntax_help(error.kind()).map(str::to_owned)))
    }
}

/// YAML takes more than JSON does: a trailing comma, a comment, single quotes.
fn json_error(file: &Arc<SourceFile>) -> Option<Diagnostic> {
    if !file.is_json() || file.text.trim().is_empty() {
        return None;
    }
    let error = serde_json::from_str::<serde::de::IgnoredAny>(&file.text).err()?;
    let before = file.text.split_inclusive('\n').take(error.line().saturating_sub(1));
    let line_start: usize = before.map(str::len).sum();
    let last = file.text.trim_end().len().saturating_sub(1);
    let at = (line_start + error.column().saturating_sub(1)).min(last);
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    Some(Diagnostic::error(file, Span::new(at, at + 1), "this is not valid JSON").label(reason))
}

fn syntax_help(kind: &ErrorKind) -> Option<&'static str> {
    use ErrorKind as K;
    Some(match kind {
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabInPlainScalar
        | K::TabAtBlockScalarStart => "indent and separate with spaces; YAML allows no tabs there",
        K::RecursionLimitExceeded => "lists and maps may be nested 64 deep",
        K::UnknownAnchor => "text that starts with `*` must be quoted",
        K::SimpleKeyExpected | K::InvalidSimpleKey | K::MappingValueNotAllowed => {
            "text that holds `: ` must be quoted; otherwise look at the indentation"
        }
        K::ExpectedFlowMappingSeparator | K::ExpectedFlowSequenceSeparator => {
            "inside { } and [ ], text that holds braces or brackets must be quoted: '${name}'"
        }
        K::ExpectedBlockMappingKey | K::ExpectedBlockSequenceEntry | K::InvalidIndentation => {
            "look at the indentation; text that starts with a bracket or a brace must be quoted"
        }
        K::UnclosedFlowCollection { .. }
        | K::InvalidColonPlacement
        | K::BlockEntryInFlowCollection => "is a bracket or a brace above not closed?",
        K::BlockSequenceEntryNotAllowed
        | K::InvalidBlockScalarHeader
        | K::MissingAnchorOrAliasName => {
            "text that starts with `-`, `>`, `|` or `&` must be quoted"
        }
        K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent => {
            "is a quotation mark above not closed?"
        }
        K::InvalidTrailingSingleQuotedScalar => {
            "inside single quotes an apostrophe is written twice: 'it\'\'s'"
        }
        K::InvalidTrailingDoubleQuotedScalar => {
            "inside double quotes a quotation mark is written \\\""
        }
        K::UnknownQuotedScalarEscape => {
            "in double quotes a backslash starts an escape; write regular expressions in single quotes"
        }
        K::UnexpectedCharacter { character } if !character.is_control() => {
            "text that starts with this character must be quoted"
        }
        _ => return None,
    })
}

fn refuse_entry(
    file: &Arc<SourceFile>,
    entries: &[MapEntry],
    entry: &MapEntry,
) -> Option<Diagnostic> {
    if entry.key == "<<" {
        let diagnostic = Diagnostic::error(file, entry.key_span, "merge keys are not supported");
        return Some(diagnostic.help("write the keys out"));
    }
    if entries.len() >= MAX_KEYS {
        let title = format!("a map holds more than {MAX_KEYS} keys");
        return Some(Diagnostic::error(file, entry.key_span, title));
    }
    let first = entries.iter().find(|earlier| earlier.key == entry.key)?;
    let (line, _) = file.line_column(first.key_span.start);
    Some(
        Diagnostic::error(file, entry.key_span, format!("duplicate key `{}`", entry.key))
            .label(format!("the first is in line {line}"))
            .help("keep one of them"),
    )
}

fn key_of(file: &SourceFile, node: &Node) -> (String, Span) {
    let key = match &node.value {
        Value::Text(text) | Value::Ambiguous { text, .. } => text.clone(),
        _ => file.text.get(node.span.range()).unwrap_or_default().to_owned(),
    };
    (key, node.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Node>, Vec<String>) {
        let mut problems = Problems::default();
        let node = parse(&SourceFile::new("x.yaml", text), &mut problems);
        let titles = problems.into_sorted().into_iter().map(|one| one.title).collect();
        (node, titles)
    }

    #[test]
    fn values_know_where_they_stand() {
        let text = "a: é\nturns:\n  - user: hi\n\n\nb: [1, \"x\"]\n";
        let (node, problems) = read(text);
        assert_eq!(problems, [""; 0]);
        let node = node.expect("a tree");
        let turns = node.get("turns").expect("turns");
        assert_eq!(&text[turns.span.range()], "- user: hi");
        let items = node.get("b").expect("b").items();
        assert_eq!(&text[items[1].span.range()], "\"x\"");
    }

    #[test]
    fn json_is_read_with_its_escapes() {
        let (node, problems) = read("{\"a\": \"\\ud83d\\ude00\\/\",\n\t\"b\": [1, 2.50, null]}");
        assert_eq!(problems, [""; 0]);
        let json = node.expect("a tree").to_json();
        assert_eq!(json, serde_json::json!({"a": "😀/", "b": [1, 2.5, null]}));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = String::from("a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n");
        for level in 1..12 {
            let alias = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", "));
        }
        let (node, problems) = read(&text);
        assert!(node.is_none());
        assert_eq!(
            problems,
            ["the file holds more than 200000 values, or is nested more than 64 deep"]
        );
    }

    #[test]
    fn depth_is_limited() {
        let (node, problems) = read(&"[".repeat(10_000));
        assert!(node.is_none());
        assert_eq!(problems, ["this is not valid YAML"]);
    }
}
