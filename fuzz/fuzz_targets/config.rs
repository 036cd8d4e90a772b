//! Whatever rehearsal.toml holds, reading it reports or succeeds, and every report can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rehearsal::{config::Config, source::{Problems, SourceFile}};

fuzz_target!(|text: &str| {
    let mut problems = Problems::default();
    let _ = Config::from_file(&SourceFile::new("rehearsal.toml", text), &mut problems);
    for problem in problems.into_sorted() {
        let _ = problem.render(false);
    }
});
