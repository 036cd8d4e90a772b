//! A name of a type means one thing in all of `src/`.

use std::{collections::BTreeMap, fs};

/// The name that a line defines a type with. Types of traits (`type Err`) are named by the trait.
fn defined(line: &str) -> Option<&str> {
    let item = line.trim_start();
    let item = match item.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => item,
    };
    let (keyword, rest) = item.split_once(' ')?;
    let is_type = match keyword {
        "struct" | "enum" | "trait" => true,
        "type" => !line.starts_with(' '),
        _ => false,
    };
    let name = rest.split(|c: char| !c.is_alphanumeric()).next()?;
    (is_type && name.starts_with(char::is_uppercase)).then_some(name)
}

#[test]
fn no_two_types_share_a_name() {
    let mut names = BTreeMap::<String, Vec<String>>::new();
    for entry in walkdir::WalkDir::new("src") {
        let path = entry.expect("an entry").into_path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            for (line, name) in text.lines().zip(1..).filter_map(|(l, n)| Some((n, defined(l)?))) {
                names
                    .entry(name.to_owned())
                    .or_default()
                    .push(format!("{}:{line}", path.display()));
            }
        }
    }
    assert!(names.len() > 300, "{}", names.len());
    names.retain(|_, places| places.len() > 1);
    assert!(names.is_empty(), "{names:#?}");
}
