//! Laws of snapshots: what is written reads back the same, and what was said is accepted.

use crate::common::laws;
use proptest::prelude::*;
use rehearsal::{
    config::Redaction,
    snapshot::{
        Entry, Redactor, accepted::accepts, carry, file, loosen, redact::normalise, transcript,
    },
    source::{Problems, SourceFile},
    text::{Pattern, placeholder, printable::is_unsafe},
};

/// Text as agents and attackers write it: words, YAML's and insta's own signs, anything at all.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z]{1,8}",
        Just(" ".to_owned()),
        Just("\n".to_owned()),
        Just("{{any}}".to_owned()),
        Just("{{".to_owned()),
        Just("}}".to_owned()),
        Just("---".to_owned()),
        Just("- a: b #c".to_owned()),
        Just("BK-123456".to_owned()),
        Just("\u{1b}[31m\0\r\u{85}\u{2028}\u{feff}\u{202e}".to_owned()),
        Just("’“—\u{a0}é😀".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.concat())
}

/// Text of few words and values, so that two of them have something in common.
fn carried_text() -> impl Strategy<Value = String> {
    let words = [
        "for",
        " ",
        " ",
        ", ",
        "at",
        "12",
        "3:30",
        "£8",
        "BK-123456",
        "{{number}}",
        "{{time}}",
        "{{money}}",
        "{{any}}",
        "{{{{",
        "{{",
        "é",
        "\n",
    ];
    let word = proptest::sample::select(words.to_vec());
    proptest::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

/// Answers that keep most of their words.
fn loose_text() -> impl Strategy<Value = String> {
    ("[a-z£ ]{0,4}", carried_text(), "[0-9:., ]{0,6}").prop_map(|(start, middle, end)| {
        format!("{start}Your table at the terrace {middle} is ready for you and your guests{end}")
    })
}

fn redactor() -> Redactor {
    let pattern = Pattern::new("BK-[0-9]{6}").expect("a pattern");
    Redactor::new(&[Redaction { name: "booking reference".to_owned(), pattern }])
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (text(), proptest::collection::vec(text(), 0..3));
    let entry = entry.prop_map(|(user, agent)| Entry { user: Some(user), agent });
    proptest::collection::vec(entry, 1..5)
}

proptest! {
    #![proptest_config(laws::config())]

    #[test]
    fn what_is_written_reads_back_the_same(entries in entries(), source in "[a-zA-Z0-9 #:'_-]{1,20}\\.yaml") {
        let front = file::FrontMatter { source: &source, assertion_line: Some(3) };
        let text = file::write(&front, &transcript::write(&entries));
        let mut problems = Problems::default();
        let read = transcript::read(&SourceFile::new("x.snap", file::masked(&text)), &mut problems);
        let problems: Vec<String> = problems.into_sorted().iter().map(ToString::to_string).collect();
        prop_assert_eq!(&problems, &Vec::<String>::new(), "{}", text);
        prop_assert_eq!(read, Some(entries));
    }

    #[test]
    fn a_written_snapshot_shows_nothing_that_moves_a_cursor(entries in entries()) {
        let body = transcript::write(&entries);
        prop_assert!(!body.chars().any(is_unsafe), "{}", body);
    }

    #[test]
    fn what_was_said_is_accepted_once_it_is_redacted(said in text()) {
        let redactor = redactor();
        prop_assert!(accepts(&redactor.redact(&said), &said, &redactor));
    }

    #[test]
    fn what_was_said_is_accepted_with_placeholders_carried_over(
        accepted in carried_text(), said in carried_text()
    ) {
        let redactor = redactor();
        let carried = carry::carry(&accepted, &said, &redactor);
        prop_assert!(accepts(&carried, &said, &redactor), "{}", carried);
    }

    #[test]
    fn what_is_loosened_accepts_both_texts(first in loose_text(), second in loose_text()) {
        let redactor = redactor();
        let texts = (redactor.redact(&first), redactor.redact(&second));
        if let Ok(pattern) = loosen::loosen(&texts.0, &texts.1, &redactor) {
            prop_assert!(accepts(&pattern, &first, &redactor), "{pattern}");
            prop_assert!(accepts(&pattern, &second, &redactor), "{pattern}");
        }
    }

    #[test]
    fn another_text_is_not_accepted(said in "[a-z ]{1,20}", other in "[a-z ]{1,20}") {
        prop_assume!(normalise(&said) != normalise(&other));
        prop_assert!(!accepts(&redactor().redact(&said), &other, &redactor()));
    }

    #[test]
    fn an_escaped_text_holds_no_placeholder(text in text()) {
        let escaped = placeholder::escape(&text);
        let expected = if text.is_empty() { vec![] } else { vec![placeholder::Piece::Literal(text)] };
        prop_assert_eq!(placeholder::pieces(&escaped), expected);
    }
}

#[test]
fn placeholders_stand_for_what_they_say() {
    let redactor = redactor();
    let accepted = [
        ("{{number}}", "1,250.50"),
        ("{{number}}", "-3"),
        ("{{date}}", "2026-05-01"),
        ("{{date}}", "1 May 2026"),
        ("{{date}}", "Friday, the 3rd of July"),
        ("{{date}}", "March 15th, 1985"),
        ("{{date}}", "Monday"),
        ("{{time}}", "7:30 pm"),
        ("{{time}}", "19.30"),
        ("{{time}}", "7 p.m."),
        ("{{time}}", "noon"),
        ("{{money}}", "£12.50"),
        ("{{money}}", "20 dollars"),
        ("{{email}}", "ana.b+c@example.co.uk"),
        ("{{phone}}", "+44 20 7946 0123"),
        ("{{uuid}}", "123e4567-e89b-12d3-a456-426614174000"),
        ("{{booking reference}}", "BK-000001"),
        ("a {{any}} b", "a  b"),
        ("{{{{any}}", "{{any}}"),
    ];
    for (pattern, said) in accepted {
        assert!(accepts(pattern, said, &redactor), "{pattern} should accept {said}");
    }
    let refused = [
        ("{{number}}", "two"),
        ("{{date}}", "soon"),
        ("{{time}}", "7"),
        ("{{money}}", "12"),
        ("{{email}}", "ana at example"),
        ("{{uuid}}", "123e4567"),
        ("{{any}}", "two\nlines"),
        ("{{booking reference}}", "BK-1"),
        ("{{unknown}}", "x"),
    ];
    for (pattern, said) in refused {
        assert!(!accepts(pattern, said, &redactor), "{pattern} should not accept {said}");
    }
}

/// The shortcuts of the comparison give the verdict of the one expression that a text stands for.
#[test]
fn a_text_is_matched_however_its_placeholders_have_to_be_divided() {
    let redactor = redactor();
    let cases = [
        ("{{any}} and {{any}}.", "you and me and them.", true),
        ("{{any}}.", "One. Two.", true),
        ("{{number}}{{number}}", "12", true),
        ("{{number}}{{number}}", "1", false),
        ("{{any}}b{{any}}b", "abab", true),
        ("{{any}}b{{any}}b", "aab", false),
        ("a{{any}}a", "a", false),
        ("{{time}} {{any}}", "7 pm sharp", true),
        ("{{number}}, {{any}}", "1,2, x", true),
        ("{{number}},{{any}}", "1,2", true),
        ("on {{any}}\nat {{time}}", "on Monday\nat 7 pm", true),
        ("on {{any}} at {{time}}", "on\nMonday at 7 pm", false),
        ("{{booking reference}} {{booking reference}}", "BK-000001 BK-000002", true),
    ];
    for (accepted, said, expected) in cases {
        assert_eq!(accepts(accepted, said, &redactor), expected, "{accepted} and {said}");
    }
}
