//! `rehearsal init`.

use crate::common::{Ran, Team, info_team::RULES};

#[test]
fn init_below_a_project_says_that_there_is_one() {
    let team = Team::with_agent(RULES);
    team.write("below/readme", "");
    let mut init = team.command(&["init"]);
    let ran = Ran::of(init.current_dir(team.path("below")).output().expect("a run")).expect(0);
    assert!(ran.stdout.contains("rehearsal.toml exists too"), "{}", ran.all());
    let ran = Team::empty().run(&["init"]).expect(0);
    assert!(!ran.stdout.contains("exists too"), "{}", ran.all());
}

#[test]
fn init_writes_a_suite_that_works_and_touches_nothing_that_exists() {
    let team = Team::empty();
    team.write("agents/demo.yaml", "greeting: [{ say: mine }]\nfallback: { say: mine }\n");
    team.run(&["init"]).expect(0);
    assert!(team.read("agents/demo.yaml").contains("mine"));
    assert!(!team.exists("tests/conversations.rs"));

    let team = Team::empty();
    team.write("Cargo.toml", "[package]\nname = \"x\"\n");
    team.run(&["init"]).expect(0);
    team.run(&["check"]).expect(0);
    let config = team.read("rehearsal.toml");
    let (local, remote) = config.split_once("environments.sandbox]").expect("a sandbox");
    let (sandbox, live) = remote.split_once("environments.live]").expect("live");
    for setting in ["\nconfirm_failures = 2\n", "\nflaky = \"warn\"\n"] {
        assert!(sandbox.contains(setting), "{config}");
        assert!(!local.contains(setting) && !live.contains(setting), "{config}");
    }
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
    let config = team.read("rehearsal.toml");
    let ran = team.run(&["init"]).expect(0);
    assert!(ran.stdout.contains("kept  rehearsal.toml"), "{}", ran.all());
    assert_eq!(team.read("rehearsal.toml"), config);
    assert!(team.exists("tests/conversations.rs"));
}
