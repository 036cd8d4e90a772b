//! Whatever an agent file holds, reading it reports or succeeds, and every report can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rehearsal::{agent::AgentScript, source::{Problems, SourceFile}};

fuzz_target!(|text: &str| {
    let mut problems = Problems::default();
    let _ = AgentScript::from_file(&SourceFile::new("agent.yaml", text), &mut problems);
    for problem in problems.into_sorted() {
        let _ = problem.render(false);
    }
});
