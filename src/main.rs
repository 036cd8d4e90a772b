//! The command line program; everything it does is in [`rehearsal::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    rehearsal::cli::main()
}
