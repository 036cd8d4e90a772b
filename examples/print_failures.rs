//! Plays the conversations of the configuration in this folder, and prints what does not hold:
//!
//! ```console
//! $ cargo run --example print_failures              # all of them
//! $ cargo run --example print_failures -- billing   # those whose name contains `billing`
//! ```

use std::process::ExitCode;

use rehearsal::{Error, Event, RunOutcome, Selection, Suite};

#[tokio::main]
async fn main() -> ExitCode {
    let filters = std::env::args().skip(1);
    match play(filters.fold(Selection::new(), Selection::filter)).await {
        Ok(run) => {
            print(&run);
            // As `rehearsal run`: 1 where something does not hold, 3 where it could not be played.
            ExitCode::from(run.summary.exit_status())
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn play(selection: Selection) -> Result<RunOutcome, Error> {
    Suite::load("rehearsal.toml")?
        .select(selection)
        .stop_when(tokio::signal::ctrl_c())
        .on_event(|event| {
            if let Event::CaseFinished { outcome } = event {
                eprintln!("{:?} {} in {:.1?}", outcome.verdict, outcome.case, outcome.duration());
            }
        })
        .run()
        .await
}

fn print(run: &RunOutcome) {
    for case in run.failing() {
        println!("{}: {}", case.case, case.reason.as_deref().unwrap_or_default());
        for mismatch in case.mismatches() {
            let line = mismatch.line().unwrap_or(1);
            println!("  {}:{line}: {}", case.path.display(), mismatch.message);
        }
    }
    // Conversations of the platform that the run could not close.
    run.close_commands().iter().for_each(|command| println!("{command}"));
    println!("{} passed, {} did not", run.summary.passed, run.failing().count());
}
