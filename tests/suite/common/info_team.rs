//! A team with a few conversations that pass, one of them skipped.

use super::Team;

/// What its agent says.
pub const RULES: &str = r#"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: address }
    say: We are at ${address}.
  - when: { message: thanks }
    say: [You are welcome., My pleasure.]
"#;

/// The team.
pub fn info_team() -> Team {
    let team = Team::with_agent(RULES);
    team.write(
        "conversations/info/address.yaml",
        "tags: [smoke]\nvariants: { downtown: { street: Harbour }, uptown: { street: Hill } }\nturns: [{ user: address?, expect: { contains: \"${street}\" } }]",
    );
    team.write(
        "conversations/info/hours.yaml",
        "turns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.write("conversations/later.yaml", "skip: Not built yet\nturns: [{ user: hello }]");
    team
}
