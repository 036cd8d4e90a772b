//! `rehearsal accept` and `rehearsal reject`

use std::{path::Path, process::ExitCode};

use clap::Args;

use super::{
    context::{CliError, Context, stderr_style, stdout_style},
    output::{note, say, tell},
    pending::{Chosen, PendingArgs},
};
use crate::{
    conversation::CaseName,
    engine,
    outcome::memory::Memory,
    review::{Item, ReviewConversation, Session, What, disagreeing, render},
    snapshot::{
        Accepted, Redactor,
        decision::{AcceptAs, Decision, TurnDecisionError},
    },
    text::{
        layout::{WIDTH, wrap},
        one_line,
    },
};

/// How many lines of an accepted text are shown.
const MOST_LINES: usize = 8;

/// Accept pending snapshots: the new answers are right.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 when everything selected was accepted, 1 when a turn is not \
pending, or could not be accepted like that and stays pending, such as one whose plays gave several answers: \
only a person in `rehearsal review` says which are right; 2 when nothing could be tried."
)]
pub(super) struct Accept {
    #[command(flatten)]
    which: PendingArgs,
    #[command(flatten)]
    turn: TurnArgs,
    /// Accept the new answers as alternatives to the accepted ones.
    #[arg(long, conflicts_with = "loosen")]
    as_alternative: bool,
    /// Accept what the new and the accepted answer have in common, with placeholders for the rest.
    #[arg(long)]
    loosen: bool,
}

/// Reject pending snapshots: the accepted answers stay.
#[derive(Debug, Args)]
pub(super) struct Reject {
    #[command(flatten)]
    which: PendingArgs,
    #[command(flatten)]
    turn: TurnArgs,
}

/// The flags that select one turn instead of whole snapshots.
#[derive(Debug, Args)]
struct TurnArgs {
    /// Only this turn, from 1 (0 is the greeting), of the one case that is selected.
    #[arg(long, value_name = "N")]
    turn: Option<usize>,
    /// With --turn: also wherever else the same change is pending.
    #[arg(long, requires = "turn")]
    everywhere: bool,
}

impl Accept {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context, self.turn.turn)?;
        let how = match (self.as_alternative, self.loosen) {
            (true, _) => AcceptAs::AsAlternative,
            (_, true) => AcceptAs::Loosened,
            _ => AcceptAs::Instead,
        };
        if how == AcceptAs::Instead && self.turn.turn.is_none() {
            let failed = engine::memory(&chosen.config, &self.which.vars(context)?)?;
            let flags = self.which.flags();
            let mut all = true;
            for case in &chosen.cases {
                all &= accept_whole(&chosen, &failed, case, &flags)?;
            }
            return Ok(ExitCode::from(u8::from(!all)));
        }
        decide(&self.which, context, chosen, &self.turn, Decision::Accept(how))
    }
}

impl Reject {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let chosen = self.which.choose(context, self.turn.turn)?;
        if self.turn.turn.is_some() {
            return decide(&self.which, context, chosen, &self.turn, Decision::Reject);
        }
        for case in &chosen.cases {
            chosen.store.reject(case)?;
            let name = one_line(case.as_str());
            say(format!("{} {name}", stdout_style().good("rejected")))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Accepts all of a case but the turns of which a person has to say which answers are right;
/// whether there are none.
fn accept_whole(
    chosen: &Chosen,
    failed: &Memory,
    case: &CaseName,
    flags: &str,
) -> Result<bool, CliError> {
    let store = &chosen.store;
    let before = store.accepted(case);
    let disagreeing = disagreeing(store, failed, case);
    if !disagreeing.is_empty() {
        if let Accepted::Unreadable(_) = before {
            let path = store.path(case);
            left_beside_unreadable(&disagreeing, &path);
            return Ok(false);
        }
        return accept_undisputed(chosen, failed, case, flags);
    }
    let pending = store.pending_changes(case).ok();
    let without_text = pending
        .map(|pending| ReviewConversation::of(case, &pending, failed).without_text(&pending))
        .unwrap_or_default();
    store.accept(case)?;
    let note = match before {
        Accepted::Unreadable(_) => ", in place of a snapshot that could not be read",
        Accepted::Missing | Accepted::Entries(_) => "",
    };
    let name = one_line(case.as_str());
    say(format!("{} {name}{note}", stdout_style().good("accepted")))?;
    without_text.into_iter().try_for_each(no_text_yet)?;
    Ok(true)
}

/// Accepts turn by turn, which leaves those of which plays gave several answers.
fn accept_undisputed(
    chosen: &Chosen,
    failed: &Memory,
    case: &CaseName,
    flags: &str,
) -> Result<bool, CliError> {
    let redactor = Redactor::new(&chosen.config.redactions);
    let cases = std::slice::from_ref(case);
    let mut session = Session::open(chosen.store.clone(), failed.clone(), redactor, cases);
    if let Some((_, error)) = session.take_unreadable(cases) {
        return Err(error.into());
    }
    let items: Vec<usize> = (0..session.items().len()).collect();
    decide_items(&mut session, &items, Decision::Accept(AcceptAs::Instead), flags)
}

/// Says why nothing of a case is accepted in place of a snapshot that cannot be read.
fn left_beside_unreadable(disagreeing: &[Item], path: &Path) {
    for item in disagreeing {
        let what = format!(
            "{}: its plays gave several answers ({}), and {} cannot be read: repair or remove it, \
             then review",
            render::name(item),
            item.answers.counts(),
            path.display(),
        );
        tell("left", |word| stderr_style().headline(word), &what);
    }
}

/// Says of a turn that nothing of it was accepted.
fn no_text_yet(turn: usize) -> Result<(), CliError> {
    let turn = if turn == 0 { "the greeting".to_owned() } else { format!("turn {turn}") };
    let what = format!(
        "{turn} has no text yet, for its answers never agreed: expect what matters of it with \
         `contains` or `matches`"
    );
    let lines = wrap(&what, WIDTH - 8, MOST_LINES).join("\n       ");
    say(format!("  {}  {lines}", stdout_style().warning("but")))
}

/// Decides turn by turn, and says the result of each.
fn decide(
    which: &PendingArgs,
    context: &Context,
    chosen: Chosen,
    turn: &TurnArgs,
    decision: Decision,
) -> Result<ExitCode, CliError> {
    let Chosen { config, store, cases } = chosen;
    if cases.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let looked_at = if turn.everywhere { store.pending() } else { cases.clone() };
    let failed = engine::memory(&config, &which.vars(context)?)?;
    let redactor = Redactor::new(&config.redactions);
    let mut session = Session::open(store, failed, redactor, &looked_at);
    if let Some((_, error)) = session.take_unreadable(&cases) {
        return Err(error.into());
    }
    let items = selected(&session, &cases, turn)?;
    let all = decide_items(&mut session, &items, decision, &which.flags())?;
    Ok(ExitCode::from(u8::from(!all)))
}

/// Decides about some items, one after the other, and says the result of each; whether none is left.
fn decide_items(
    session: &mut Session,
    items: &[usize],
    decision: Decision,
    flags: &str,
) -> Result<bool, CliError> {
    let mut all = true;
    for item in items {
        let Some(shown) = session.items().get(*item).cloned() else { continue };
        let name = render::name(&shown);
        let text = match (&shown.what, decision) {
            (What::Text(change), Decision::Accept(how)) => {
                session.proposal(change, &shown.proposed(&[]), how).ok()
            }
            _ => None,
        };
        let decided = session.decide(&[*item], decision);
        for (_, reason) in &decided.refused {
            let what = format!("{name}: {reason}");
            tell("left", |word| stderr_style().headline(word), &what);
            if shown.answers.disagree() {
                note(format!("     {}", render::review_command(&shown.case, flags)));
            }
            all = false;
        }
        if !decided.done.is_empty() {
            let word = if decision == Decision::Reject { "rejected" } else { "accepted" };
            say(format!("{} {name}", stdout_style().good(word)))?;
            for line in text.iter().flat_map(|text| wrap(text, WIDTH - 2, MOST_LINES)) {
                say(format!("  {line}"))?;
            }
        }
    }
    Ok(all)
}

/// The items that are decided: a turn, wherever it is the same, or all of some cases.
fn selected(
    session: &Session,
    cases: &[CaseName],
    turn: &TurnArgs,
) -> Result<Vec<usize>, CliError> {
    let of_cases: Vec<usize> = (0..session.items().len())
        .filter(|index| session.items().get(*index).is_some_and(|one| cases.contains(&one.case)))
        .collect();
    let Some(wanted) = turn.turn else { return Ok(of_cases) };
    let is_wanted = |index: &usize| {
        let item = session.items().get(*index);
        item.is_some_and(|item| item.turn() == wanted && item.what != What::Order)
    };
    let Some(item) = of_cases.iter().copied().find(is_wanted) else {
        let items = of_cases.iter().filter_map(|index| session.items().get(*index));
        let turns: Vec<String> = items.map(|item| item.turn().to_string()).collect();
        return Err(CliError::Left(TurnDecisionError::NothingPending(wanted, turns.join(", "))));
    };
    let group = session.groups().iter().find(|group| group.items.contains(&item));
    Ok(group.filter(|_| turn.everywhere).map_or_else(|| vec![item], |one| one.items.clone()))
}
