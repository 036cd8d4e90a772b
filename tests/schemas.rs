//! The committed schemas are what the program prints, and the shipped files name them.

mod common;

use std::{fs, path::Path};

use common::Team;

#[test]
fn the_committed_schemas_are_up_to_date() {
    for kind in ["conversation", "config", "agent"] {
        let printed = Team::empty().run(&["schema", kind]).expect(0).stdout;
        let path = format!("schema/{kind}.schema.json");
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, printed, "run: rehearsal schema {kind} > {path}");
    }
}

#[test]
fn the_shipped_files_name_a_schema_that_exists() {
    let mut files = 0;
    for entry in
        walkdir::WalkDir::new("conversations").into_iter().chain(walkdir::WalkDir::new("agents"))
    {
        let path = entry.expect("an entry").into_path();
        if !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file");
        let named = text.split("$schema").nth(1).unwrap_or_default();
        let named = named.trim_start_matches(['=', '"', ':', ' ']);
        let named = named.split(['\n', '"']).next().unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new(""));
        assert!(folder.join(named).is_file(), "{}: {named:?}", path.display());
        files += 1;
    }
    assert!(files >= 16, "{files}");
}
