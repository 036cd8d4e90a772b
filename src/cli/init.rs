//! `rehearsal init`

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::context::{CliError, Context, stdout_style};
use super::output::say;
use crate::config::Config;

const CONFIG: &str = include_str!("init/rehearsal.toml");
const CONVERSATION: &str = include_str!("init/first.yaml");
const AGENT: &str = include_str!("init/demo.yaml");
const TEST: &str = include_str!("init/conversations.rs.txt");
const WORKFLOW: &str = include_str!("init/workflow.yml");

/// Write a first set of files into this folder.
#[derive(Debug, Args)]
pub(super) struct Init {}

impl Init {
    pub fn execute(&self, context: &Context) -> Result<ExitCode, CliError> {
        let above = context.folder.parent().and_then(Config::find);
        let is_package = is_package(&context.folder.join("Cargo.toml"));
        let mut files = vec![
            ("rehearsal.toml", CONFIG),
            ("conversations/first.yaml", CONVERSATION),
            ("agents/demo.yaml", AGENT),
            (".github/workflows/rehearsal.yml", WORKFLOW),
        ];
        if is_package {
            files.push(("tests/conversations.rs", TEST));
        }
        let mut written = 0;
        for (path, text) in files {
            let new = write_new(&context.folder.join(path), text)?;
            written += usize::from(new);
            let word = if new { stdout_style().good("wrote") } else { stdout_style().dim("kept ") };
            say(format!("{word} {path}"))?;
        }
        let (word, path) = ignore(&context.folder)?;
        say(format!("{word} {path}"))?;
        if let Some(above) = above {
            say(format!(
                "note  {} exists too; here this project is used from now on",
                above.display()
            ))?;
        }
        if written > 0 {
            say(format!("\n{}", next_steps(is_package)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What git is not to keep: answers that nobody has decided about, and what a run remembers.
const IGNORED: &[&str] = &["*.snap.new", ".rehearsal/"];

/// Adds to the `.gitignore` of a folder what is not in it; what was done, and its name.
fn ignore(folder: &Path) -> Result<(String, &'static str), CliError> {
    const NAME: &str = ".gitignore";
    let path = folder.join(NAME);
    let failed = |source| CliError::Write { path: path.clone(), source };
    let present = match fs::read(&path) {
        Ok(present) => String::from_utf8_lossy(&present).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let is_missing = |wanted: &&&str| {
        let plain = |line: &str| line.trim().trim_matches('/').to_owned();
        !present.lines().any(|line| plain(line) == plain(wanted))
    };
    let missing: Vec<&str> = IGNORED.iter().filter(is_missing).copied().collect();
    if missing.is_empty() {
        return Ok((stdout_style().dim("kept "), NAME));
    }
    let end = if present.contains("\r\n") { "\r\n" } else { "\n" };
    let mut added = String::new();
    if !present.is_empty() && !present.ends_with('\n') {
        added += end;
    }
    missing.iter().for_each(|line| added.extend([line, end]));
    let file = fs::OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(added.as_bytes())).map_err(failed)?;
    let word = if present.is_empty() { "wrote" } else { "added to" };
    Ok((stdout_style().good(word), NAME))
}

/// Whether a manifest is that of a package, and not of a workspace alone.
fn is_package(manifest: &Path) -> bool {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    text.lines().any(|line| line.trim() == "[package]")
}

fn next_steps(is_package: bool) -> String {
    let mut text = String::from(
        "Next:
  rehearsal run      plays the first conversation against the demo agent; it
                     fails, because no answer has been accepted yet
  rehearsal accept   accepts what it said; from then on only a change fails

Then write the ids of your project and the names of the variables that hold
its credentials into rehearsal.toml.",
    );
    if is_package {
        text += "\n\nFor `cargo test`, add to Cargo.toml:\n\n  [[test]]\n  name = \"conversations\"\n  harness = false\n\n  [dev-dependencies]\n";
        text +=
            "  rehearsal = { git = \"https://github.com/…/rehearsal\", default-features = false }";
    }
    text
}

/// Writes a file unless there is one; whether it was written.
fn write_new(path: &Path, text: &str) -> Result<bool, CliError> {
    let failed = |source| CliError::Write { path: PathBuf::from(path), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true).map_err(failed),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(error)),
    }
}
