//! A snapshot file: insta's front matter, then the body.

/// What stands in the front matter of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontMatter<'a> {
    /// The conversation file, relative to the workspace, with `/`.
    pub source: &'a str,
    /// The line of the conversation that differs first; in pending snapshots only.
    pub assertion_line: Option<usize>,
}

/// The text of a snapshot file. `source` stands first: `cargo insta test --unreferenced` knows
/// a snapshot by it.
#[must_use]
pub fn write(front: &FrontMatter<'_>, body: &str) -> String {
    let mut text = String::from("---\nsource: ");
    super::yaml::write_scalar(&mut text, front.source, 2);
    text.push('\n');
    if let Some(line) = front.assertion_line {
        text.push_str(&format!("assertion_line: {line}\n"));
    }
    text.push_str("---\n");
    text.push_str(body);
    text.push('\n');
    text
}

/// The accepted form of a pending snapshot: the same without its `assertion_line`, as
/// `cargo insta accept` writes it.
#[must_use]
pub fn accepted_form(pending: &str) -> String {
    let end = front_matter_end(pending);
    let (front, body) = pending.split_at(end);
    let kept: String =
        front.split_inclusive('\n').filter(|line| !line.starts_with("assertion_line:")).collect();
    kept + body
}

/// The same front matter with another body.
#[must_use]
pub fn with_body(text: &str, body: &str) -> String {
    format!("{}{body}\n", &text[..front_matter_end(text)])
}

/// The file's text with the front matter turned into comments, byte for byte, so that what is
/// left is YAML in which every place is the place in the file.
#[must_use]
pub fn masked(text: &str) -> String {
    let end = front_matter_end(text);
    let (front, body) = text.split_at(end);
    let mask = |byte: u8| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { '#' };
    let mut masked = String::with_capacity(text.len());
    masked.extend(front.bytes().map(mask));
    masked.push_str(body);
    masked
}

/// What the front matter names as the file that the snapshot belongs to.
#[must_use]
pub fn source(text: &str) -> Option<&str> {
    let front = &text[..front_matter_end(text)];
    let source = front.lines().find_map(|line| line.strip_prefix("source:"))?;
    Some(source.trim().trim_matches(['"', '\'']))
}

/// Where the body starts: after the second line that is `---`; 0 when there is no front matter.
fn front_matter_end(text: &str) -> usize {
    let mut end = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let is_marker = line.trim_end() == "---";
        if number == 0 && !is_marker {
            return 0;
        }
        end += line.len();
        if number > 0 && is_marker {
            return end;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepting_drops_the_assertion_line_and_nothing_else() {
        let front = FrontMatter { source: "conversations/a.yaml", assertion_line: Some(7) };
        let pending = write(&front, "- user: assertion_line\n  agent: |-\n    a\n    ---\n    b");
        let accepted = write(
            &FrontMatter { assertion_line: None, ..front },
            "- user: assertion_line\n  agent: |-\n    a\n    ---\n    b",
        );
        assert_eq!(accepted_form(&pending), accepted);
        assert_eq!(masked(&accepted).len(), accepted.len());
    }
}
