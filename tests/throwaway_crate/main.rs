//! A crate outside of this repository that depends on it by path: `cargo test`, nextest and
//! cargo-insta are run in it for real.

#[path = "../suite/common/mod.rs"]
mod common;

mod cargo_insta;
mod libtest;
mod nextest;
mod outputs;

use std::{
    path::Path,
    process::{Command, Output},
    sync::OnceLock,
};

use common::{Team, is_ours};

const MANIFEST: &str = r#"[package]
name = "team"
version = "0.0.0"
edition = "2024"
publish = false

[lib]
path = "lib.rs"

[dev-dependencies]
rehearsal = { path = "REPOSITORY", default-features = false }

[[test]]
name = "conversations"
harness = false

[workspace]
"#;

const AGENT: &str = r#"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: twice }
    say: I will put you through.
    handoff: { destination: FRONT_DESK }
    end_conversation: true
"#;

/// The crate, with a green suite. Built once; what it builds lies in this package's own target
/// folder, where most of it is built already.
fn team() -> Team {
    static LOCK: OnceLock<String> = OnceLock::new();
    let repository = env!("CARGO_MANIFEST_DIR");
    let lock = LOCK.get_or_init(|| {
        std::fs::read_to_string(Path::new(repository).join("Cargo.lock")).expect("a lock file")
    });
    let team = Team::with_agent(AGENT);
    team.write("Cargo.toml", &MANIFEST.replace("REPOSITORY", repository));
    team.write("Cargo.lock", lock);
    team.write("lib.rs", "");
    team.write(
        "tests/conversations.rs",
        "fn main() -> std::process::ExitCode {\n    rehearsal::harness()\n}\n",
    );
    team.write("conversations/hours.yaml", "turns: [{ user: hours?, expect: { contains: noon } }]");
    team.write(
        "conversations/billing/twice.yaml",
        "turns: [{ user: twice, expect: { contains: through, handoff: FRONT_DESK } }]",
    );
    team.write(
        "conversations/slow.yaml",
        "variants: all\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.write("conversations/later.yaml", "skip: Not built yet\nturns: [{ user: hello }]");
    team
}

/// Runs cargo in the crate; the output without colour.
fn cargo(team: &Team, arguments: &[&str], vars: &[(&str, &str)]) -> (i32, String) {
    let output = command(team, arguments, vars).output().expect("cargo runs");
    let Output { status, stdout, stderr } = output;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code().unwrap_or(-1), text(&stdout) + &text(&stderr))
}

fn command(team: &Team, arguments: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(team.path("")).args(arguments);
    for name in ["CI", "RUST_BACKTRACE", "CARGO_TERM_COLOR"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars().filter(|(name, _)| is_ours(name)) {
        command.env_remove(name);
    }
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("throwaway"));
    command.envs(vars.iter().copied());
    command
}

#[track_caller]
fn expect(team: &Team, arguments: &[&str], vars: &[(&str, &str)], status: i32) -> String {
    let (got, output) = cargo(team, arguments, vars);
    assert_eq!(got, status, "cargo {}\n{output}", arguments.join(" "));
    output
}
