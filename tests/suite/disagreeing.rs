//! Plays that gave several answers to one message: which of them are right is a decision of a
//! person.

use serde_json::json;

use crate::common::{Team, recorder::Recorder};

/// Answers `hours?` in other words in each second play, and all else always alike.
fn server() -> Recorder {
    Recorder::unsteady(|message, time| {
        let text = match (message, time % 3) {
            ("hours?", 0) => "We open at 11.",
            ("hours?", _) => "We open at noon.",
            _ => "Yes.",
        };
        Some(json!({ "response": text }))
    })
}

fn team(server: &Recorder, rule: &str) -> Team {
    let team = Team::remote(&server.base_url);
    let config = team.read("rehearsal.toml") + "concurrency = 1\n";
    team.write("rehearsal.toml", &config);
    let turns = "turns: [{ user: hours? }, { user: dogs? }]\n";
    team.write("conversations/info.yaml", &format!("{rule}{turns}"));
    team
}

const PENDING: &str = "snapshots/info.snap.new";
const ACCEPTED: &str = "snapshots/info.snap";

#[test]
fn the_most_frequent_answer_is_pending_and_accept_leaves_that_turn_to_a_person() {
    let server = server();
    let team = team(&server, "plays: 3\npass: 1\n");
    team.run(&["run"]).expect(1);
    let pending = team.read(PENDING);
    assert!(
        pending.contains("We open at noon.") && !pending.contains("We open at 11."),
        "{pending}"
    );

    let ran = team.run(&["accept"]).expect(1);
    assert!(ran.words().contains("2 of 3 plays, 1 of 3 plays"), "{}", ran.all());
    assert!(ran.words().contains("rehearsal review"), "{}", ran.all());
    let accepted = team.read(ACCEPTED);
    assert!(accepted.contains("agent: Yes.") && !accepted.contains("noon"), "{accepted}");
    assert!(team.read(PENDING).contains("We open at noon."), "it still waits");
    let ran = team.run(&["accept", "--turn", "1"]).expect(1);
    assert!(ran.words().contains("2 of 3 plays"), "{}", ran.all());
}

#[test]
fn the_review_at_a_terminal_shows_every_answer_with_its_count_and_takes_several() {
    let server = server();
    let team = team(&server, "plays: 3\npass: 1\n");
    team.run(&["run"]).expect(1);
    let ran = team.press("maaq", &["review"]);
    for shown in ["We open at noon.", "We open at 11.", "2 of 3 plays", "1 of 3 plays"] {
        assert!(ran.stdout.contains(shown), "{shown}: {}", ran.all());
    }
    let accepted = team.read(ACCEPTED);
    assert!(
        accepted.contains("We open at noon.") && accepted.contains("We open at 11."),
        "{accepted}"
    );
}

#[test]
fn a_case_that_passed_leaves_nothing_pending() {
    let server = server();
    let team = team(&server, "");
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    let ran = team.run(&["run", "--plays", "1"]).expect(0);
    assert!(!team.exists(PENDING), "{}", ran.all());
    // The third time it says something else, and two of the next three plays are as accepted.
    let conversation = team.read("conversations/info.yaml");
    team.write("conversations/info.yaml", &format!("plays: 3\npass: 2\n{conversation}"));
    team.run(&["run"]).expect(0);
    assert!(!team.exists(PENDING));
}

#[test]
fn a_flaky_case_leaves_its_other_answer_to_the_review() {
    let server = server();
    let team = team(&server, "");
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
    let ran = team.run(&["run", "--confirm-failures", "1"]).expect(1);
    assert!(ran.words().contains("FLAKY"), "{}", ran.all());
    assert!(team.read(PENDING).contains("We open at 11."));
    let ran = team.run(&["accept"]).expect(1);
    assert!(ran.words().contains("an accepted one in 1 of 2 plays"), "{}", ran.all());
    assert!(team.read(ACCEPTED).contains("We open at noon."));
}

#[test]
fn what_was_learned_of_several_plays_is_accepted_like_any_other_change() {
    let server = server();
    let team = team(&server, "");
    team.run(&["run", "--learn", "--plays", "3"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
    team.run(&["run"]).expect(0);
}
