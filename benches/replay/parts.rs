//! The parts of the measurement, each printed as a table.

use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};

use tokio::runtime::Builder;

use crate::{
    AS_HARNESS, Outcome, REHEARSAL,
    measure::{Figures, measure, median},
    served::Served,
    suite::{AnsweredBy, Suite, agent_file, name},
    thinking,
};

/// How many conversations are in flight where the agent answers at once, as in the loop.
const IN_FLIGHT: usize = 16;

/// How many turns a conversation has.
const TURNS: usize = 5;

/// A part of the measurement, quick or in full.
type Part = fn(bool) -> Outcome<()>;

/// Measures the parts that are named; all of them where none is.
pub fn run(words: &[&str]) -> Outcome<()> {
    let full = words.contains(&"full");
    let parts: [(&str, Part); 5] = [
        ("played", played),
        ("waiting", waiting),
        ("starting", starting),
        ("harness", harness),
        ("agent", agent),
    ];
    let named = parts.iter().any(|(part, _)| words.contains(part));
    for (part, measured) in parts {
        if !named || words.contains(&part) {
            measured(full)?;
            println!();
        }
    }
    Ok(())
}

fn played(full: bool) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let served = Served::start(&agent_file(folder.path())?)?;
    let sizes: &[(usize, usize)] =
        if full { &[(500, 9), (2_000, 9), (20_000, 3)] } else { &[(500, 5), (2_000, 5)] };
    println!("played: an agent that answers at once, {TURNS} turns, {IN_FLIGHT} in flight");
    println!(
        "{:<14}{:>16}{:>9}{:>11}{:>11}{:>10}{:>10}{:>8}",
        "conversations", "", "wall", "processor", "peak", "wall", "cpu", "ratio"
    );
    println!(
        "{:<14}{:>16}{:>9}{:>11}{:>11}{:>10}{:>10}",
        "", "", "s", "s", "MiB", "µs/turn", "µs/turn"
    );
    let server = AnsweredBy::Server(&served.base_url);
    for (conversations, rounds) in sizes {
        let suite = Suite::generate(*conversations, TURNS, &server, IN_FLIGHT)?;
        let within = Suite::generate(*conversations, TURNS, &AnsweredBy::Embedded, IN_FLIGHT)?;
        let mut with_reports = rehearsal(&suite, &["run"]);
        for (flag, file) in [("--json", "r.jsonl"), ("--junit", "r.xml"), ("--html", "r.html")] {
            with_reports.arg(flag).arg(folder.path().join(file));
        }
        let commands = [
            ("reqwest loop", bare_loop(&served.base_url, &suite, IN_FLIGHT)?),
            ("run", rehearsal(&suite, &["run"])),
            ("run, 3 reports", with_reports),
            ("run, embedded", rehearsal(&within, &["run"])),
        ];
        let medians = side_by_side(&commands, *rounds)?;
        for ((what, _), figures) in commands.iter().zip(&medians) {
            row(*conversations, what, *figures, medians.first().copied().unwrap_or_default());
        }
    }
    Ok(())
}

/// Every command once, then all again: what disturbs the machine disturbs all of them.
fn side_by_side(commands: &[(&str, Command)], rounds: usize) -> Outcome<Vec<Figures>> {
    let mut runs: Vec<Vec<Figures>> = vec![Vec::new(); commands.len()];
    for _ in 0..rounds {
        for ((_, command), runs) in commands.iter().zip(&mut runs) {
            runs.push(measure(command)?);
        }
    }
    Ok(runs.into_iter().map(median).collect())
}

fn row(conversations: usize, what: &str, figures: Figures, limit: Figures) {
    let a_turn = |time: Duration| time.as_secs_f64() * 1e6 / (conversations * TURNS) as f64;
    println!(
        "{conversations:<14}{what:>16}{:>9.3}{:>11.3}{:>11.1}{:>10.1}{:>10.1}{:>8.2}",
        figures.wall.as_secs_f64(),
        figures.processor.as_secs_f64(),
        figures.peak_mib(),
        a_turn(figures.wall),
        a_turn(figures.processor),
        figures.wall.as_secs_f64() / limit.wall.as_secs_f64(),
    );
}

fn waiting(full: bool) -> Outcome<()> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let url = thinking::serve(&runtime)?;
    println!("waiting: an agent that thinks for 300 ms ± 50 %, {TURNS} turns");
    println!(
        "{:<14}{:>10}{:>10}{:>9}{:>8}",
        "conversations", "in flight", "ideal s", "wall s", "ratio"
    );
    let cases: &[(usize, usize)] =
        if full { &[(200, 50), (200, 200), (1_000, 1_000)] } else { &[(200, 50), (200, 200)] };
    for (conversations, in_flight) in cases {
        let server = AnsweredBy::Server(&url);
        let suite = Suite::generate(*conversations, TURNS, &server, *in_flight)?;
        let ideal = thinking::ideal(*conversations, TURNS, *in_flight).as_secs_f64();
        let commands = [
            ("reqwest loop", bare_loop(&url, &suite, *in_flight)?),
            ("run", rehearsal(&suite, &["run"])),
            ("harness", harness_command(&suite, &[])?),
        ];
        for (what, command) in commands {
            let wall = measure(&command)?.wall.as_secs_f64();
            let ratio = wall / ideal;
            println!(
                "{conversations:<14}{in_flight:>10}{ideal:>10.3}{wall:>9.3}{ratio:>8.3}  {what}"
            );
        }
    }
    Ok(())
}

fn starting(full: bool) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let served = Served::start(&agent_file(folder.path())?)?;
    let server = AnsweredBy::Server(&served.base_url);
    println!("starting");
    let one = Suite::generate(1, 1, &server, IN_FLIGHT)?;
    let within = Suite::generate(1, 1, &AnsweredBy::Embedded, IN_FLIGHT)?;
    let commands = [
        ("reqwest loop, one turn", bare_loop(&served.base_url, &one, IN_FLIGHT)?),
        ("run, one turn", rehearsal(&one, &["run"])),
        ("run, one turn, embedded agent", rehearsal(&within, &["run"])),
    ];
    lines(&commands, 31)?;
    for size in sizes(full) {
        let suite = Suite::generate(*size, TURNS, &server, IN_FLIGHT)?;
        let list = format!("list of {size}");
        let check = format!("check of {size}");
        let commands = [
            (list.as_str(), rehearsal(&suite, &["list"])),
            (check.as_str(), rehearsal(&suite, &["check"])),
        ];
        lines(&commands, 5)?;
    }
    Ok(())
}

fn harness(full: bool) -> Outcome<()> {
    println!("harness: what nextest does, one process a case");
    for size in [&[10], sizes(full)].concat() {
        let suite = Suite::generate(size, TURNS, &AnsweredBy::Embedded, IN_FLIGHT)?;
        let (exact, list) = (format!("--exact, one of {size}"), format!("--list of {size}"));
        let case = name(size / 2);
        let commands = [
            (exact.as_str(), harness_command(&suite, &["--exact", &case, "--nocapture"])?),
            (list.as_str(), harness_command(&suite, &["--list", "--format", "terse"])?),
        ];
        lines(&commands, 11)?;
    }
    Ok(())
}

fn agent(full: bool) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let served = Served::start(&agent_file(folder.path())?)?;
    let rounds = if full { 50 } else { 5 };
    println!(
        "agent: `rehearsal serve`, the reqwest loop in rounds of 20,000 conversations × 1 turn"
    );
    println!("{:<14}{:>16}{:>14}", "conversations", "requests a s", "resident MiB");
    for round in 1..=rounds {
        let mut command = Command::new(env::current_exe()?);
        command.args(["loop", &served.base_url, "20000", "1", "16"]);
        let started = Instant::now();
        measure(&command)?;
        let rate = 60_000.0 / started.elapsed().as_secs_f64();
        if round == 1 || round % (rounds / 5) == 0 {
            let resident = served.resident() as f64 / f64::from(1 << 20);
            println!("{:<14}{rate:>16.0}{resident:>14.1}", round * 20_000);
        }
    }
    Ok(())
}

fn sizes(full: bool) -> &'static [usize] {
    if full { &[2_000, 20_000] } else { &[2_000] }
}

fn lines(commands: &[(&str, Command)], rounds: usize) -> Outcome<()> {
    for ((what, _), figures) in commands.iter().zip(side_by_side(commands, rounds)?) {
        println!(
            "{what:<32}{:>9.1} ms{:>9.1} ms processor{:>8.1} MiB",
            figures.wall.as_secs_f64() * 1e3,
            figures.processor.as_secs_f64() * 1e3,
            figures.peak_mib()
        );
    }
    Ok(())
}

fn rehearsal(suite: &Suite, words: &[&str]) -> Command {
    let mut command = Command::new(REHEARSAL);
    command.args(words);
    quiet(command, suite)
}

fn harness_command(suite: &Suite, words: &[&str]) -> Outcome<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(words).env(AS_HARNESS, "1");
    Ok(quiet(command, suite))
}

fn bare_loop(url: &str, suite: &Suite, in_flight: usize) -> Outcome<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["loop", url]);
    command.args([suite.conversations, suite.turns, in_flight].map(|number| number.to_string()));
    Ok(command)
}

/// In the folder of the suite, with its credentials and without what the surroundings say.
fn quiet(mut command: Command, suite: &Suite) -> Command {
    command
        .current_dir(suite.path())
        .env("BENCH_KEY", "bench-key")
        .env("BENCH_TOKEN", "bench-token");
    for name in ["INSTA_UPDATE", "INSTA_WORKSPACE_ROOT", "CARGO_MANIFEST_DIR", "NEXTEST", "CI"] {
        command.env_remove(name);
    }
    command
}
