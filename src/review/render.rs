//! The changes that wait for a decision, in lines for a person.

use unicode_width::UnicodeWidthStr;

use super::{
    Group, Item, ReviewConversation, Session, What, answers::answers, conversation::ReviewTurn,
};
use crate::{
    check::describe,
    conversation::CaseName,
    outcome::CaseOutcome,
    render::terminal::diff,
    snapshot::decision::{AcceptAs, TurnChange},
    text::{
        layout::{Style, WIDTH, brief, count, fill, shell_word, wrap},
        one_line, word_diff,
    },
};

/// How many places of one change are named.
const MOST_PLACES: usize = 8;

/// How many turns before a change are shown.
const MOST_BEFORE: usize = 3;

/// How many lines say what no snapshot accepts.
const MOST_ELSEWHERE: usize = 60;

/// In how many of the other places what no snapshot accepts is looked for, and shown.
const MOST_LOOKED_AT: usize = 60;
const MOST_BESIDE: usize = 3;

/// How far a change is indented below the turns before it.
const INDENT: usize = 6;

/// How many rows of a proposed text are shown.
const MOST_PROPOSED: usize = 6;

/// One group for a list: where it occurs, what the user said, what is different, and the
/// commands that decide it. `flags` are those that the commands need besides.
#[must_use]
pub fn listed(session: &Session, group: &Group, flags: &str, style: Style) -> String {
    let items: Vec<&Item> = items(session, group).collect();
    let Some(first) = items.first() else { return String::new() };
    let What::Text(change) = &first.what else { return order(first, flags, style) };
    let mut lines: Vec<String> =
        items.iter().take(MOST_PLACES).map(|item| style.strong(name(item))).collect();
    if items.len() > MOST_PLACES {
        lines.push(format!("… and {} more", items.len() - MOST_PLACES));
    }
    if items.iter().all(|item| item.user() == first.user()) {
        let user = change.user.as_deref().map(|user| brief(user, WIDTH - 9));
        let user = user.unwrap_or_else(|| "(greeting)".to_owned());
        lines.push(format!("  {}  {user}", style.dim("user")));
    }
    lines.extend(differences(first, change, &[], 2, style));
    let conversation = session.conversation(&first.case);
    lines.extend(beside(&conversation, change.turn, 2, style));
    lines.extend(beside_in_others(session, &items[1..], 2, style));
    lines.extend(proposal(session, change, &first.proposed(&[]), 2, style));
    lines.extend(commands(&items, change, flags).map(|one| format!("  {}", style.dim(one))));
    lines.join("\n") + "\n"
}

/// The commands that decide a change.
fn commands(items: &[&Item], change: &TurnChange, flags: &str) -> impl Iterator<Item = String> {
    let disagree = items.first().is_some_and(|item| item.answers.disagree());
    let everywhere = if items.len() > 1 { " --everywhere" } else { "" };
    let case = items.first().map(|item| &item.case);
    let exact = case.map(|case| format!("--exact {}", word(case))).unwrap_or_default();
    let of_turn = format!("{flags} --turn {}{everywhere} {exact}", change.turn);
    let accept =
        if disagree { format!("review{flags} {exact}") } else { format!("accept{of_turn}") };
    let all = [accept, format!("reject{of_turn}")];
    all.into_iter().map(|command| one_line(&format!("rehearsal {command}")).to_string())
}

fn order(item: &Item, flags: &str, style: Style) -> String {
    let command = format!("rehearsal accept{flags} --exact {}", word(&item.case));
    format!(
        "{}\n  {}\n  {}\n",
        style.strong(name(item)),
        order_sentence(),
        style.dim(one_line(&command))
    )
}

/// One group as it is decided at a terminal: its `position` in the review, the turns before it in
/// brief, what is different, what no snapshot can accept, and what loosening would accept of the
/// answers that are `marked`.
#[must_use]
pub fn shown(
    session: &Session,
    group: &Group,
    position: &str,
    marked: &[usize],
    style: Style,
) -> String {
    let open = session.open_of(&group.items);
    let items: Vec<&Item> = open.iter().filter_map(|index| session.items().get(*index)).collect();
    let Some(first) = items.first() else { return String::new() };
    let conversation = session.conversation(&first.case);
    let position = style.dim(position);
    let mut lines = vec![format!("{position}  {}", headline(first, &conversation, style))];
    lines.extend(others(&items[1..], style));
    match &first.what {
        What::Order => lines.push(format!("\n  {}", order_sentence())),
        What::Text(change) => {
            lines.push(String::new());
            lines.extend(before(conversation.before(change.turn), style));
            lines.extend(asked(change, style));
            lines.extend(differences(first, change, marked, INDENT, style));
            lines.extend(beside(&conversation, change.turn, INDENT, style));
            lines.extend(beside_in_others(session, &items[1..], INDENT, style));
            lines.extend(proposal(session, change, &first.proposed(marked), INDENT, style));
        }
    }
    lines.join("\n") + "\n"
}

/// What no snapshot accepts of the cases that failed last; nothing where there is none.
#[must_use]
pub fn not_for_snapshots(failed: &[CaseOutcome], style: Style) -> Option<String> {
    let mut lines = Vec::new();
    for outcome in failed {
        let play = outcome.shown().into_iter();
        let mismatches = play.flat_map(|play| &play.mismatches);
        for one in mismatches.filter(|one| !one.kind.is_acceptable()) {
            let place = one.line().map_or_else(String::new, |line| format!(":{line}"));
            let place = one_line(&format!("{}{place}", outcome.path.display()));
            let case = one_line(outcome.case.as_str());
            let fits = case.width() + place.width() + 4 <= WIDTH;
            let between = if fits { "  " } else { "\n    " };
            lines.push(format!("  {}{between}{}", style.strong(case), style.dim(place)));
            let wrapped = wrap(&brief(&one.message, 200), WIDTH - 4, 3);
            lines.extend(wrapped.into_iter().map(|line| format!("    {line}")));
        }
    }
    if lines.is_empty() {
        return None;
    }
    if lines.len() > MOST_ELSEWHERE {
        lines.truncate(MOST_ELSEWHERE);
        lines.push("  … and more; `rehearsal run --rerun-failed` shows all".to_owned());
    }
    let title = "No snapshot accepts this; change the agent, or the expectation there:";
    lines.insert(0, style.warning(title));
    Some(lines.join("\n"))
}

/// `a@downtown, turn 2`
#[must_use]
pub fn name(item: &Item) -> String {
    match (&item.what, item.turn()) {
        (What::Order, _) => one_line(item.case.as_str()),
        (What::Text(_), 0) => one_line(&format!("{}, greeting", item.case)),
        (What::Text(_), turn) => one_line(&format!("{}, turn {turn}", item.case)),
    }
}

/// The command that lets a person decide about a case.
#[must_use]
pub fn review_command(case: &CaseName, flags: &str) -> String {
    one_line(&format!("rehearsal review{flags} --exact {}", word(case))).to_string()
}

fn headline(item: &Item, conversation: &ReviewConversation, style: Style) -> String {
    let mut line = style.strong(name(item));
    if let Some(outcome) = &conversation.outcome {
        let variant = outcome.variant.as_ref().map(|name| format!(" · {name}"));
        let place =
            format!("{} · {}{}", outcome.project, outcome.environment, variant.unwrap_or_default());
        line += &style.dim(format!("  {}", brief(&place, WIDTH / 2)));
    }
    line
}

fn others(others: &[&Item], style: Style) -> Vec<String> {
    if others.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = others.iter().take(40).map(|item| name(item)).collect();
    let list = brief(&names.join("; "), 2 * WIDTH - 40);
    let text = format!("the same in {}: {list}", count(others.len(), "other place"));
    wrap(&text, WIDTH, 3).into_iter().map(|line| style.dim(line)).collect()
}

fn before(turns: &[ReviewTurn], style: Style) -> Vec<String> {
    let left_out = turns.len().saturating_sub(MOST_BEFORE);
    let mut lines = Vec::new();
    if left_out > 0 {
        lines.push(style.dim(format!("       … {} before", count(left_out, "turn"))));
    }
    for turn in &turns[left_out..] {
        let mut number = if turn.turn == 0 { String::new() } else { turn.turn.to_string() };
        for (who, text) in [("user ", &turn.user), ("agent", &turn.said)] {
            let Some(text) = text else { continue };
            let text = brief(text, WIDTH - 13);
            lines.push(style.dim(format!(" {number:>3}  {who}  {text}")));
            number.clear();
        }
        let happened = happened(turn).flat_map(|what| fill(&format!("[{what}]"), WIDTH - 13));
        lines.extend(happened.map(|line| style.dim(format!("             {line}"))));
    }
    lines
}

fn happened(turn: &ReviewTurn) -> impl Iterator<Item = String> {
    let handoff = turn.handoff.as_ref().map(|handoff| describe::handoff(Some(handoff)));
    let end = turn.end_conversation.then(|| "the conversation ended".to_owned());
    handoff.into_iter().chain(end)
}

/// The user's line of the turn in question.
fn asked(change: &TurnChange, style: Style) -> Option<String> {
    let user = brief(change.user.as_deref()?, WIDTH - 13);
    Some(format!("{}{:>3}  {}  {user}", style.warning(">"), change.turn, style.dim("user ")))
}

/// What is different: in each answer, where the plays gave several.
fn differences(
    item: &Item,
    change: &TurnChange,
    marked: &[usize],
    indent: usize,
    style: Style,
) -> Vec<String> {
    if item.answers.disagree() {
        return answers(item, change, marked, indent, style);
    }
    difference(change, indent, style)
}

fn difference(change: &TurnChange, indent: usize, style: Style) -> Vec<String> {
    let nearest = word_diff::nearest(&change.accepted, &change.new);
    let mut lines = vec![diff::render(nearest, &change.new, indent, style)];
    for text in &change.also {
        lines.push(format!("{}{}", " ".repeat(indent), style.dim("or")));
        lines.push(diff::render("", text, indent, style));
    }
    if change.accepted.len() > 1 {
        let note = format!("the nearest of {} accepted answers is shown", change.accepted.len());
        lines.push(format!("{}{}", " ".repeat(indent), style.dim(note)));
    }
    lines
}

/// What does not hold besides, in this turn and in those that have no change of their own.
fn beside(
    conversation: &ReviewConversation,
    turn: usize,
    indent: usize,
    style: Style,
) -> Vec<String> {
    let margin = " ".repeat(indent);
    let mut lines = Vec::new();
    for one in conversation.turns.iter().filter(|one| one.turn == turn || !one.is_changed) {
        for mismatch in &one.beside {
            let place = conversation.place(mismatch);
            let text = format!("{}  {}", brief(&mismatch.message, 200), one_line(&place));
            let lead = if one.turn == turn { "besides, " } else { "elsewhere, " };
            let wrapped = wrap(&format!("{lead}{text}"), WIDTH - indent, 3);
            let painted = |line| format!("{margin}{}", style.warning(line));
            lines.extend(wrapped.into_iter().map(painted));
        }
    }
    if !lines.is_empty() {
        let note = "no snapshot accepts that: change the agent, or the expectation there";
        lines.push(format!("{margin}{}", style.dim(note)));
    }
    lines
}

/// What does not hold besides in the other places of a change.
fn beside_in_others(
    session: &Session,
    others: &[&Item],
    indent: usize,
    style: Style,
) -> Vec<String> {
    let margin = " ".repeat(indent);
    let mut found = Vec::new();
    for item in others.iter().take(MOST_LOOKED_AT) {
        let conversation = session.conversation(&item.case);
        let is_near = |turn: &&ReviewTurn| turn.turn == item.turn() || !turn.is_changed;
        if let Some(one) =
            conversation.turns.iter().filter(is_near).find_map(|one| one.beside.first())
        {
            let text = format!("besides, in {}: {}", item.case, one.message);
            found.push(brief(&text, 2 * (WIDTH - indent)));
        }
    }
    let more = found.len().saturating_sub(MOST_BESIDE);
    found.truncate(MOST_BESIDE);
    if more > 0 {
        found.push(format!("besides, in {more} more of these places"));
    }
    let wrapped = found.iter().flat_map(|text| wrap(text, WIDTH - indent, 3));
    wrapped.map(|line| format!("{margin}{}", style.warning(line))).collect()
}

/// What loosening would write of some new texts, so that it is seen before.
#[must_use]
pub fn proposal(
    session: &Session,
    change: &TurnChange,
    new: &[String],
    indent: usize,
    style: Style,
) -> Vec<String> {
    let several = usize::from(!change.accepted.is_empty()) + new.len();
    if new.is_empty() || several < 2 {
        return Vec::new();
    }
    let (word, text) = match session.proposal(change, new, AcceptAs::Loosened) {
        Ok(text) => ("loosened", text),
        Err(reason) => ("not to be loosened", reason.to_string()),
    };
    let lines = wrap(&format!("{word}: {text}"), WIDTH - indent, MOST_PROPOSED);
    lines.into_iter().map(|line| format!("{:indent$}{}", "", style.dim(line))).collect()
}

fn order_sentence() -> &'static str {
    "turns were added, moved or removed; no text is new"
}

fn items<'s>(session: &'s Session, group: &'s Group) -> impl Iterator<Item = &'s Item> {
    group.items.iter().filter_map(|index| session.items().get(*index))
}

fn word(case: &CaseName) -> String {
    let word = shell_word(case.as_str());
    if word.starts_with('-') { format!("-- {word}") } else { word }
}
