//! A team whose agent has changed.

use super::Team;

/// What the agent says at first.
pub const AGENT: &str = r#"
  - when: { message: '(?i)table for (?P<party>\d+)' }
    say: A table for ${party}, with pleasure.
  - when: { message: hours }
    say: We open at one.
  - when: { message: front desk }
    say: I will put you through to the front desk.
    handoff: { destination: DESK }
  - when: { message: dogs }
    say: Sorry, we do not allow any pets.
"#;

const VISIT: &str = "tags: [visits]
turns:
  - user: hours?
  - user: front desk, please
    expect: { handoff: DESK, snapshot: true }
  - user: Are dogs welcome?
";

/// Thirty conversations that pin the greeting and eight that pin more, all accepted; then the agent
/// is changed, so that forty changes are pending, of which thirty are the same.
pub fn forty_changes() -> Team {
    let team = Team::with_agent(AGENT);
    for number in 0..30 {
        let hello = "greeting: {}\nturns: [{ user: hours?, expect: { contains: open } }]";
        team.write(&format!("conversations/hello/{number:02}.yaml"), hello);
    }
    for number in 2..9 {
        let table = format!("turns: [{{ user: A table for {number} }}]");
        team.write(&format!("conversations/table/{number}.yaml"), &table);
    }
    team.write("conversations/visit.yaml", VISIT);
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
    let agent = team.read("agents/agent.yaml");
    let agent = agent
        .replace("Hello. How", "Welcome. How")
        .replace("with pleasure", "gladly")
        .replace("at one", "at noon")
        .replace("I will put", "I'll put")
        .replace("destination: DESK", "destination: BAR")
        .replace("Sorry, we do not allow any pets.", "They may come along.");
    team.write("agents/agent.yaml", &agent);
    team.run(&["run"]).expect(1);
    team
}
