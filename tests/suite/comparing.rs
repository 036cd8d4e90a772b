//! `rehearsal report diff`: what changed between two runs.

use crate::common::Team;

const RULES: &str = r#"
  - { when: { message: hours }, say: We open at noon. }
  - { when: { message: slow }, say: At last. }
  - { when: { message: address }, say: Elm Street. }
"#;

fn conversation(team: &Team, name: &str, user: &str, contains: &str) {
    let text = format!("turns: [{{ user: {user}, expect: {{ contains: {contains} }} }}]");
    team.write(&format!("conversations/{name}.yaml"), &text);
}

/// Two runs: one case that holds, and one each that breaks, is mended, is slower, goes, and comes.
fn two_runs() -> Team {
    let team = Team::with_agent(RULES);
    conversation(&team, "same", "hours?", "We");
    conversation(&team, "breaks", "hours?", "noon");
    conversation(&team, "mended", "hours?", "one");
    conversation(&team, "never", "hours?", "midnight");
    conversation(&team, "slows", "slow", "last");
    conversation(&team, "goes", "address?", "Elm");
    conversation(&team, "rests", "address?", "Elm");
    team.run(&["run", "--json", "old.jsonl"]).expect(1);
    let agent = team.read("agents/agent.yaml").replace("noon", "one");
    team.write("agents/agent.yaml", &agent.replace("say: At last.", "say: At last., wait: 300ms"));
    std::fs::remove_file(team.path("conversations/goes.yaml")).expect("a file");
    team.write("conversations/rests.yaml", "skip: Being rewritten\nturns: [{ user: address? }]");
    conversation(&team, "comes", "address?", "Elm");
    team.run(&["run", "--json", "new.jsonl"]).expect(1);
    team
}

#[test]
fn two_runs_are_compared_case_by_case() {
    let team = two_runs();
    let ran = team.run(&["report", "diff", "old.jsonl", "new.jsonl"]).expect(1);
    crate::common::filters().bind(|| {
        insta::assert_snapshot!(ran.stdout, @"
    1 broke
      breaks@downtown
        turn 1: the response does not contain the text: noon

    2 disappeared
      rests@downtown
        it passed and is skipped now: Being rewritten
      goes@downtown
        it passed before

    1 slower
      slows@downtown
        its answers took [duration] in the median, and take [duration] now

    1 fixed
      mended@downtown
        turn 1: the response does not contain the text: one

    1 new
      comes@downtown
        passed

    1 failed before, and still do
    1 as they were
    ")
    });
    let ran = team.run(&["report", "diff", "old.jsonl", "old.jsonl"]).expect(0);
    assert_eq!(ran.stdout, "2 failed before, and still do\n5 as they were\n");
}

#[test]
fn one_environment_is_compared_with_another() {
    let team = Team::with_agent(RULES);
    conversation(&team, "same", "hours?", "noon");
    team.run(&["run", "--json", "local.jsonl"]).expect(0);
    team.run(&["run", "--environment", "sandbox", "--json", "sandbox.jsonl"]).expect(0);
    let ran = team.run(&["report", "diff", "local.jsonl", "sandbox.jsonl"]).expect(0);
    assert_eq!(ran.stdout, "1 as they were\n");
}

#[test]
fn a_run_that_was_killed_is_no_proof_that_nothing_broke() {
    let team = Team::with_agent(RULES);
    conversation(&team, "a", "hours?", "noon");
    conversation(&team, "b", "hours?", "noon");
    team.run(&["run", "--json", "old.jsonl"]).expect(0);
    let old = team.read("old.jsonl");
    let cut = old.rfind("{\"event\":\"run_finished\"").expect("the last line");
    team.write("cut.jsonl", &old[..cut]);
    team.run(&["report", "diff", "old.jsonl", "cut.jsonl"]).expect(3);
    let cut = old.rfind("{\"event\":\"case_finished\"").expect("a line");
    team.write("cut.jsonl", &old[..cut]);
    let ran = team.run(&["report", "diff", "old.jsonl", "cut.jsonl"]).expect(1);
    assert!(ran.stdout.contains("1 disappeared"), "{}", ran.all());
    assert!(ran.stderr.contains("this run was killed"), "{}", ran.all());
    let ran = team.run(&["report", "diff", "cut.jsonl", "old.jsonl"]).expect(3);
    assert!(ran.stdout.contains("1 new"), "{}", ran.all());
    team.run(&["report", "diff", "old.jsonl"]).expect(2);
    team.run(&["report", "diff", "old.jsonl", "none.jsonl"]).expect(2);
}
