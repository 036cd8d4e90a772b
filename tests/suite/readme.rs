//! What the README shows is what the program does.

use crate::common::Team;

/// The text of a fenced block that comes after `lead`.
fn block(readme: &str, lead: &str) -> String {
    let after = readme.split(lead).nth(1).unwrap_or_else(|| panic!("{lead} is not in the README"));
    let fenced = after.split("```").nth(1).expect("a block");
    fenced.split_once('\n').expect("a block of lines").1.to_owned()
}

fn shipped(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_first_conversation_and_its_failure_are_real() {
    let readme = shipped("README.md");
    let conversation =
        block(&readme, "A conversation, `conversations/billing/double-charge.yaml`:");
    let spec = shipped("conversations/billing/double-charge.yaml");
    let without_comments: String = spec
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(conversation.trim(), without_comments.trim());

    let team = Team::empty();
    team.write("rehearsal.toml", &shipped("rehearsal.toml"));
    team.write("conversations/billing/double-charge.yaml", &spec);
    let case = "snapshots/billing/double-charge@downtown.snap";
    team.write(case, &shipped(case));
    let agent = shipped("agents/bistro.yaml");
    let (before, after) = agent.split_once("- name: Double charge").expect("the rule");
    let wrong = after.replacen("destination: BILLING", "destination: FRONT_DESK", 1);
    team.write("agents/bistro.yaml", &format!("{before}- name: Double charge{wrong}"));
    let ran = team.run(&["run", "double-charge@downtown"]).expect(1);
    assert_eq!(steady(&block(&readme, "hands the guest to the wrong queue")), steady(&ran.stdout));
}

/// Without what differs from run to run.
fn steady(text: &str) -> String {
    let patterns = [
        r"CONV-[0-9a-f]+",
        r"rehearsal-[0-9a-f]{32}",
        r"BK-\d{6}",
        r"\d{4}-\d\d-\d\d [\d:]+ UTC",
        r"\b\d+(\.\d)? ms",
    ];
    patterns.iter().fold(text.trim().to_owned(), |text, pattern| {
        let regex = regex::Regex::new(pattern).expect("a pattern");
        regex.replace_all(&text, "…").into_owned()
    })
}

#[test]
fn the_agent_and_the_config_in_the_readme_are_valid() {
    let readme = shipped("README.md");
    let team = Team::empty();
    team.write("agents/bistro.yaml", &block(&readme, "the first rule whose `when` holds answers."));
    team.write("rehearsal.toml", &block(&readme, "## Projects, environments, variants"));
    let name = "conversations/x.yaml";
    team.write(name, "turns:\n  - user: A table for 4, please\n    expect: { matches: 'Booked for 4, reference BK-\\d{6}' }\n");
    team.run(&["check"]).expect(0);
    team.run(&["run"]).expect(0);
}

#[test]
fn every_command_and_flag_of_the_readme_exists() {
    let readme = shipped("README.md");
    let help = Team::empty().run(&["--help"]).expect(0).stdout;
    let table = readme.split("## Commands\n").nth(1).expect("a section");
    for line in table.lines().filter(|line| line.starts_with("| `rehearsal ")) {
        let word =
            line.trim_start_matches("| `rehearsal ").split([' ', '`']).next().unwrap_or_default();
        assert!(help.contains(&format!("\n  {word} ")), "{word}");
    }
}
