//! Programs that nobody here wrote, which read what Rehearsal writes. Where one is missing, a
//! notice says what was not tested; `.ci/run` installs them all, so that in CI that is a failure.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Runs Python with packages that are not its own; `None`, after a notice, where one is missing.
pub fn python(packages: &str, script: &str, input: &str) -> Option<String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/foreign/venv/bin/python3");
    let python = if own.exists() { own } else { "python3".into() };
    let mut import = Command::new(&python);
    import.args(["-c", &format!("import {packages}")]);
    if !works(&mut import) {
        return missing(&format!("python3 with {packages}"));
    }
    Some(run(Command::new(python).args(["-c", script]), input))
}

/// Runs a program on standard input; `None`, after a notice, where it is missing.
pub fn program(name: &str, arguments: &[&str], input: &str) -> Option<String> {
    if !works(Command::new(name).arg("--version")) {
        return missing(name);
    }
    Some(run(Command::new(name).args(arguments), input))
}

/// The source of axe-core, which looks for what keeps people from using a page; `None`, after a
/// notice, where it is missing.
pub fn axe() -> Option<String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/foreign/axe.min.js");
    std::fs::read_to_string(&own).ok().or_else(|| missing("target/foreign/axe.min.js"))
}

/// Says what was not tested. In CI everything is.
#[expect(clippy::print_stderr, reason = "a skipped test must not look like a passed one")]
pub fn missing<T>(what: &str) -> Option<T> {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!in_ci, "{what} is not installed; .ci/run installs it");
    eprintln!("NOT TESTED: {what} is not installed");
    None
}

fn works(command: &mut Command) -> bool {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    output.is_ok_and(|status| status.success())
}

/// Everything it prints; a status other than 0 fails the test.
#[track_caller]
fn run(command: &mut Command, input: &str) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        // A program that refuses its input early closes the pipe.
        scope.spawn(move || stdin.write_all(input.as_bytes()).is_ok());
        child.wait_with_output().expect("it ends")
    });
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}
