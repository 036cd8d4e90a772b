//! Whatever a snapshot file holds can be read or is reported; what is read is written and read
//! back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rehearsal::{snapshot::{file, transcript}, source::{Problems, SourceFile}};

fuzz_target!(|text: &str| {
    let masked = file::masked(text);
    assert_eq!(masked.len(), text.len());
    let _ = file::accepted_form(text);
    let mut problems = Problems::default();
    let Some(entries) = transcript::read(&SourceFile::new("a.snap", masked), &mut problems) else {
        for problem in problems.into_sorted() {
            let _ = problem.render(false);
        }
        return;
    };
    let written = transcript::write(&entries);
    let mut problems = Problems::default();
    let again = transcript::read(&SourceFile::new("a.snap", written.as_str()), &mut problems);
    assert_eq!(again.as_ref(), Some(&entries), "{written}");
});
