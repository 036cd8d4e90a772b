//! Printing. A reader that has gone away (`| head`) is no mistake; a full disk is.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::context::CliError;
use crate::text::layout::{WIDTH, fill};

/// Prints a line on standard output.
pub(super) fn say(text: impl AsRef<str>) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{}", text.as_ref()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::Output(error)),
        _ => Ok(()),
    }
}

/// Prints a word and a message on standard error: in lines that fit where that is a terminal, else
/// in one, as scripts look for it.
pub(super) fn tell(word: &str, paint: impl Fn(&str) -> String, message: &str) {
    let width = if io::stderr().is_terminal() { WIDTH - word.len() - 1 } else { usize::MAX };
    let lines = fill(message, width).join(&format!("\n{}", " ".repeat(word.len() + 1)));
    note(format!("{} {lines}", paint(word)));
}

/// Prints a line on standard error; there is nobody to tell when that fails.
pub(super) fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
}
