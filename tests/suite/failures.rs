//! What a person reads when something does not hold, pinned as it is printed.

use crate::common::{Team, filters};

const AGENT: &str = r#"
  - when: { message: cancel }
    say: You can cancel until 24 hours before your table. After that we charge £10 for each guest.
  - when: { message: menu }
    say: |
      This season:
      - beetroot with walnuts
      - mushroom risotto
      - aubergine with tahini
      Ask for the dish of the day.
  - when: { message: book }
    say: "Booked for {{party}}, reference BK-123456."
  - when: { message: twice }
    say: I am sorry. I will put you through to our front desk.
    handoff: { destination: FRONT_DESK, reason: DOUBLE_CHARGE }
    end_conversation: true
  - when: { message: person }
    say: One moment.
    handoff: {}
  - when: { message: quiet }
    say: ""
  - when: { message: slow }
    wait: 60ms
    say: Here I am.
  - when: { message: bye }
    say: Goodbye!
    end_conversation: true
  - when: { message: hostile }
    say: "\e[31mred\e[0m \u202Eesrever ::error::x ]]> <script> \0 end"
"#;

/// Plays one conversation and pins what is printed about it.
#[track_caller]
fn pin(name: &str, conversation: &str, status: i32) {
    let team = Team::with_agent(AGENT);
    pin_in(&team, name, conversation, status);
}

#[track_caller]
fn pin_in(team: &Team, name: &str, conversation: &str, status: i32) {
    team.write("conversations/case.yaml", conversation);
    let ran = team.run(&["run"]).expect(status);
    filters().bind(|| insta::assert_snapshot!(name, ran.stdout));
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.all());
    assert!(!ran.stdout.contains('\u{1b}'), "no colour goes into a file");
}

#[test]
fn wrong_handoff_and_more_in_one_turn() {
    pin(
        "wrong_handoff_and_more_in_one_turn",
        r#"turns:
  - user: What about a person?
    expect: { handoff: any, contains: moment }
  - user: I was charged twice
    expect:
      contains: [accounts team, sorry]
      not: { matches: (?i)front +desk }
      handoff: { destination: BILLING, reason: DOUBLE_CHARGE }
      within: 5s
  - user: Thanks
"#,
        1,
    );
}

#[test]
fn strict_rules_without_a_word_in_the_file() {
    pin(
        "strict_rules_without_a_word_in_the_file",
        "turns:\n  - user: I was charged twice\n    expect: { contains: sorry }\n",
        1,
    );
}

#[test]
fn a_handoff_without_a_destination() {
    pin(
        "a_handoff_without_a_destination",
        "turns:\n  - user: a person\n    expect: { contains: moment, handoff: RECEPTION }\n",
        1,
    );
}

#[test]
fn an_end_that_does_not_come() {
    pin(
        "an_end_that_does_not_come",
        "turns:\n  - user: hello\n    expect: { contains: bookings, end_conversation: true }\n",
        1,
    );
}

#[test]
fn matchers_of_every_kind() {
    pin(
        "matchers_of_every_kind",
        r#"turns:
  - user: cancel
    expect:
      equals: You can cancel until 48 hours before your table. After that we charge £10 for each guest.
      matches: ['refund within \d+ days', charge]
      any:
        - { contains: free of charge }
        - { matches: ^Yes, not: { contains: charge } }
"#,
        1,
    );
}

#[test]
fn an_answer_that_is_empty() {
    pin(
        "an_answer_that_is_empty",
        "turns:\n  - user: quiet\n    expect: { contains: welcome }\n",
        1,
    );
}

#[test]
fn an_answer_that_is_late() {
    pin(
        "an_answer_that_is_late",
        "turns:\n  - user: slow\n    expect: { contains: Here, within: 10ms }\n",
        1,
    );
}

#[test]
fn forbidden_text() {
    pin("forbidden_text", "turns:\n  - user: book\n    expect: { contains: Booked }\n", 1);
}

#[test]
fn a_capture_that_fails_leaves_later_turns_unplayed() {
    pin(
        "a_capture_that_fails_leaves_later_turns_unplayed",
        r#"turns:
  - user: hello
    expect: { matches: 'reference (?P<reference>BK-\d+)' }
  - user: cancel
    expect: { contains: "${reference}" }
  - user: Is ${reference} confirmed?
  - user: bye
"#,
        1,
    );
}

#[test]
fn a_changed_answer_of_several_lines() {
    let team = Team::with_agent(AGENT);
    let conversation = "greeting: {}\nturns:\n  - user: menu\n  - user: hostile\n";
    team.write("conversations/case.yaml", conversation);
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
    let agent = team.read("agents/agent.yaml");
    let agent = agent
        .replace("mushroom risotto", "barley risotto")
        .replace("Hello. How", "Good evening. How")
        .replace("<script>", "<b>");
    team.write("agents/agent.yaml", &agent);
    pin_in(&team, "a_changed_answer_of_several_lines", conversation, 1);
}

#[test]
fn in_ci_nothing_is_written_and_it_says_so() {
    let team = Team::with_agent(AGENT).var("CI", "true");
    pin_in(&team, "in_ci_nothing_is_written_and_it_says_so", "turns:\n  - user: cancel\n", 1);
    assert!(!team.exists("snapshots"));
}

#[test]
fn a_case_that_could_not_be_played() {
    let team = Team::with_agent(AGENT);
    let config = team.read("rehearsal.toml").replace("VARIANT-2", "VARIANT-9");
    team.write("rehearsal.toml", &config);
    let conversation = "variants: [uptown]\nturns:\n  - user: cancel\n";
    pin_in(&team, "a_case_that_could_not_be_played", conversation, 3);
}

#[test]
fn colour_is_used_when_asked_for() {
    let team = Team::with_agent(AGENT);
    team.write("conversations/case.yaml", "turns:\n  - user: cancel\n");
    let ran = team.run_with(&[("CLICOLOR_FORCE", "1")], &["run"]).expect(1);
    assert!(ran.stdout.contains("\u{1b}[1m\u{1b}[31mFAILED"), "{}", ran.all());
}
