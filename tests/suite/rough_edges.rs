//! What a person meets on the way: places, commands that can be copied, keys that are offered.

use std::fs;

use crate::common::{Ran, Team};

const RULES: &str = r#"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: bye }
    say: Goodbye!
    end_conversation: true
"#;

/// A team whose only failure no snapshot accepts, played in both environments.
fn failed_in_both() -> Team {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours, expect: { contains: never } }]");
    for environment in ["local", "sandbox"] {
        team.run(&["run", "--environment", environment]).expect(1);
    }
    team
}

const OF_NO_SNAPSHOT: &str = "No snapshot accepts this";

#[test]
fn turns_that_were_not_reached_name_their_file_and_line() {
    let team = Team::with_agent(RULES);
    team.write(
        "conversations/a.yaml",
        "turns:\n  - user: bye\n    expect: { contains: Goodbye, end_conversation: true }\n  - user: hours\n",
    );
    let ran = team.run(&["run", "--html", "r.html"]).expect(1);
    assert!(ran.stdout.contains("\n --> conversations/a.yaml:4\n"), "{}", ran.all());
    let html = team.read("r.html");
    let cited = "turn 2 was not reached <cite>conversations/a.yaml:4</cite>";
    assert!(html.contains(cited), "{html}");
}

#[test]
fn a_review_leaves_out_failures_of_an_environment_that_is_gone() {
    let team = failed_in_both();
    let ran = team.run(&["review"]).expect(0);
    assert!(ran.stdout.contains(OF_NO_SNAPSHOT), "{}", ran.all());
    // It passes in the one that is left; the other was renamed.
    let config = team.read("rehearsal.toml");
    team.write("rehearsal.toml", &config.replace("environments.sandbox", "environments.staging"));
    team.write("conversations/a.yaml", "turns: [{ user: hours, expect: { contains: noon } }]");
    team.run(&["run"]).expect(0);
    let ran = team.run(&["review"]).expect(0);
    assert!(!ran.stdout.contains(OF_NO_SNAPSHOT), "{}", ran.all());
}

#[test]
fn a_review_leaves_out_failures_of_a_conversation_that_is_gone_wherever_it_is_called() {
    let team = failed_in_both();
    let below = || {
        let mut command = team.command(&["review"]);
        Ran::of(command.current_dir(team.path("agents")).output().expect("it runs")).expect(0)
    };
    assert!(below().stdout.contains(OF_NO_SNAPSHOT));
    fs::remove_file(team.path("conversations/a.yaml")).expect("the file");
    assert!(!below().stdout.contains(OF_NO_SNAPSHOT));
    // One of the same path elsewhere is another.
    team.write("agents/conversations/a.yaml", "turns: [{ user: hours }]");
    assert!(!below().stdout.contains(OF_NO_SNAPSHOT));
}

#[test]
fn the_last_lines_name_a_review_that_finds_what_is_pending() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours }]");
    let ran = team.run(&["run", "--pending-dir", "left here"]).expect(1);
    let command = ran.stdout.lines().find(|line| line.contains("rehearsal review"));
    assert_eq!(command, Some("  rehearsal review --pending-dir 'left here'"), "{}", ran.all());
    let ran = team.run(&["review", "--pending-dir", "left here"]).expect(1);
    assert!(ran.stdout.contains("We open at noon."), "{}", ran.all());
    // It is found by itself where no flag was given.
    let ran = team.run(&["run"]).expect(1);
    let says = "1 pending snapshot waits for a decision: rehearsal review, accept, reject";
    assert!(ran.stdout.contains(says), "{}", ran.all());
}

#[test]
fn a_failure_says_why_no_snapshot_was_written() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours }]");
    let desk = "play it on your machine";
    let ran = team.run_with(&[("CI", "true")], &["run"]).expect(1);
    assert!(ran.words().contains(desk), "{}", ran.all());
    let ran = team.run_with(&[("INSTA_UPDATE", "no")], &["run"]).expect(1);
    assert!(ran.words().contains("INSTA_UPDATE=no writes nothing"), "{}", ran.all());
    assert!(!ran.words().contains(desk), "{}", ran.all());
    // Nothing could be written: the answers never agreed, and at the desk that is no reason to go there.
    let agent = team.read("agents/agent.yaml");
    let alike = "alpha, bravo, charlie, delta, echo, foxtrot, golf, hotel";
    let said = alike.split(", ").map(|word| format!("{word} {}", word.repeat(9)));
    let said = said.collect::<Vec<_>>().join(", ");
    team.write(
        "agents/agent.yaml",
        &agent.replace("say: We open at noon.", &format!("say: [{said}]")),
    );
    let ran = team.run(&["run", "--learn", "--plays", "8"]).expect(1);
    assert!(!ran.words().contains(desk), "{}", ran.all());
}

#[test]
fn a_missing_agent_file_is_a_mistake_of_the_line_that_names_it() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours }]");
    fs::remove_file(team.path("agents/agent.yaml")).expect("the file");
    for command in ["run", "check"] {
        let ran = team.run(&[command]).expect(2);
        assert!(ran.stderr.contains("there is no agent file agents/agent.yaml"), "{}", ran.all());
        assert!(ran.stderr.contains("--> rehearsal.toml:8:9"), "{}", ran.all());
        assert!(!ran.stderr.contains("--> agents/agent.yaml"), "{}", ran.all());
    }
    fs::create_dir(team.path("agents/agent.yaml")).expect("a folder");
    let ran = team.run(&["run"]).expect(2);
    assert!(ran.stderr.contains("agents/agent.yaml is not a file"), "{}", ran.all());
    assert!(ran.stderr.contains("--> rehearsal.toml:8:9"), "{}", ran.all());
}

#[test]
fn a_long_command_is_broken_between_words_and_runs_as_it_is_shown() {
    let team = Team::with_agent(RULES);
    let mut command = vec!["run".to_owned(), "--environment".to_owned(), "local".to_owned()];
    for number in 0..6 {
        let name = format!("a rather long name of a conversation, number {number}");
        team.write(
            &format!("conversations/{name}.yaml"),
            "turns: [{ user: hours, expect: { contains: never } }]",
        );
        command.push(name);
    }
    let ran = team.run(&command.iter().map(String::as_str).collect::<Vec<_>>()).expect(1);
    let (_, shown) = ran.stdout.rsplit_once("play again what failed:\n").expect("the command");
    assert!(shown.lines().count() > 3, "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(shown.contains("--rerun-failed"), "{shown}");
    // A shell takes it as it stands.
    let program = env!("CARGO_BIN_EXE_rehearsal");
    let script = format!("rehearsal() {{ '{program}' \"$@\"; }}\n{shown}");
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", &script]).current_dir(team.path("")).env_remove("CI").output();
    let again = Ran::of(output.expect("a shell")).expect(1);
    assert!(again.stdout.contains("6 failed"), "{}", again.all());
}

#[test]
fn init_adds_to_gitignore_and_keeps_its_other_lines() {
    let lines = "*.snap.new\n.rehearsal/\n";
    let team = Team::empty();
    let ran = team.run(&["init"]).expect(0);
    assert!(ran.stdout.contains("wrote .gitignore"), "{}", ran.all());
    assert_eq!(team.read(".gitignore"), lines);
    let ran = team.run(&["init"]).expect(0);
    assert!(ran.stdout.contains("kept  .gitignore"), "{}", ran.all());
    assert_eq!(team.read(".gitignore"), lines);
    for (before, after) in [
        ("target", format!("target\n{lines}")),
        ("# mine\n\n!keep\n", format!("# mine\n\n!keep\n{lines}")),
        ("a\r\nb\r\n", "a\r\nb\r\n*.snap.new\r\n.rehearsal/\r\n".to_owned()),
        ("/.rehearsal\n", "/.rehearsal\n*.snap.new\n".to_owned()),
        ("# *.snap.new\n", format!("# *.snap.new\n{lines}")),
    ] {
        let team = Team::empty();
        team.write(".gitignore", before);
        let ran = team.run(&["init"]).expect(0);
        assert!(ran.stdout.contains("added to .gitignore"), "{}", ran.all());
        assert_eq!(team.read(".gitignore"), after);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_review_offers_for_a_new_answer_only_what_can_be_done_with_it() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours }]");
    team.run(&["run"]).expect(1);
    let ran = team.press("olcq", &["review"]).expect(1);
    assert!(ran.stdout.contains("a accept  r reject  s skip"), "{}", ran.all());
    assert!(ran.stdout.contains("a, r or s (esc: not)?"), "{}", ran.all());
    for refused in ["o either", "l loosen", "left"] {
        assert!(!ran.stdout.contains(refused), "{refused}: {}", ran.all());
    }
    team.press("aq", &["review"]).expect(0);
    let agent = team.read("agents/agent.yaml");
    team.write("agents/agent.yaml", &agent.replace("at noon", "at one"));
    team.run(&["run"]).expect(1);
    let ran = team.press("q", &["review"]).expect(1);
    assert!(ran.stdout.contains("o either  l loosen"), "{}", ran.all());
}
