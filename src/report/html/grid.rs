//! The picture of a run: conversations × variants.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Kind, link::Links, text::Html};
use crate::report::CaseRecord;

/// With more conversations than this, names give way to squares.
const MOST_NAMED: usize = 60;

/// Conversations × variants, as a table or, where there are many, as squares by folder.
#[derive(Debug)]
pub struct Grid {
    /// The variants.
    pub columns: Vec<Html>,
    /// The conversations, where they are few enough to be named.
    pub rows: Vec<Row>,
    /// The folders, where they are not.
    pub folders: Vec<Folder>,
}

/// A conversation in every variant.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: Html,
    /// Its cases, in the order of the columns.
    pub cells: Vec<Option<Cell>>,
}

/// A folder of conversations.
#[derive(Debug)]
pub struct Folder {
    /// Its name.
    pub name: Html,
    /// The cases in it.
    pub cells: Vec<Cell>,
}

/// A case.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where it stands.
    pub id: Html,
    /// What came of it.
    pub kind: Kind,
    /// Its name and why it did not pass.
    pub title: Html,
}

impl Grid {
    /// The grid of these cases.
    pub fn of(cases: &[Arc<CaseRecord>], links: &Links) -> Self {
        let names: BTreeSet<_> = cases.iter().map(|case| row_key(case)).collect();
        if names.len() > MOST_NAMED {
            return Self { columns: Vec::new(), rows: Vec::new(), folders: folders(cases, links) };
        }
        let variants: BTreeSet<Option<&str>> = cases.iter().map(|one| one.case.variant()).collect();
        let environments: BTreeSet<_> = cases.iter().map(|one| &one.environment).collect();
        let mut rows: BTreeMap<_, BTreeMap<Option<&str>, Cell>> = BTreeMap::new();
        for case in cases {
            rows.entry(row_key(case)).or_default().insert(case.case.variant(), cell(case, links));
        }
        let row = |((_, environment, name), cells): (
            (&str, &str, &str),
            BTreeMap<Option<&str>, Cell>,
        )| Row {
            name: match environments.len() {
                1 => Html::text(name),
                _ => Html::text(&format!("{name} · {environment}")),
            },
            cells: variants.iter().map(|variant| cells.get(variant).cloned()).collect(),
        };
        let mut rows: Vec<Row> = rows.into_iter().map(row).collect();
        // The table may be longer than what is seen of it at once.
        rows.sort_by_key(|row| row.cells.iter().flatten().map(|cell| cell.kind.rank()).min());
        Self {
            rows,
            columns: variants.iter().map(|one| Html::text(one.unwrap_or("no variant"))).collect(),
            folders: Vec::new(),
        }
    }
}

fn row_key(case: &CaseRecord) -> (&str, &str, &str) {
    (&case.project, &case.environment, case.case.conversation())
}

fn folders(cases: &[Arc<CaseRecord>], links: &Links) -> Vec<Folder> {
    let mut folders: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for case in cases {
        let folder = case.case.conversation().rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder.to_owned()).or_default().push(cell(case, links));
    }
    folders.into_iter().map(|(name, cells)| Folder { name: Html::text(&name), cells }).collect()
}

fn cell(case: &CaseRecord, links: &Links) -> Cell {
    let reason = case.reason.as_deref().filter(|_| case.is_bad());
    let title = match reason {
        Some(reason) => format!("{}: {reason}", case.case),
        None => case.case.to_string(),
    };
    Cell { id: links.case(case), kind: Kind::of(case), title: Html::text(&title) }
}
