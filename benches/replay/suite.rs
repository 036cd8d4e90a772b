//! A suite of any size: conversations with matchers, their snapshots, an agent, a configuration.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

/// How many conversations lie in one folder.
const PER_FOLDER: usize = 500;

/// What answers the suite.
pub enum AnsweredBy<'a> {
    /// The agent that every run embeds.
    Embedded,
    /// A server at an address.
    Server(&'a str),
}

/// A generated suite, gone when it is dropped.
pub struct Suite {
    folder: tempfile::TempDir,
    pub conversations: usize,
    pub turns: usize,
}

impl Suite {
    /// `conversations` × `turns`, answered by `agent`, `in_flight` at once.
    pub fn generate(
        conversations: usize,
        turns: usize,
        agent: &AnsweredBy<'_>,
        in_flight: usize,
    ) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = folder.path();
        fs::write(root.join("rehearsal.toml"), config(agent, in_flight))?;
        fs::write(root.join("agent.yaml"), AGENT)?;
        for number in 0..conversations {
            let name = name(number);
            write(&root.join(format!("conversations/{name}.yaml")), &conversation(number, turns))?;
            write(&root.join(format!("snapshots/{name}.snap")), &snapshot(&name, number, turns))?;
        }
        Ok(Self { folder, conversations, turns })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The agent file, for a server of its own.
pub fn agent_file(folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join("agent.yaml");
    fs::write(&path, AGENT)?;
    Ok(path)
}

/// The name of a conversation: `area-003/booking-01742`.
pub fn name(number: usize) -> String {
    format!("area-{:03}/booking-{number:05}", number / PER_FOLDER)
}

/// What the user says in a turn.
pub fn message(number: usize, turn: usize) -> String {
    match turn % 5 {
        0 => format!("Where are you? I am guest {number}."),
        1 => format!("Book a table for {} on day {number}", 2 + number % 7),
        2 => format!("What is my reference, guest {number}?"),
        3 => format!("Can I bring dog {number}?"),
        _ => format!("Thank you from guest {number}"),
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

fn config(agent: &AnsweredBy<'_>, in_flight: usize) -> String {
    let environment = match agent {
        AnsweredBy::Embedded => "agent = \"agent.yaml\"".to_owned(),
        AnsweredBy::Server(url) => format!(
            "base_url = \"{url}\"\napi_key_env = \"BENCH_KEY\"\ntoken_env = \"BENCH_TOKEN\""
        ),
    };
    format!(
        "[run]\nconcurrency = {in_flight}\n\n[expect]\nforbid = ['\\$\\{{', '\\bNone\\b']\n\n\
         [[redact]]\npattern = 'BK-[0-9]{{6}}'\nwith = \"booking reference\"\n\n\
         [projects.bistro]\naccount_id = \"bench\"\nproject_id = \"PROJECT-bench\"\n\n\
         [projects.bistro.environments.bench]\n{environment}\n"
    )
}

const AGENT: &str = r#"
greeting:
  - say: Welcome to Lantern. How can I help?
rules:
  - when: { message: '^Where are you' }
    say: We are at 12 Harbour Street, open every day from noon to 10 pm.
  - when: { message: 'table for (?P<party>[0-9]+)' }
    make: { reference: 'BK-######' }
    say: Your table for ${party} is booked, and your reference is ${reference}.
  - when: { message: reference }
    say: Your reference is ${reference}. Keep it until the day of your visit.
  - when: { message: dog }
    say: Dogs are welcome on the terrace, which has 14 tables.
fallback:
  say: It was a pleasure. Goodbye!
"#;

fn conversation(number: usize, turns: usize) -> String {
    let mut text = format!(
        "description: Guest {number} books a table and asks about it.\n\
         tags: [bench, area-{:03}]\nturns:\n",
        number / PER_FOLDER
    );
    for turn in 0..turns {
        let _ = writeln!(text, "  - user: '{}'", message(number, turn));
        text += match turn % 5 {
            1 => {
                "    expect:\n      matches: 'reference is (?P<reference>BK-[0-9]{6})'\n      \
                 not: { contains: sorry }\n"
            }
            2 => "    expect:\n      contains: ['${reference}', Keep it]\n      within: 60s\n",
            4 => {
                "    expect:\n      any:\n        - contains: goodbye\n        - contains: Goodbye\n"
            }
            _ => "",
        };
    }
    // A reference stands for nothing before a table is booked.
    if turns < 3 { text } else { text + "    # The end.\n" }
}

fn snapshot(name: &str, number: usize, turns: usize) -> String {
    let mut text = format!("---\nsource: conversations/{name}.yaml\n---\n");
    for turn in 0..turns {
        let _ = writeln!(text, "- user: {}", quoted(&message(number, turn)));
        text += match turn % 5 {
            0 => "  agent: We are at 12 Harbour Street, open every day from noon to 10 pm.\n",
            3 => "  agent: \"Dogs are welcome on the terrace, which has {{number}} tables.\"\n",
            _ => "",
        };
    }
    text
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
