//! A test program with settings of its own: only the conversations with the tag `smoke`, played by the
//! embedded agent unless `REHEARSAL_ENVIRONMENT` names another environment.
//!
//! In a package it stands in `tests/`, with `harness = false`. The flags are libtest's:
//!
//! ```console
//! $ cargo run --example harness_with_settings -- --list
//! $ cargo run --example harness_with_settings -- downtown
//! ```

use std::process::ExitCode;

use rehearsal::Harness;

fn main() -> ExitCode {
    Harness::new().config("rehearsal.toml").environment("local").tag("smoke").main()
}
