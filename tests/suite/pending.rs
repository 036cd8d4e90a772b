//! What becomes of a pending snapshot when the conversation is played again, elsewhere or not to
//! its end: only a run that compared a turn says that nothing is pending for it.

use crate::common::Team;

const PENDING: &str = "snapshots/pay@downtown.snap.new";
const ACCEPTED: &str = "snapshots/pay@downtown.snap";

/// Two turns; the second is pinned in sandbox only.
const PAY: &str = "turns:
  - user: hours?
  - user: pay?
    expect_in: { local: { contains: pay } }
";

fn team() -> Team {
    let team = Team::with_agent(
        "  - { when: { message: hours }, say: We open at noon. }\n  - { when: { message: pay }, say: You pay by card. }\n",
    );
    team.write("conversations/pay.yaml", PAY);
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.run(&["run", "--environment", "sandbox"]).expect(0);
    team.run(&["run"]).expect(0);
    team
}

fn agent_says(team: &Team, before: &str, after: &str) {
    let agent = team.read("agents/agent.yaml");
    assert!(agent.contains(before), "{agent}");
    team.write("agents/agent.yaml", &agent.replace(before, after));
}

#[test]
fn a_run_where_a_turn_is_not_pinned_leaves_it_pending_when_it_passes() {
    let team = team();
    agent_says(&team, "by card", "in cash");
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    let pending = team.read(PENDING);
    team.run(&["run"]).expect(0);
    assert_eq!(team.read(PENDING), pending);
    team.run_with(&[("CI", "true")], &["run"]).expect(0);
    assert_eq!(team.read(PENDING), pending);
    team.run(&["accept"]).expect(0);
    assert!(team.read(ACCEPTED).contains("in cash"), "{}", team.read(ACCEPTED));
    team.run(&["run", "--environment", "sandbox"]).expect(0);
}

#[test]
fn what_a_run_compared_is_no_longer_pending_and_the_rest_is() {
    let team = team();
    agent_says(&team, "by card", "in cash");
    agent_says(&team, "at noon", "at one");
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    agent_says(&team, "at one", "at noon");
    team.run(&["run"]).expect(0);
    let pending = team.read(PENDING);
    assert!(pending.contains("in cash") && pending.contains("at noon"), "{pending}");
    agent_says(&team, "in cash", "by card");
    team.run(&["run", "--environment", "sandbox"]).expect(0);
    assert!(!team.exists(PENDING));
}

#[test]
fn a_run_that_leaves_something_else_pending_keeps_what_it_did_not_compare() {
    let team = team();
    agent_says(&team, "by card", "in cash");
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    agent_says(&team, "at noon", "at one");
    team.run(&["run"]).expect(1);
    let pending = team.read(PENDING);
    assert!(pending.contains("in cash") && pending.contains("at one"), "{pending}");
    // What is accepted at once settles what was compared, and nothing else.
    team.run_with(&[("INSTA_UPDATE", "always")], &["run"]).expect(0);
    let (accepted, pending) = (team.read(ACCEPTED), team.read(PENDING));
    assert!(accepted.contains("at one") && accepted.contains("by card"), "{accepted}");
    assert!(pending.contains("at one") && pending.contains("in cash"), "{pending}");
    team.run(&["reject"]).expect(0);
    assert!(!team.exists(PENDING));
}

#[test]
fn a_turn_that_was_not_reached_stays_pending() {
    let team = team();
    agent_says(&team, "by card", "in cash");
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    let ends = "at noon.\", end_conversation: true }";
    agent_says(&team, "We open at noon. }", &format!("\"We open {ends}"));
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    assert!(team.read(PENDING).contains("in cash"), "{}", team.read(PENDING));
}

#[test]
fn a_turn_that_is_pinned_nowhere_any_more_is_not_pending() {
    let team = team();
    agent_says(&team, "by card", "in cash");
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    team.write(
        "conversations/pay.yaml",
        &PAY.replace("expect_in: { local: { contains: pay } }", "expect: { contains: pay }"),
    );
    team.run(&["run"]).expect(0);
    // What is left proposes to take its text out.
    assert!(!team.read(PENDING).contains("in cash"), "{}", team.read(PENDING));
}

#[test]
fn of_a_repeated_line_the_right_one_stays_pending() {
    let team = Team::with_agent("  - { when: { message: pay }, say: You pay by card. }\n");
    let twice = "turns:
  - user: pay?
    expect_in: { local: { contains: pay } }
  - user: pay?
    expect: { contains: pay }
";
    team.write("conversations/pay.yaml", twice);
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    let pending = team.read(PENDING);
    team.run(&["run"]).expect(0);
    assert_eq!(team.read(PENDING), pending);
}
