//! The body of a snapshot: the transcript, in YAML.

use std::sync::Arc;

use super::yaml::write_scalar;
use crate::source::{
    Diagnostic, Node, Problems, SourceFile,
    conform::conform,
    shape::{Key, Shape, ValueKind},
    yaml,
};

/// One entry: a turn, or the greeting (which has no user line and stands first).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The user's line as the conversation file has it, `${names}` unexpanded.
    pub user: Option<String>,
    /// The accepted texts: none where the text is not pinned, several where each is accepted.
    pub agent: Vec<String>,
}

static ENTRY_KIND: ValueKind = ValueKind::Map(&ENTRY);

static ENTRY: Shape = Shape {
    name: "entry",
    what: "an entry of a snapshot",
    keys: &[
        Key::optional("user", ValueKind::Text, "The user's line, as the conversation has it."),
        Key::optional(
            "agent",
            ValueKind::OneOrMany(&ValueKind::Text),
            "The accepted text, or a list of accepted ones.",
        ),
    ],
};

/// Reads the body. `file` must hold nothing but YAML (see [`super::file::masked`]).
pub fn read(file: &Arc<SourceFile>, problems: &mut Problems) -> Option<Vec<Entry>> {
    let before = problems.len();
    let node = yaml::parse(file, problems)?;
    conform(file, &node, &ValueKind::List(&ENTRY_KIND), problems);
    let entries: Vec<Entry> = node.items().iter().map(entry).collect();
    for (index, (entry, node)) in entries.iter().zip(node.items()).enumerate() {
        if entry.user.is_none() && index > 0 {
            problems.push(
                Diagnostic::error(
                    file,
                    node.span,
                    "an entry without `user` is the greeting and must come first",
                )
                .help("add the user's line, or remove the entry"),
            );
        }
    }
    (problems.len() == before).then_some(entries)
}

fn entry(node: &Node) -> Entry {
    let agent = node.get("agent").map(Node::one_or_many).unwrap_or_default();
    Entry {
        user: node.get("user").and_then(Node::text).map(str::to_owned),
        agent: agent.iter().filter_map(Node::text).map(str::to_owned).collect(),
    }
}

/// Writes the body, without a line end after the last line.
#[must_use]
pub fn write(entries: &[Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        let mut lead = "- ";
        if let Some(user) = &entry.user {
            out.push_str("- user: ");
            write_scalar(&mut out, user, 4);
            out.push('\n');
            lead = "  ";
        }
        match entry.agent.as_slice() {
            [] => {}
            [agent] => {
                out.push_str(lead);
                out.push_str("agent: ");
                write_scalar(&mut out, agent, 4);
                out.push('\n');
            }
            several => {
                out.push_str(lead);
                out.push_str("agent:\n");
                for agent in several {
                    out.push_str("    - ");
                    write_scalar(&mut out, agent, 6);
                    out.push('\n');
                }
            }
        }
    }
    out.truncate(out.trim_end_matches('\n').len());
    out
}
