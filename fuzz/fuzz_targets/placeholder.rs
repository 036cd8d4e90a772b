//! What an agent said is accepted once it is redacted, and matching anything against anything ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rehearsal::{config::Redaction, snapshot::{Redactor, accepted::accepts}, text::{placeholder, Pattern}};

fuzz_target!(|texts: (&str, &str)| {
    let (accepted, said) = texts;
    let pattern = Pattern::new("BK-[0-9]+|^Hi|x$").expect("a pattern");
    let redactor = Redactor::new(&[Redaction { name: "reference".to_owned(), pattern }]);
    assert!(accepts(&redactor.redact(said), said, &redactor));
    let _ = accepts(accepted, said, &redactor);
    let _ = placeholder::pieces(accepted);
});
