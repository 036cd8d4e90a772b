//! Standard output of the tests. libtest-mimic panics where it cannot print, in the middle of a
//! run whose conversations are open, so it prints into a pipe that is always read.

use std::io;

use libtest_mimic::Arguments;

/// Runs what prints as `arguments` say; what it gives back, and whether everything was printed,
/// but for a reader that has gone away (`| head`).
#[cfg(unix)]
pub(super) fn printing<T>(
    mut arguments: Arguments,
    run: impl FnOnce(&Arguments) -> T,
) -> (T, io::Result<()>) {
    use std::{fs::OpenOptions, io::IsTerminal, os::fd::AsRawFd, thread};

    let is_elsewhere = arguments.logfile.is_some() || io::stdout().is_terminal();
    let Some((reader, writer)) = (!is_elsewhere).then(io::pipe).and_then(Result::ok) else {
        return (run(&arguments), Ok(()));
    };
    let path = format!("/dev/fd/{}", writer.as_raw_fd());
    // Not every system can open a pipe by its number.
    if OpenOptions::new().write(true).open(&path).is_err() {
        return (run(&arguments), Ok(()));
    }
    arguments.logfile = Some(path);
    let printing = thread::spawn(move || copy(reader));
    let value = run(&arguments);
    drop(writer);
    (value, printing.join().unwrap_or(Ok(())))
}

#[cfg(not(unix))]
pub(super) fn printing<T>(
    arguments: Arguments,
    run: impl FnOnce(&Arguments) -> T,
) -> (T, io::Result<()>) {
    (run(&arguments), Ok(()))
}

/// Copies to standard output for as long as that can be written, and reads on until the end.
#[cfg(unix)]
fn copy(mut from: io::PipeReader) -> io::Result<()> {
    use io::{ErrorKind, Read, Write};

    let mut buffer = [0; 1 << 13];
    let mut written = Ok(());
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if written.is_ok() {
            let mut stdout = io::stdout().lock();
            written = stdout.write_all(&buffer[..read]).and_then(|()| stdout.flush());
        }
    }
    written.or_else(|error| match error.kind() {
        ErrorKind::BrokenPipe => Ok(()),
        _ => Err(error),
    })
}
