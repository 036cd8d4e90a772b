//! Two texts, line by line, with the words that differ marked.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthChar;

use crate::text::{
    layout::{Style, WIDTH},
    printable,
    word_diff::TIME_LIMIT,
};

/// How many equal lines are kept around a difference.
const CONTEXT: usize = 2;

/// How much of a text is compared, in bytes: far more than is shown.
const MOST_COMPARED: usize = 16 << 10;

/// How many rows a difference may take.
const MOST_ROWS: usize = 60;

/// The difference between two untrusted texts: `-` the old line, `+` the new one. Where there is
/// no colour, a row of `^` below a line marks the words that differ.
#[must_use]
pub fn render(old: &str, new: &str, indent: usize, style: Style) -> String {
    let (old, new) = (printable(first(old)), printable(first(new)));
    let diff = TextDiff::configure().timeout(TIME_LIMIT).diff_lines(old.as_ref(), new.as_ref());
    let mut rows = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            rows.push(format!("{}{}", " ".repeat(indent), style.dim("  …")));
        }
        for operation in group {
            for change in diff.iter_inline_changes(operation) {
                let line = DiffLine { tag: change.tag(), cells: cells(&change) };
                line.render(indent, style, &mut rows);
            }
        }
    }
    if rows.len() > MOST_ROWS {
        let left_out = rows.len() - MOST_ROWS;
        rows.truncate(MOST_ROWS);
        rows.push(format!("{}… ({left_out} more rows)", " ".repeat(indent)));
    }
    rows.join("\n")
}

fn first(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_COMPARED)]
}

/// The characters of a line, each with whether it differs.
fn cells(change: &similar::InlineChange<'_, str>) -> Vec<(char, bool)> {
    let mut cells = Vec::new();
    for (marked, text) in change.iter_strings_lossy() {
        cells.extend(text.chars().filter(|c| *c != '\n').map(|c| (c, marked)));
    }
    cells
}

struct DiffLine {
    tag: ChangeTag,
    cells: Vec<(char, bool)>,
}

impl DiffLine {
    fn render(&self, indent: usize, style: Style, rows: &mut Vec<String>) {
        let sign = match self.tag {
            ChangeTag::Delete => "- ",
            ChangeTag::Insert => "+ ",
            ChangeTag::Equal => "  ",
        };
        // Where everything differs, marking everything says nothing.
        let partly = self.cells.iter().any(|(_, marked)| !marked);
        for (number, row) in wrap(&self.cells, WIDTH - indent - 2).iter().enumerate() {
            let sign = if number == 0 { sign } else { "  " };
            rows.push(format!("{}{}", " ".repeat(indent), self.paint(sign, row, partly, style)));
            if partly && style == Style::Plain && row.iter().any(|(_, marked)| *marked) {
                rows.push(format!("{}  {}", " ".repeat(indent), carets(row)));
            }
        }
    }

    fn paint(&self, sign: &str, row: &[(char, bool)], partly: bool, style: Style) -> String {
        let text = |cells: &[(char, bool)]| cells.iter().map(|(c, _)| *c).collect::<String>();
        if style == Style::Plain || self.tag == ChangeTag::Equal {
            return format!("{sign}{}", text(row)).trim_end().to_owned();
        }
        let colour = if self.tag == ChangeTag::Delete {
            anstyle::AnsiColor::Red
        } else {
            anstyle::AnsiColor::Green
        };
        let base = colour.on_default();
        let strong = base | anstyle::Effects::BOLD | anstyle::Effects::UNDERLINE;
        let mut painted = format!("{base}{sign}{base:#}");
        for run in row.chunk_by(|a, b| a.1 == b.1) {
            let paint = if partly && run.first().is_some_and(|(_, marked)| *marked) {
                strong
            } else {
                base
            };
            painted.push_str(&format!("{paint}{}{paint:#}", text(run)));
        }
        painted
    }
}

fn carets(row: &[(char, bool)]) -> String {
    let mark =
        |(c, marked): &(char, bool)| if *marked { "^" } else { " " }.repeat(c.width().unwrap_or(0));
    row.iter().map(mark).collect::<String>().trim_end().to_owned()
}

/// Rows of at most `width` columns, broken after spaces where there are any. None begins with what
/// a CI system would take for a command.
fn wrap(cells: &[(char, bool)], width: usize) -> Vec<Vec<(char, bool)>> {
    let mut rows = Vec::new();
    let mut rest = cells.to_vec();
    while !rest.is_empty() {
        if let Some(at) = command(&rest) {
            rest.insert(at + 1, ('\\', false));
        }
        let mut row: Vec<_> = rest.drain(..row_end(&rest, width)).collect();
        // Spaces at which a line is broken may stand beyond its end.
        row.truncate(
            width.max(row.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1)),
        );
        rows.push(row);
    }
    if rows.is_empty() {
        rows.push(Vec::new());
    }
    rows
}

/// Where the `::` is that the cells begin with after white space.
fn command(cells: &[(char, bool)]) -> Option<usize> {
    let at = cells.iter().position(|(c, _)| !c.is_whitespace())?;
    cells[at..].iter().take(2).map(|(c, _)| *c).eq("::".chars()).then_some(at)
}

fn row_end(cells: &[(char, bool)], width: usize) -> usize {
    let mut used = 0;
    let mut last_space = None;
    for (index, (c, _)) in cells.iter().enumerate() {
        used += c.width().unwrap_or(0);
        if used > width && *c != ' ' {
            return last_space.unwrap_or(index).max(1);
        }
        if *c == ' ' {
            last_space = Some(index + 1);
        }
    }
    cells.len()
}
