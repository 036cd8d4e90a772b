//! libtest's arguments.

use std::ffi::OsString;

/// Takes the filters out of libtest's arguments, for there may be several.
pub(super) fn split_filters(
    arguments: impl Iterator<Item = OsString>,
) -> (Vec<String>, Vec<OsString>) {
    const WITH_VALUE: &[&str] =
        &["--test-threads", "--logfile", "--skip", "--color", "--format", "-Z"];
    let mut filters = Vec::new();
    let mut rest = Vec::new();
    let mut takes_value = true; // The program's own name stands first.
    let mut only_filters = false;
    for argument in arguments {
        let text = argument.to_string_lossy().into_owned();
        if !only_filters && (takes_value || text.starts_with('-')) {
            only_filters = text == "--" && !takes_value;
            takes_value = !takes_value && WITH_VALUE.contains(&text.as_str());
            if !only_filters {
                rest.push(argument);
            }
        } else {
            filters.push(text);
        }
    }
    (filters, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_filters_are_taken_out_of_the_arguments() {
        let words =
            ["bin", "billing", "--skip", "slow", "--exact", "a b", "--test-threads=2", "--", "-x"];
        let (filters, rest) = split_filters(words.iter().map(OsString::from));
        assert_eq!(filters, ["billing", "a b", "-x"]);
        assert_eq!(rest, ["bin", "--skip", "slow", "--exact", "--test-threads=2"]);
    }
}
