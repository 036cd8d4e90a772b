//! What GitHub Actions and GitLab are told, by the grammar that they document.

use std::fs;

use crate::common::{Team, hostile};
use regex::Regex;
use serde_json::Value;

fn team() -> Team {
    let team = Team::with_agent(
        "  - { when: { message: hours }, say: \"We open at noon.\\nWe close at ten.\" }\n",
    );
    team.write("conversations/hours.yaml", "turns:\n  - user: hours?\n    expect: { equals: \"We open at one.\\nWe close at ten.\" }\n");
    team
}

/// The workflow commands among lines, as the runner reads them: file, line, title, message.
fn commands(text: &str) -> Vec<[String; 4]> {
    let grammar = Regex::new(r"^::(error|notice) ([^:]*)::(.*)$").expect("a regex");
    let unescape = |text: &str| {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    };
    let lines = text.lines().filter(|line| line.trim_start().starts_with("::"));
    let command = |line: &str| {
        let parts = grammar.captures(line).unwrap_or_else(|| panic!("not a command: {line}"));
        let mut command: [String; 4] = Default::default();
        command[3] = unescape(&parts[3]);
        for property in parts[2].split(',') {
            let (name, value) = property.split_once('=').expect("a property");
            let at =
                ["file", "line", "title"].iter().position(|one| *one == name).expect("a known one");
            command[at] = unescape(value);
        }
        command
    };
    lines.map(command).collect()
}

#[test]
fn annotations_stand_at_the_line_of_the_expectation() {
    let team = team();
    let quiet = team.run(&["run"]).expect(1);
    assert!(commands(&quiet.stdout).is_empty(), "{}", quiet.all());
    let asked = team.run(&["run", "--annotations", "github"]).expect(1);
    assert_eq!(
        commands(&asked.stdout),
        [[
            "conversations/hours.yaml",
            "3",
            "hours@downtown",
            "turn 1: the response is another text"
        ]
        .map(str::to_owned)],
        "{}",
        asked.all()
    );
    // In a repository whose top is further up, paths start from there.
    let up = team.path("").parent().expect("a folder above").to_string_lossy().into_owned();
    let vars = [("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", up.as_str())];
    let there = team.run_with(&vars, &["run"]).expect(1);
    let folder = team.path("").file_name().expect("a name").to_string_lossy().into_owned();
    assert_eq!(commands(&there.stdout)[0][0], format!("{folder}/conversations/hours.yaml"));
    let off = team.run_with(&vars, &["run", "--annotations", "none"]).expect(1);
    assert!(commands(&off.stdout).is_empty(), "{}", off.all());
    // Where JSON lines take standard output, they are the only thing there.
    let ran = team.run(&["run", "--annotations", "github", "--json", "-"]).expect(1);
    assert_eq!(commands(&ran.stderr).len(), 1);
    assert!(ran.stdout.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
}

#[test]
fn what_an_agent_says_forges_no_annotation_and_leaves_no_fence() {
    let (team, _server) = hostile::team();
    let summary = team.path("summary.md").to_string_lossy().into_owned();
    let vars = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.as_str())];
    let ran = team.run_with(&vars, &["run"]).expect(1);
    let commands = commands(&ran.stdout);
    assert!(commands.len() >= 4, "{}", ran.all());
    for [file, _, title, message] in &commands {
        assert!(file.starts_with("conversations/") && title != "forged" && message != "forged");
    }
    assert!(!ran.stdout.contains("\n##["), "{}", ran.all());

    let summary = team.read("summary.md");
    let mut fence: Option<String> = None;
    for line in summary.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match &fence {
            Some(open) if line == open => fence = None,
            None if ticks >= 3 => fence = Some("`".repeat(ticks)),
            Some(_) => {}
            None => {
                assert!(!line.contains("<script") && !line.contains("<img"), "{line}");
                assert!(!line.contains("://x") && !line.contains(" @everyone"), "{line}");
                assert!(!line.starts_with("# "), "{line}");
            }
        }
    }
    assert_eq!(fence, None, "a fence is still open");
    assert!(!summary.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')));
}

#[test]
fn the_summary_shows_differences_and_is_appended() {
    let team = team();
    team.write("summary.md", "# Before\n");
    let path = team.path("summary.md").to_string_lossy().into_owned();
    let vars = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", path.as_str())];
    team.run_with(&vars, &["run", "--json", "run.jsonl"]).expect(1);
    let mut settings = crate::common::filters();
    settings.add_filter(r"\| \d+ ms \| \d+ ms \|", "| [median] | [p95] |");
    settings.add_filter(r"\| \[duration\] \| \[duration\] \|", "| [median] | [p95] |");
    settings.bind(|| {
        insta::assert_snapshot!(team.read("summary.md"), @r"
    # Before
    ## ❌ 1 of 1 conversation failed

    | passed | failed | not played | skipped | turns | requests | median | 95 % |
    | --: | --: | --: | --: | --: | --: | --: | --: |
    | 0 | 1 | 0 | 0 | 1 | 3 | [median] | [p95] |

    ### hours\@downtown

    - turn 1\: the response is another text

    ```diff
      user:  hours?
    - We open at one.
    + We open at noon.
      We close at ten.
    ```

    ```text
    project: demo
    environment: local
    variant: VARIANT-1
    conversation: [conversation_id]
    time: [time]
    turn 1: [correlation_id]
    play again: rehearsal run --environment local --exact hours@downtown
    ```
    ")
    });
    // Joining runs does the same.
    team.write("summary.md", "");
    let ran = team.run_with(&vars, &["report", "run.jsonl"]).expect(1);
    assert_eq!(commands(&ran.stdout).len(), 1);
    assert!(team.read("summary.md").contains("- We open at one."));
}

#[test]
fn the_limits_of_github_are_kept_and_it_says_what_was_cut() {
    let team = team();
    team.write(
        "conversations/hours.yaml",
        "turns: [{ user: hours?, expect: { contains: never } }]",
    );
    let long = format!("{}\\n", "word ".repeat(160)).repeat(50);
    team.write(
        "agents/agent.yaml",
        &team.read("agents/agent.yaml").replace("We close at ten.", &long),
    );
    for number in 0..60 {
        fs::copy(
            team.path("conversations/hours.yaml"),
            team.path(format!("conversations/h{number}.yaml")),
        )
        .expect("a copy");
    }
    let path = team.path("summary.md").to_string_lossy().into_owned();
    let vars = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", path.as_str())];
    let ran = team.run_with(&vars, &["run", "--quiet"]).expect(1);
    let commands = commands(&ran.stdout);
    assert_eq!(commands.len(), 11);
    assert!(commands[10][3].starts_with("51 expectations more"), "{:?}", commands[10]);
    let summary = team.read("summary.md");
    assert!(summary.len() > 900_000 && summary.len() <= 1 << 20, "{}", summary.len());
    assert!(summary.contains("left out here**, for GitHub shows at most 1 MiB"));
    team.run_with(&vars, &["run", "--quiet"]).expect(1);
    assert!(team.read("summary.md").len() <= 1 << 20);
}

#[test]
fn gitlab_gets_a_code_quality_file() {
    let (team, _server) = hostile::team();
    team.run(&["run", "--code-quality", "quality.json"]).expect(1);
    let again = team.read("quality.json");
    team.run(&["run", "--code-quality", "quality.json"]).expect(1);
    let issues: Vec<Value> = serde_json::from_str(&team.read("quality.json")).expect("JSON");
    let old: Vec<Value> = serde_json::from_str(&again).expect("JSON");
    let prints = |issues: &[Value]| {
        issues.iter().map(|one| one["fingerprint"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(prints(&issues), prints(&old));
    let mut unique = prints(&issues);
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), issues.len());
    assert!(issues.len() >= 4);
    for issue in &issues {
        assert!(
            ["info", "minor", "major", "critical", "blocker"]
                .contains(&issue["severity"].as_str().expect("a word"))
        );
        assert!(issue["location"]["path"].as_str().expect("a path").starts_with("conversations/"));
        assert!(issue["location"]["lines"]["begin"].as_u64().expect("a line") >= 1);
        assert!(issue["description"].is_string() && issue["check_name"].is_string());
    }
}
