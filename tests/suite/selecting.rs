//! What is selected: no word that was written is passed over, and nothing is forgotten.

use crate::common::Team;

const RULES: &str = "  - { when: { message: hours }, say: We open at noon. }\n";

/// Two tags, three conversations.
fn team() -> Team {
    let team = Team::with_agent(RULES);
    for (name, tags) in
        [("billing", "[billing, smoke]"), ("hours", "[smoke]"), ("slow", "[nights]")]
    {
        let turns = "turns: [{ user: hours?, expect: { contains: noon } }]";
        team.write(&format!("conversations/{name}.yaml"), &format!("tags: {tags}\n{turns}"));
    }
    team
}

#[test]
fn a_tag_or_a_skip_that_no_conversation_knows_is_refused_also_beside_one_that_is_known() {
    let team = team();
    for (arguments, says) in [
        (&["--tag", "smoke", "--tag", "biling"][..], "tag `biling`: did you mean `billing`?"),
        (&["--tag", "weekly", "--tag", "smoke"], "the tags are: billing, nights, smoke"),
        (&["--tag", "smok"], "did you mean `smoke`?"),
        (&["--skip", "slwo"], "--skip `slwo` leaves out no case: did you mean `slow`?"),
        (&["--skip", "slow", "--skip", "x/y"], "--skip `x/y` leaves out no case"),
        (&["--skip", "@downtwon", "hours"], "did you mean `downtown`?"),
        (&["--exact", "hours@downtown", "--skip", "slwo@downtown"], "did you mean"),
        (&["--exact", "hours@downtown", "--tag", "smoke", "--tag", "biling"], "tag `biling`"),
    ] {
        for command in ["run", "list"] {
            let ran = team.run(&[&[command], arguments].concat()).expect(2);
            assert!(ran.words().contains(says), "{says}\n{}", ran.all());
            assert_eq!(ran.stdout, "");
        }
    }
    team.run(&["run", "--tag", "smoke", "--tag", "billing", "--skip", "hours"]).expect(0);
    team.run(&["run", "hours", "--skip", "slow"]).expect(0);
    team.run(&["run", "--exact", "hours@downtown", "--skip", "slow@downtown"]).expect(0);
}

#[test]
fn a_skip_or_tag_of_another_project_is_known() {
    let team = team();
    let other = "\n[projects.clinic.environments.local]\nagent = \"agents/agent.yaml\"\n";
    let config = team.read("rehearsal.toml");
    team.write("rehearsal.toml", &format!("default_project = \"demo\"\n{config}{other}"));
    team.write(
        "conversations/visit.yaml",
        "project: clinic\ntags: [nightly]\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    let own =
        ["run", "--project", "clinic", "--skip", "slow", "--tag", "nightly", "--tag", "smoke"];
    team.run(&own).expect(0);
}

#[test]
fn a_flag_or_variable_that_is_empty_does_not_choose_the_default() {
    let team = team();
    for name in ["ENVIRONMENT", "PROJECT", "VARIANT", "CONFIG"] {
        let name = format!("REHEARSAL_{name}");
        for command in ["run", "list"] {
            let ran = team.run_with(&[(&name, "")], &[command]).expect(2);
            assert!(ran.stderr.contains(&format!("{name} is set and empty")), "{}", ran.all());
        }
    }
    team.run_with(&[("REHEARSAL_ENVIRONMENT", "")], &["run", "--environment", "local"]).expect(0);
    let closing = [("REHEARSAL_ENVIRONMENT", "")];
    let ran = team.run_with(&closing, &["close", "CONV-1"]).expect(2);
    assert!(ran.stderr.contains("is set and empty"), "{}", ran.all());

    for flag in ["--environment", "--project", "--variant", "--tag", "--skip"] {
        let ran = team.run(&["run", flag, ""]).expect(2);
        assert!(ran.words().contains("is a variable of the shell not set?"), "{}", ran.all());
    }
    for arguments in [
        &["accept", ""][..],
        &["reject", ""],
        &["review", ""],
        &["close", ""],
        &["serve", "agents/agent.yaml", "--fault", ""],
    ] {
        let ran = team.run(arguments).expect(2);
        assert!(ran.words().contains("is a variable of the shell not set?"), "{}", ran.all());
    }
    for flag in ["--config", "--json", "--junit", "--html", "--code-quality", "--pending-dir"] {
        let ran = team.run(&["run", flag, ""]).expect(2);
        assert!(ran.words().contains(&format!("a value is required for '{flag}")), "{}", ran.all());
    }
}

#[test]
fn what_a_run_did_not_begin_is_played_by_rerun_failed() {
    let team = team();
    team.write("rehearsal.toml", &(team.read("rehearsal.toml") + "[run]\nconcurrency = 1\n"));
    let wrong = "turns: [{ user: hours?, expect: { contains: never } }]";
    team.write("conversations/billing.yaml", wrong);
    team.write("conversations/slow.yaml", wrong);
    team.run(&["run", "slow"]).expect(1);
    let known = team.read(".rehearsal/failed/local/slow@downtown.json");

    let ran = team.run(&["run", "--fail-fast"]).expect(1);
    assert!(ran.words().contains("1 failed, 2 not played"), "{}", ran.all());
    assert!(
        ran.stdout.contains("rehearsal run --environment local --rerun-failed"),
        "{}",
        ran.all()
    );
    // What is known of the last time it was played is not replaced by a time it was not.
    assert_eq!(team.read(".rehearsal/failed/local/slow@downtown.json"), known);

    let ran = team.run(&["run", "--rerun-failed"]).expect(1);
    assert!(ran.words().contains("2 failed, 1 passed"), "{}", ran.all());
    let ran = team.run(&["run", "--rerun-failed"]).expect(1);
    assert!(ran.words().contains("2 failed"), "{}", ran.all());
}

#[test]
fn a_redaction_that_leaves_nothing_of_an_answer_is_a_mistake() {
    let team = team();
    let config = team.read("rehearsal.toml");
    for pattern in [r"[\s\S]+", ".+", r"\S+", ".*"] {
        team.write("rehearsal.toml", &config.replace("BK-[0-9]{6}", pattern));
        let ran = team.run(&["check"]).expect(2);
        assert!(ran.words().contains("1 mistake"), "{}", ran.all());
        let known = ["can match an entire answer", "matches every text"];
        assert!(known.iter().any(|says| ran.words().contains(says)), "{}", ran.all());
    }
}
