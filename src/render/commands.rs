//! The commands that play a case again and accept what is new of it: told once, for every report.

use crate::{
    outcome::{CaseOutcome, ReadOnlyReason, SnapshotWritten},
    text::layout::{WIDTH, shell_word},
};

/// The columns before a command in a failure.
const LEAD: usize = 16;

/// A word, and the lines of the command it introduces.
type LabelledCommand = (&'static str, Vec<String>);

/// What can be done about a case: play it again, and accept what is new where there is anything.
#[must_use]
pub fn of_case(outcome: &CaseOutcome) -> Vec<LabelledCommand> {
    let invocation = &outcome.invocation;
    let exact = |command: &str| lines(command, &selection(outcome));
    let cargo = invocation.cargo.as_deref();
    let mut commands = vec![("play again", exact(&run(outcome)))];
    commands.extend(cargo.map(|cargo| ("or", exact(&format!("{cargo} --")))));
    if !outcome.is_acceptable() {
        return commands;
    }
    let errored = outcome.plays.iter().any(|play| play.error.is_some());
    match (&outcome.snapshot, invocation.unwritten) {
        (Some(SnapshotWritten::Pending(_)), _) => {
            commands.push(("accept", exact(&format!("rehearsal accept{}", invocation.flags()))));
            let always = |cargo: &str| exact(&format!("INSTA_UPDATE=always {cargo} --"));
            commands.extend(cargo.map(|cargo| ("or", always(cargo))));
        }
        // What could not be played says nothing about its snapshot.
        _ if errored => {}
        (_, Some(ReadOnlyReason::InCi)) => {
            commands
                .push(("accept", elsewhere("nothing is written here; play it on your machine")));
        }
        (_, Some(ReadOnlyReason::AsAsked)) => {
            commands.push(("accept", elsewhere("INSTA_UPDATE=no writes nothing; play it without")));
        }
        (_, None) => {}
    }
    commands
}

fn elsewhere(why: &str) -> Vec<String> {
    vec![format!("{why}, then"), "`rehearsal accept`".to_owned()]
}

/// The command that plays a case again, in one line.
#[must_use]
pub fn play_again(outcome: &CaseOutcome) -> String {
    format!("{} {}", run(outcome), selection(outcome))
}

fn run(outcome: &CaseOutcome) -> String {
    let environment = shell_word(&outcome.environment);
    format!("rehearsal run{} --environment {environment}", outcome.invocation.config_flag())
}

fn selection(outcome: &CaseOutcome) -> String {
    let name = shell_word(outcome.case.as_str());
    let dashes = if name.starts_with('-') { "-- " } else { "" };
    format!("--exact {dashes}{name}")
}

/// A command for one case, on two lines where one would be too long.
fn lines(command: &str, selection: &str) -> Vec<String> {
    let whole = format!("{command} {selection}");
    if whole.chars().count() + LEAD <= WIDTH {
        return vec![whole];
    }
    vec![format!("{command} \\"), format!("  {selection}")]
}
