//! Mismatches in words.

use crate::{
    chat::Handoff,
    check::{Aspect, MismatchKind},
    report::{
        ExchangeReport,
        diff::nearest,
        filled::filled,
        marked::{Mark, Run, marked},
    },
    text::{alike::is_blank, layout, printable},
};

/// A mismatch in words: a title, and what was expected and what came where one line says it.
#[derive(Debug)]
pub(super) struct Description {
    /// The side of the response and the turn: "handoff in turn 4".
    pub subject: String,
    /// What happened, in one line.
    pub title: String,
    /// What stands at the caret.
    pub label: String,
    /// Pairs of a word and what it introduces.
    pub facts: Vec<(&'static str, String)>,
}

/// Puts a mismatch of an exchange into words.
pub(super) fn describe(kind: &MismatchKind, exchange: &ExchangeReport) -> Description {
    let mut description = Description {
        subject: format!("{} in {}", aspect(kind.aspect()), turn(exchange)),
        title: title(kind),
        label: label(kind),
        facts: facts(kind, exchange),
    };
    if is_blank(&exchange.said.response) && matters_when_silent(kind) {
        description.facts.push(("note", "the agent said nothing".to_owned()));
    }
    description
}

fn aspect(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Text => "text",
        Aspect::Forbidden => "forbidden text",
        Aspect::Handoff => "handoff",
        Aspect::End => "end",
        Aspect::Latency => "latency",
    }
}

fn matters_when_silent(kind: &MismatchKind) -> bool {
    kind.aspect() == Aspect::Text
        && !matches!(
            kind,
            MismatchKind::Not { .. } | MismatchKind::Unbound { .. } | MismatchKind::Silence
        )
}

fn turn(exchange: &ExchangeReport) -> String {
    match exchange.turn {
        0 => "the greeting".to_owned(),
        turn => format!("turn {turn}"),
    }
}

fn title(kind: &MismatchKind) -> String {
    match kind {
        MismatchKind::Equals { .. } => "the response is another text".to_owned(),
        MismatchKind::Contains { .. } => "the response does not contain the text".to_owned(),
        MismatchKind::Matches { .. } => "the pattern is not found in the response".to_owned(),
        MismatchKind::Not { matcher, .. } => {
            format!("the response has what `not: {matcher}` rules out")
        }
        MismatchKind::Any { alternatives } if alternatives.len() == 1 => {
            "the alternative does not hold".to_owned()
        }
        MismatchKind::Any { alternatives } => {
            format!("none of the {} alternatives holds", alternatives.len())
        }
        MismatchKind::NewText { .. } => "the response has not been accepted yet".to_owned(),
        MismatchKind::ChangedText { accepted, .. } if accepted.len() > 1 => {
            format!("the response is none of the {} accepted ones", accepted.len())
        }
        MismatchKind::ChangedText { .. } => "the response is not the accepted one".to_owned(),
        MismatchKind::Forbidden { pattern, .. } => {
            format!("the response matches `forbid` {}", layout::brief(pattern, 40))
        }
        MismatchKind::Handoff { .. } => handoff_title(kind),
        MismatchKind::End { expected: true } => "the agent did not end the conversation".to_owned(),
        MismatchKind::End { expected: false } => "the agent ended the conversation".to_owned(),
        MismatchKind::Latency { actual, .. } => {
            format!("the response took {}", layout::duration(*actual))
        }
        MismatchKind::Silence => "the agent said nothing".to_owned(),
        MismatchKind::Empty { name, written } => {
            let name = format!("${{{name}}}");
            let checks = if *written == name {
                "it".to_owned()
            } else {
                format!("`{}`", layout::brief(written, 40))
            };
            format!("`{name}` is empty here, so {checks} would check nothing")
        }
        MismatchKind::Unbound { name } => format!("`${{{name}}}` was never captured"),
    }
}

fn handoff_title(kind: &MismatchKind) -> String {
    let MismatchKind::Handoff { expected, actual } = kind else { return String::new() };
    match actual {
        None => format!("no handoff, where {} was expected", layout::brief(expected, 60)),
        Some(actual) if expected == "no handoff" => format!("the agent handed off{}", to(actual)),
        Some(actual) => match &actual.destination {
            Some(_) => format!("the agent handed off{}, which is not as expected", to(actual)),
            None => "the agent handed off, but named no destination".to_owned(),
        },
    }
}

fn to(handoff: &Handoff) -> String {
    handoff
        .destination
        .as_ref()
        .map(|name| format!(" to {}", layout::brief(name, 40)))
        .unwrap_or_default()
}

fn label(kind: &MismatchKind) -> String {
    match kind {
        MismatchKind::Equals { .. } | MismatchKind::Contains { .. } => {
            "not what the agent said".to_owned()
        }
        MismatchKind::Matches { .. } => "not found".to_owned(),
        MismatchKind::Not { .. } => "found".to_owned(),
        MismatchKind::Any { .. } => "none of these".to_owned(),
        MismatchKind::NewText { .. } => "the response to this is new".to_owned(),
        MismatchKind::ChangedText { .. } => "the response to this is pinned".to_owned(),
        MismatchKind::Forbidden { .. } => "in the response to this".to_owned(),
        MismatchKind::Handoff { expected, .. } if expected == "no handoff" => {
            "no handoff is expected".to_owned()
        }
        MismatchKind::Handoff { .. } => "not what the agent did".to_owned(),
        MismatchKind::End { expected: true } => "not what the agent did".to_owned(),
        MismatchKind::End { expected: false } => "no end is expected".to_owned(),
        MismatchKind::Latency { .. } => "too late".to_owned(),
        MismatchKind::Silence => "the response to this is empty".to_owned(),
        MismatchKind::Unbound { .. } | MismatchKind::Empty { .. } => "cannot be checked".to_owned(),
    }
}

fn facts(kind: &MismatchKind, exchange: &ExchangeReport) -> Vec<(&'static str, String)> {
    let safe = |text: &str| printable(text).into_owned();
    match kind {
        MismatchKind::Contains { expected } => vec![("expected", safe(expected))],
        MismatchKind::Matches { pattern } => vec![("pattern", safe(pattern))],
        MismatchKind::Not { unwanted, found, .. } => {
            vec![("ruled out", safe(unwanted)), ("found", safe(found))]
        }
        MismatchKind::Any { alternatives } => {
            let why = |kinds: &Vec<MismatchKind>| {
                kinds.iter().map(brief_reason).collect::<Vec<_>>().join("; ")
            };
            alternatives.iter().map(|kinds| ("not this", why(kinds))).collect()
        }
        MismatchKind::ChangedText { unknown_placeholders, .. } => unknown_placeholders
            .iter()
            .map(|name| {
                ("note", format!("{{{{{name}}}}} is not a placeholder; it stands for itself"))
            })
            .collect(),
        MismatchKind::Forbidden { found, .. } => vec![
            ("found", safe(found)),
            ("rule", "`forbid` of `[expect]` in rehearsal.toml".to_owned()),
        ],
        MismatchKind::Handoff { expected, actual } => {
            vec![("expected", safe(expected)), ("actual", handoff(actual.as_ref()))]
        }
        MismatchKind::End { expected } => {
            let word = |end| if end { "the conversation ends" } else { "the conversation goes on" };
            vec![
                ("expected", word(*expected).to_owned()),
                ("actual", word(exchange.said.end_conversation).to_owned()),
            ]
        }
        MismatchKind::Silence => {
            vec![("note", "where an empty answer is right, write `equals: \"\"`".to_owned())]
        }
        MismatchKind::Latency { limit, actual } => {
            vec![("allowed", layout::duration(*limit)), ("actual", layout::duration(*actual))]
        }
        _ => Vec::new(),
    }
}

fn brief_reason(kind: &MismatchKind) -> String {
    match kind {
        MismatchKind::Equals { expected } => format!("equals “{}”", layout::brief(expected, 50)),
        MismatchKind::Contains { expected } => {
            format!("contains “{}”", layout::brief(expected, 50))
        }
        MismatchKind::Matches { pattern } => format!("matches {}", layout::brief(pattern, 50)),
        MismatchKind::Not { found, .. } => format!("not, but found “{}”", layout::brief(found, 50)),
        other => other.matcher().to_owned(),
    }
}

/// A handoff in words.
#[must_use]
pub fn handoff(handoff: Option<&Handoff>) -> String {
    let Some(handoff) = handoff else { return "no handoff".to_owned() };
    let mut text = "a handoff".to_owned();
    match &handoff.destination {
        Some(destination) => text += &format!(" to {}", layout::brief(destination, 100)),
        None => text += " without a destination",
    }
    if let Some(reason) = &handoff.reason {
        text += &format!(", reason {}", layout::brief(reason, 100));
    }
    text
}

/// The first words that differ between two texts.
fn first_change(old: &str, new: &str) -> String {
    let runs = marked(&filled(old, new), new);
    let mut changed = runs.iter().skip_while(|run| run.mark == Mark::Kept);
    let quoted = |run: &Run| format!("“{}”", layout::brief(&run.text, 40));
    match (changed.next(), changed.next()) {
        (Some(old), Some(new)) if (old.mark, new.mark) == (Mark::Removed, Mark::Added) => {
            format!("{} instead of {}", quoted(new), quoted(old))
        }
        (Some(one), _) if one.mark == Mark::Removed => format!("without {}", quoted(one)),
        (Some(one), _) => format!("with {}", quoted(one)),
        (None, _) => "it differs where nothing shows".to_owned(),
    }
}

/// A mismatch in one line, for lists and for machines that show one.
#[must_use]
pub(super) fn one_line(kind: &MismatchKind, exchange: &ExchangeReport) -> String {
    let title = title(kind);
    let title = match kind {
        MismatchKind::Handoff { expected, actual: Some(_) } if expected != "no handoff" => {
            format!("{title} (expected {})", layout::brief(expected, 60))
        }
        MismatchKind::Contains { expected: text } | MismatchKind::Matches { pattern: text } => {
            format!("{title}: {}", layout::brief(text, 60))
        }
        MismatchKind::ChangedText { accepted, actual, .. } => {
            format!("{title}: {}", first_change(nearest(accepted, actual), actual))
        }
        _ => title,
    };
    format!("{}: {title}", turn(exchange))
}
