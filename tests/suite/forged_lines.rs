//! Laws of what is laid out for people: whatever an agent says, no line is a command of a CI system,
//! and no line is wider than there is room.

use proptest::prelude::*;
use rehearsal::{
    render::{Style, terminal::diff},
    text::{
        layout::{WIDTH, brief, fill, wrap},
        one_line, printable,
    },
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text of what commands are made of, in every order.
fn hostile() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            ":",
            "::",
            ":::",
            "::error::x",
            "std::string",
            "##[error]",
            "##",
            "[",
            "a",
            " ",
            "  ",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "\u{a0}",
            "\u{3000}",
            "\u{200b}",
            "\u{1b}[1m",
            "\\",
            "界",
        ])
        .prop_map(str::to_owned),
        "a{1,90}",
        any::<String>(),
    ];
    proptest::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

/// Whether GitHub's runner or Azure's agent would act on a line.
fn is_command(line: &str) -> bool {
    line.trim_start().starts_with("::") || line.contains("##[")
}

fn holds_command(text: &str) -> bool {
    text.split('\n').any(is_command)
}

/// The columns of a line character by character, as most terminals count them: also where two of
/// them make one emoji.
fn columns(line: &str) -> usize {
    line.chars().filter_map(UnicodeWidthChar::width).sum()
}

mod laws {
    use super::*;
    use crate::common::laws::config;

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn no_line_is_a_command_however_it_is_laid_out(text in hostile(), width in 4usize..90, margin in 0usize..8) {
            prop_assert!(!holds_command(&printable(&text)));
            prop_assert!(!is_command(&one_line(&text)) && !one_line(&text).contains('\n'));

            let short = brief(&text, width);
            prop_assert!(!is_command(&short) && columns(&short) <= width, "{}", short);
            for line in fill(&text, width) {
                prop_assert!(!is_command(&format!("{:margin$}{line}", "")), "{}", line);
                prop_assert!(line.width() <= width || !line.trim().contains(' '), "{}", line);
            }
            for line in wrap(&text, width, usize::MAX) {
                prop_assert!(!is_command(&format!("{:margin$}{line}", "")), "{}", line);
                prop_assert!(columns(&line) <= width, "{}", line);
            }
        }

        #[test]
        fn no_row_of_a_difference_is_a_command(old in hostile(), new in hostile(), indent in 0usize..8) {
            let rows = diff::render(&old, &new, indent, Style::Plain);
            prop_assert!(!holds_command(&rows), "{}", rows);
            let widest = rows.split('\n').map(columns).max().unwrap_or(0);
            prop_assert!(widest <= WIDTH, "{}", rows);
        }
    }
}

#[test]
fn what_only_looks_like_a_command_is_shown_as_it_is() {
    let said = "A std::string is `a::b`, # not ##.";
    assert_eq!(printable(said), said);
    assert_eq!(wrap(said, 80, 9), [said]);
    assert_eq!(diff::render("", said, 0, Style::Plain), format!("+ {said}"));
}
