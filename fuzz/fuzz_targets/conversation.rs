//! Whatever a conversation file holds, reading it reports or succeeds, and every report can be shown.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rehearsal::{config::Config, source::{Problems, SourceFile}, conversation};

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let file = SourceFile::new(
        "rehearsal.toml",
        "[projects.bistro]\nvariants = { downtown = \"V-1\", uptown = \"V-2\" }\n\
         [projects.bistro.environments.local]\nagent = \"agent.yaml\"\n",
    );
    Config::from_file(&file, &mut Problems::default()).expect("a valid configuration")
});

fuzz_target!(|text: &str| {
    for path in ["a.yaml", "a.json"] {
        let mut problems = Problems::default();
        let _ = conversation::read(&SourceFile::new(path, text), "a", &CONFIG, &mut problems);
        for problem in problems.into_sorted() {
            let _ = problem.render(true);
        }
    }
});
