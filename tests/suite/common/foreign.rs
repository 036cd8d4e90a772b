//! Programs that nobody here wrote, which read what Rehearsal writes. Tests that need one are
//! ignored unless they are asked for with `--ignored`, as `.ci/run` does, which installs them all.
//! Then a missing one fails the test.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Runs Python with packages that are not its own.
#[track_caller]
pub fn python(packages: &str, script: &str, input: &str) -> String {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/foreign/venv/bin/python3");
    let python = if own.exists() { own } else { "python3".into() };
    let mut import = Command::new(&python);
    import.args(["-c", &format!("import {packages}")]);
    require(&format!("python3 with {packages}"), works(&mut import));
    run(Command::new(python).args(["-c", script]), input)
}

/// Runs a program on standard input.
#[track_caller]
pub fn program(name: &str, arguments: &[&str], input: &str) -> String {
    require(name, works(Command::new(name).arg("--version")));
    run(Command::new(name).args(arguments), input)
}

/// The source of axe-core, which looks for what keeps people from using a page.
#[track_caller]
pub fn axe() -> String {
    std::fs::read_to_string(file("axe.min.js")).expect("it can be read")
}

/// A file that `.ci/run` downloads.
#[track_caller]
pub fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/foreign").join(name);
    require(&path.display().to_string(), path.exists());
    path
}

/// Fails the test where a program is missing.
#[track_caller]
pub fn require(what: &str, is_there: bool) {
    assert!(is_there, "{what} is not installed; .ci/run installs it");
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
