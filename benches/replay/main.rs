//! Plays generated suites with the real command, beside a bare loop with reqwest, and prints
//! what both take. `docs/performance.md` says how to read it.
//!
//! ```text
//! cargo bench --bench replay                    a few minutes: up to 2,000 conversations
//! cargo bench --bench replay -- full            up to 20,000
//! cargo bench --bench replay -- played waiting  only these parts
//! ```

mod bare_loop;
mod measure;
mod parts;
mod served;
mod suite;
mod thinking;

use std::{env, error::Error, process::ExitCode};

/// The command that is measured.
pub const REHEARSAL: &str = env!("CARGO_BIN_EXE_rehearsal");

/// Set where this program is to be a test harness instead.
pub const AS_HARNESS: &str = "REHEARSAL_BENCH_AS_HARNESS";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<ExitCode> {
    let mut words = env::args_os().skip(1);
    let first = words.next().unwrap_or_default();
    match first.to_str() {
        Some("measure") => Ok(measure::as_measurer(words)?),
        _ if env::var_os(AS_HARNESS).is_some() => Ok(rehearsal::harness()),
        Some("loop") => {
            let words: Vec<String> = words.filter_map(|word| word.into_string().ok()).collect();
            let [url, conversations, turns, in_flight] = words.as_slice() else {
                return Err("loop URL CONVERSATIONS TURNS IN_FLIGHT".into());
            };
            bare_loop::play(url, conversations.parse()?, turns.parse()?, in_flight.parse()?)
                .map_err(|error| error.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            let words: Vec<String> = env::args().skip(1).collect();
            let wanted: Vec<&str> =
                words.iter().map(String::as_str).filter(|word| !word.starts_with('-')).collect();
            parts::run(&wanted)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
