//! Printing. A reader that has gone away (`| head`) is no mistake; a full disk is.

use std::io::{self, ErrorKind, Write};

use super::context::CliError;

/// Prints a line on standard output.
pub(super) fn say(text: impl AsRef<str>) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{}", text.as_ref()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Prints a line on standard error; there is nobody to tell when that fails.
pub(super) fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}
