//! The committed schemas are what the program prints, and the shipped files name them.

use std::{fs, path::Path};

use crate::common::Team;

#[test]
fn the_committed_schemas_are_up_to_date() {
    for kind in ["conversation", "config", "agent", "events"] {
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

#[test]
fn every_event_and_field_is_documented() {
    let docs = fs::read_to_string("docs/events.md").expect("the document");
    let schema = fs::read_to_string("schema/events.schema.json").expect("the schema");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    let mut fields = 0;
    for (part, definition) in schema["$defs"].as_object().expect("the parts") {
        let (_, section) =
            docs.split_once(&format!("# {part}\n")).unwrap_or_else(|| panic!("{part}"));
        let section = section.split("\n#").next().unwrap_or_default();
        for (field, about) in definition["properties"].as_object().expect("its fields") {
            assert!(section.contains(&format!("| `{field}` | ")), "{part}.{field}");
            let meaning = about["description"].as_str().expect("a description");
            assert!(section.contains(meaning), "{part}.{field}: {meaning}");
            fields += 1;
        }
    }
    assert!(fields > 80, "{fields}");
}
