//! What tests share: a team's folder, the program run in it, and a Chat API that records.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod browser;
pub mod foreign;
pub mod forty_changes;
pub mod hostile;
pub mod http;
pub mod info_team;
pub mod laws;
pub mod page;
pub mod recorder;
pub mod three_turns;
pub mod tls;
pub mod verdicts;
pub mod wait;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder with a team's files, gone when it is dropped.
pub struct Team {
    folder: TempDir,
    vars: Vec<(String, String)>,
}

/// What a command did.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Team {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { folder: TempDir::new().expect("a folder"), vars: Vec::new() }
    }

    /// A folder with a small agent and its configuration; conversations are up to the test.
    pub fn with_agent(rules: &str) -> Self {
        let team = Self::empty();
        team.write("rehearsal.toml", CONFIG);
        team.write("agents/agent.yaml", &format!("{AGENT}{rules}"));
        team
    }

    /// A folder whose only environment is a server at `base_url`.
    pub fn remote(base_url: &str) -> Self {
        let team = Self::empty()
            .var("REHEARSAL_TEST_KEY", "fake-key-for-tests")
            .var("REHEARSAL_TEST_TOKEN", "fake-token-for-tests");
        team.write("rehearsal.toml", &REMOTE_CONFIG.replace("BASE_URL", base_url));
        team
    }

    /// Adds an environment variable for the commands.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(below)
    }

    pub fn write(&self, below: &str, text: &str) -> &Self {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("a file");
        self
    }

    /// Adds settings at the end of the configuration, where those of its last environment stand.
    pub fn set(&self, settings: &str) -> &Self {
        self.write("rehearsal.toml", &format!("{}{settings}\n", self.read("rehearsal.toml")))
    }

    pub fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
    }

    /// Whether a file is there and has a text.
    pub fn says(&self, below: &str, text: &str) -> bool {
        fs::read_to_string(self.path(below)).is_ok_and(|found| found.contains(text))
    }

    pub fn exists(&self, below: &str) -> bool {
        self.path(below).exists()
    }

    /// The program, ready to be run in the folder with a clean environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        for name in ["CI", "TF_BUILD", "NO_COLOR", "CLICOLOR_FORCE", "CI_PROJECT_DIR"] {
            command.env_remove(name);
        }
        for (name, _) in std::env::vars().filter(|(name, _)| is_ours(name)) {
            command.env_remove(name);
        }
        command.envs(self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().expect("the program runs"))
    }

    /// Starts the program and kills it as soon as something holds; `what` says what did not happen
    /// where it never does.
    #[track_caller]
    pub fn kill_when(&self, arguments: &[&str], what: &str, holds: impl FnMut() -> bool) {
        let mut child =
            self.command(arguments).stdout(Stdio::null()).spawn().expect("the program runs");
        wait::wait_until(what, holds);
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
    }

    /// Runs the program at a terminal of its own, where these keys are pressed.
    pub fn press(&self, keys: &str, arguments: &[&str]) -> Ran {
        at_terminal(keys, &self.command(arguments))
    }

    /// Runs the program to its end with more environment variables.
    pub fn run_with(&self, vars: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let output = self.command(arguments).envs(vars.iter().copied()).output();
        Ran::of(output.expect("the program runs"))
    }
}

/// Runs a command at a terminal of its own, without colour, where these keys are pressed.
pub fn at_terminal(keys: &str, wanted: &Command) -> Ran {
    let words = std::iter::once(wanted.get_program()).chain(wanted.get_args());
    let words: Vec<String> = words.map(|word| format!("'{}'", word.display())).collect();
    let mut command = Command::new("script");
    command.args(["--quiet", "--flush", "--return", "--command", &words.join(" "), "/dev/null"]);
    command.current_dir(wanted.get_current_dir().expect("a folder"));
    for (name, value) in wanted.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("util-linux's `script` is there");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(keys.as_bytes()).expect("the keys are taken");
    drop(stdin);
    Ran::of(child.wait_with_output().expect("the program ends"))
}

/// A command by way of a program that starts it, such as `nohup`.
pub fn by_way_of(words: &[&str], wanted: &Command) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(wanted.get_program()).args(wanted.get_args());
    command.current_dir(wanted.get_current_dir().expect("a folder")).stdin(Stdio::null());
    for (name, value) in wanted.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// A command that signals end also where this process ignores them, as one in the background does.
pub fn interruptible(wanted: &Command) -> Command {
    let words = ["env", "--default-signal=INT,TERM,HUP"];
    by_way_of(if cfg!(target_os = "linux") { &words } else { &words[..1] }, wanted)
}

/// Sends a signal, such as `-INT`.
pub fn send_signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success(), "{signal}");
}

/// Cargo, as a person calls it: with nothing that a test runner set, but building where it built the
/// tests, so that it need not build again.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| is_ours(name)) {
        if name != "CARGO_TARGET_DIR" {
            command.env_remove(name);
        }
    }
    command
}

/// Variables that a test runner sets for itself and that would reach the program under test.
pub fn is_ours(name: &str) -> bool {
    ["INSTA_", "REHEARSAL_", "NEXTEST", "CARGO_", "GITHUB_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        && name != "CARGO_HOME"
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Everything that was printed, for messages of failed tests.
    pub fn all(&self) -> String {
        format!("status {}\n{}{}", self.status, self.stdout, self.stderr)
    }

    /// What was printed, without its line breaks.
    pub fn words(&self) -> String {
        self.all().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Fails the test unless the status is this.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}", self.all());
        let all = self.all();
        assert!(!all.contains("panicked"), "{all}");
        assert!(!all.contains("fake-key-for-tests"), "the key is shown: {all}");
        assert!(!all.contains("fake-token-for-tests"), "the token is shown: {all}");
        self
    }
}

/// insta's filters for what differs from run to run.
pub fn filters() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"CONV-[0-9a-f]{32}", "[conversation_id]");
    settings.add_filter(r"rehearsal-[0-9a-f]{32}", "[correlation_id]");
    settings.add_filter(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC", "[time]");
    settings.add_filter(r"\b\d+(\.\d)? ms\b|\b\d+\.\d s\b", "[duration]");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[port]");
    settings.set_omit_expression(true);
    settings
}

const CONFIG: &str = r#"default_environment = "local"

[projects.demo]
variants = { downtown = "VARIANT-1", uptown = "VARIANT-2" }
default_variant = "downtown"

[projects.demo.environments.local]
agent = "agents/agent.yaml"

[projects.demo.environments.sandbox]
agent = "agents/agent.yaml"

[expect]
forbid = ['\{\{', '\bNone\b']

[[redact]]
pattern = 'BK-[0-9]{6}'
with = "booking reference"
"#;

const REMOTE_CONFIG: &str = r#"[projects.demo]
account_id = "acme uk/1"
project_id = "PROJECT-1"
base_url = "BASE_URL"
variants = { downtown = "VARIANT-1" }

[projects.demo.environments.sandbox]
api_key_env = "REHEARSAL_TEST_KEY"
token_env = "REHEARSAL_TEST_TOKEN"
"#;

const AGENT: &str = r#"variants:
  downtown: { id: VARIANT-1, attributes: { address: 12 Harbour Street } }
  uptown: { id: VARIANT-2, attributes: { address: 98 Hill Road } }
greeting: [{ say: Hello. How can I help? }]
fallback: { say: "I can help with bookings." }
rules:
"#;
