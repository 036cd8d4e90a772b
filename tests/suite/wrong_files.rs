//! Every wrong file below `tests/wrong` gets a sentence, a place and a caret; the texts are
//! pinned beside it in `tests/wrong/messages`.

use std::{fs, path::Path};

use rehearsal::{
    agent::AgentScript,
    config::Config,
    conversation::discover::Discovered,
    render::Style,
    source::{Problems, Severity},
    suite,
};

const FOLDER: &str = "tests/wrong";

/// The messages for one file, as `rehearsal check` prints them.
fn pin(kind: &str, path: &Path, problems: Problems) {
    assert!(problems.has_errors(), "no mistake is reported in {}", path.display());
    let messages = problems.into_sorted();
    assert!(messages.iter().any(|message| message.severity == Severity::Error));
    let rendered: Vec<String> =
        messages.iter().map(|message| message.render(Style::Plain)).collect();
    let rendered = rendered.join("\n\n");
    assert!(
        !rendered.contains("fake-"),
        "a credential is shown for {}:\n{rendered}",
        path.display()
    );
    let name = path.file_name().unwrap_or_default().to_string_lossy().replace('.', "_");
    insta::with_settings!({
        snapshot_path => Path::new("../wrong/messages").join(kind),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, rendered);
    });
}

/// The files of a folder, each handed to `read`; insta reports all that differ, not the first.
fn each(kind: &str, read: impl Fn(&Path, &mut Problems)) {
    let folder = Path::new(FOLDER).join(kind);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let mut failed = Vec::new();
    for path in &paths {
        let mut problems = Problems::default();
        read(path, &mut problems);
        if std::panic::catch_unwind(|| pin(kind, path, problems)).is_err() {
            failed.push(path.display().to_string());
        }
    }
    assert!(paths.len() > 40 || kind != "conversations", "only {} files", paths.len());
    assert!(failed.is_empty(), "differ: {failed:#?}");
}

#[test]
fn every_wrong_conversation_is_pointed_at() {
    let mut problems = Problems::default();
    let config = Config::read(&Path::new(FOLDER).join("rehearsal.toml"), &mut problems);
    let config = config.expect("the file is there").expect("it is valid");
    let config = config.at("2026-11-24T12:00:00Z".parse().expect("a time"));
    assert!(problems.is_empty());
    each("conversations", |path, problems| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        suite::read_conversation(&Discovered { name, path: path.to_owned() }, &config, problems);
    });
}

#[test]
fn every_wrong_config_is_pointed_at() {
    each("configs", |path, problems| {
        Config::read(path, problems).expect("it can be read");
    });
}

#[test]
fn every_wrong_agent_is_pointed_at() {
    each("agents", |path, problems| {
        AgentScript::read_file(path, problems);
    });
}
