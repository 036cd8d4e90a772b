//! The picture of a run: conversations × variants.

use std::collections::{BTreeMap, BTreeSet};

use super::{ShownCase, kind::VerdictClass, link::Links, text::Html};

/// With more conversations than this, names give way to squares.
const MOST_NAMED: usize = 60;

/// Conversations × variants, as a table or, where there are many, as squares by folder.
#[derive(Debug)]
pub struct Grid<'a> {
    /// The variants.
    pub columns: Vec<Html<'a>>,
    /// The conversations, where they are few enough to be named.
    pub rows: Vec<GridRow<'a>>,
    /// The folders, where they are not.
    pub folders: Vec<Folder<'a>>,
}

/// A conversation in every variant.
#[derive(Debug)]
pub struct GridRow<'a> {
    /// Its name.
    pub name: Html<'a>,
    /// Its cases, in the order of the columns.
    pub cells: Vec<Option<Cell<'a>>>,
}

/// A folder of conversations.
#[derive(Debug)]
pub struct Folder<'a> {
    /// Its name.
    pub name: Html<'a>,
    /// The cases in it.
    pub cells: Vec<Cell<'a>>,
}

/// A case.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// Where it stands.
    pub id: Html<'a>,
    /// The result of it.
    pub kind: VerdictClass,
    /// Its name and why it did not pass.
    pub title: Html<'a>,
}

impl<'a> Grid<'a> {
    /// The grid of these cases.
    pub fn of(cases: &'a [ShownCase], links: &Links) -> Self {
        let names: BTreeSet<_> = cases.iter().map(row_key).collect();
        if names.len() > MOST_NAMED {
            return Self { columns: Vec::new(), rows: Vec::new(), folders: folders(cases, links) };
        }
        let variants: BTreeSet<Option<&str>> = cases.iter().map(|one| one.case.variant()).collect();
        let environments: BTreeSet<_> = cases.iter().map(|one| &one.place.environment).collect();
        let mut rows: BTreeMap<_, BTreeMap<Option<&str>, Cell<'a>>> = BTreeMap::new();
        for case in cases {
            rows.entry(row_key(case)).or_default().insert(case.case.variant(), cell(case, links));
        }
        let row = |((_, environment, name), cells): (
            (&str, &str, &'a str),
            BTreeMap<Option<&str>, Cell<'a>>,
        )| GridRow {
            name: match environments.len() {
                1 => Html::text(name),
                _ => Html::text(format!("{name} · {environment}")),
            },
            cells: variants.iter().map(|variant| cells.get(variant).cloned()).collect(),
        };
        let mut rows: Vec<GridRow<'a>> = rows.into_iter().map(row).collect();
        // The table may be longer than what is seen of it at once.
        rows.sort_by_key(|row| row.cells.iter().flatten().map(|cell| cell.kind.rank()).min());
        Self {
            rows,
            columns: variants.iter().map(|one| Html::text(one.unwrap_or("no variant"))).collect(),
            folders: Vec::new(),
        }
    }
}

fn row_key(case: &ShownCase) -> (&str, &str, &str) {
    (&case.place.project, &case.place.environment, case.case.conversation())
}

fn folders<'a>(cases: &'a [ShownCase], links: &Links) -> Vec<Folder<'a>> {
    let mut folders: BTreeMap<&str, Vec<Cell<'a>>> = BTreeMap::new();
    for case in cases {
        let folder = case.case.conversation().rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder).or_default().push(cell(case, links));
    }
    folders.into_iter().map(|(name, cells)| Folder { name: Html::text(name), cells }).collect()
}

fn cell<'a>(case: &'a ShownCase, links: &Links) -> Cell<'a> {
    let title = match &case.reason {
        Some(reason) => Html::text(format!("{}: {reason}", case.case)),
        None => Html::text(case.case.as_str()),
    };
    Cell { id: links.case(&case.place.environment, &case.case), kind: case.kind, title }
}
