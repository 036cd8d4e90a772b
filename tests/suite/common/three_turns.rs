//! A team with one conversation of three turns, each of which was accepted otherwise.

use super::Team;

const RULES: &str = r#"
  - when: { message: table }
    say: Your table for 4 is booked for Tuesday, Ana.
  - when: { message: hours }
    say: We open at noon.
  - when: { message: dogs }
    say: Dogs may come along.
  - when: { message: desk }
    say: I'll put you through to the desk.
    handoff: { destination: BAR }
"#;

pub const ACCEPTED: &str = "snapshots/visit@downtown.snap";
pub const PENDING: &str = "snapshots/visit@downtown.snap.new";

/// What was accepted.
pub const OLD: &str = "---\nsource: conversations/visit.yaml\n---
- user: table?
  agent: Your table for 2 is booked for Friday, Ben.
- user: hours?
  agent: We open at one.
- user: dogs?
  agent: Sorry, we do not allow any pets.
";

/// The team after a run in which each turn says something else.
pub fn three_turns() -> Team {
    let team = Team::with_agent(RULES);
    team.write(
        "conversations/visit.yaml",
        "tags: [visits]\nturns: [{ user: table? }, { user: hours? }, { user: dogs? }]",
    );
    team.write(ACCEPTED, OLD);
    team.run(&["run"]).expect(1);
    assert!(team.exists(PENDING));
    team
}

/// The same with five conversations that only ask for the hours, in two variants, and one that is
/// handed off to the wrong place.
pub fn larger_team() -> Team {
    let team = three_turns();
    for number in 0..5 {
        let path = format!("conversations/hours/{number}.yaml");
        team.write(&path, "tags: [smoke]\nvariants: all\nturns: [{ user: hours? }]");
        for variant in ["downtown", "uptown"] {
            let old = "---\nsource: x\n---\n- user: hours?\n  agent: We open at one.\n";
            team.write(&format!("snapshots/hours/{number}@{variant}.snap"), old);
        }
    }
    team.write(
        "conversations/desk.yaml",
        "turns:\n  - user: desk\n    expect: { handoff: DESK, snapshot: true }\n",
    );
    team.run(&["run"]).expect(1);
    team
}
