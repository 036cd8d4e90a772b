//! What several plays answered, in lines for a person.

use super::Item;
use crate::{
    render::terminal::diff,
    snapshot::decision::TurnChange,
    text::{
        layout::{Style, count},
        word_diff,
    },
};

/// How many answers are shown, as many as have a key.
pub const MOST_ANSWERS: usize = 9;

/// Each answer with how many plays gave it, and how it differs from what is accepted.
pub(super) fn answers(
    item: &Item,
    change: &TurnChange,
    marked: &[usize],
    indent: usize,
    style: Style,
) -> Vec<String> {
    let answers = &item.answers;
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    for (index, answer) in answers.new.iter().enumerate().take(MOST_ANSWERS) {
        let mark = if marked.contains(&index) { ", marked" } else { "" };
        let share = answers.share(answer.plays);
        let label = format!("answer {}, {share}{mark}", index + 1);
        lines.push(format!("{margin}{}", style.strong(label)));
        let nearest = word_diff::nearest(&change.accepted, &answer.text);
        lines.push(diff::render(nearest, &answer.text, indent, style));
    }
    let more = answers.new.get(MOST_ANSWERS..).unwrap_or_default();
    if !more.is_empty() {
        let plays = answers.share(more.iter().map(|answer| answer.plays).sum());
        let more = count(more.len(), "more answer");
        let note = format!("and {more}, {plays}; `rehearsal review --web` shows them");
        lines.push(format!("{margin}{}", style.dim(note)));
    }
    if answers.accepted > 0 {
        let note = format!("an accepted answer, {}", answers.share(answers.accepted));
        lines.push(format!("{margin}{}", style.strong(note)));
    }
    if change.accepted.len() > 1 {
        let note = format!("each beside the nearest of {} accepted answers", change.accepted.len());
        lines.push(format!("{margin}{}", style.dim(note)));
    }
    lines
}

/// The answers that are marked, in words: `answers 1 and 3`.
#[must_use]
pub fn marked_answers(marked: &[usize]) -> String {
    let numbers: Vec<String> = marked.iter().map(|index| (index + 1).to_string()).collect();
    match numbers.as_slice() {
        [] => "no answer".to_owned(),
        [one] => format!("answer {one}"),
        [others @ .., last] => format!("answers {} and {last}", others.join(", ")),
    }
}
