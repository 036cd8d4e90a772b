//! Playing new conversations several times, to learn what of their answers varies.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::{
    Team, filters,
    recorder::{Recorder, reply},
};
use serde_json::json;

const RULES: &str = r"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: book }
    make: { number: N-###### }
    say: Your table is booked under ${number}, see you soon.
  - when: { message: thanks }
    say: [You are very welcome., It was my pleasure.]
  - when: { message: joke }
    make: { a: N-######, b: N-######, c: N-######, d: N-###### }
    say: ${a} ${b} ${c} ${d}
";

const THANKS: &str = "You are very welcome\\.|It was my pleasure\\.";

const CONVERSATION: &str = "turns:
  - user: hours?
  - user: book, please
  - user: thanks
  - user: tell me a joke
    expect: { snapshot: true }
  - user: hours again?
    expect: { contains: noon }
";

fn team() -> Team {
    let team = Team::with_agent(RULES);
    team.write("conversations/new.yaml", CONVERSATION);
    team
}

#[test]
fn a_new_conversation_is_played_several_times_and_what_varied_is_proposed() {
    let team = team();
    let ran = team.run(&["run", "--learn", "--runs", "12"]).expect(1);
    let mut settings = filters();
    settings.add_filter(r"N-\d{6}", "[number]");
    settings.add_filter(THANKS, "[thanks]");
    settings.bind(|| insta::assert_snapshot!("learning", ran.stdout));
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    settings.bind(|| {
        insta::assert_snapshot!("learned", team.read("snapshots/new@downtown.snap.new"));
    });

    let ran = team.run(&["review"]).expect(1);
    assert!(ran.words().contains("or + "), "alternatives are shown: {}", ran.all());
    team.run(&["accept"]).expect(0);
    // What never agreed is not accepted by a snapshot.
    for _ in 0..4 {
        let ran = team.run(&["run"]).expect(1);
        assert_eq!(ran.stdout.matches("text in turn").count(), 1, "{}", ran.all());
        assert!(ran.stdout.contains("text in turn 4"), "{}", ran.all());
    }
}

#[test]
fn what_was_accepted_is_not_learned_again() {
    let team = team();
    team.write(
        "snapshots/new@downtown.snap",
        "---\nsource: conversations/new.yaml\n---\n- user: hours?\n  agent: We open at {{any}}.\n- user: thanks\n  agent: Bye.\n",
    );
    team.run(&["run", "--learn"]).expect(1);
    let pending = team.read("snapshots/new@downtown.snap.new");
    assert!(pending.contains("We open at {{any}}."), "{pending}");
    assert!(pending.contains("booked under {{any}}"), "{pending}");
    // One that differs from what was accepted is a change to be reviewed, not one to learn from.
    assert!(pending.contains("- user: thanks\n  agent: "), "{pending}");

    let team = self::team();
    team.write("conversations/new.yaml", "turns: [{ user: hours? }]");
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    let ran = team.run(&["run", "--learn"]).expect(0);
    assert!(ran.stdout.contains("3 requests"), "it was played once: {}", ran.all());
}

#[test]
fn learning_counts_its_requests_and_closes_every_conversation() {
    let team = team();
    let ran = team.run(&["run", "--learn", "--runs", "3"]).expect(1);
    assert!(ran.stdout.contains("21 requests"), "{}", ran.all());
    let ran = team.run(&["run", "--learn", "--runs", "3", "--max-requests", "20"]).expect(2);
    assert!(ran.stderr.contains("take 21 requests"), "{}", ran.all());
}

#[test]
fn in_ci_there_is_nowhere_to_put_what_was_learned() {
    let team = team();
    let ran = team.run_with(&[("CI", "1")], &["run", "--learn"]).expect(2);
    assert!(ran.stderr.contains("add --pending-dir"), "{}", ran.all());
    team.run_with(&[("CI", "1")], &["run", "--learn", "--pending-dir", "kept"]).expect(1);
    assert!(team.read("kept/snapshots/new@downtown.snap.new").contains("{{any}}"));
    team.run(&["run", "--runs", "3"]).expect(2);
}

#[test]
fn an_answer_that_never_agrees_with_itself_is_never_accepted() {
    let team = team();
    team.write("conversations/new.yaml", "turns: [{ user: tell me a joke }]");
    let ran = team.run_with(&[("INSTA_UPDATE", "always")], &["run", "--learn"]).expect(1);
    assert!(ran.stdout.contains("5 different answers"), "{}", ran.all());
    assert!(!team.exists("snapshots/new@downtown.snap"));
    team.run(&["run", "--learn"]).expect(1);
    assert!(!team.exists("snapshots/new@downtown.snap.new"), "it would accept nothing");
}

/// An agent that answers alike in every play, but for what `differs` says of a play (from 1).
fn agent(
    differs: impl Fn(usize, &str) -> Option<serde_json::Value> + Send + Sync + 'static,
) -> Recorder {
    let play = AtomicUsize::new(0);
    Recorder::start(move |request| {
        if request.operation() == "create" {
            play.fetch_add(1, Ordering::Relaxed);
        }
        let message = request.body["message"].as_str().unwrap_or_default();
        let play = play.load(Ordering::Relaxed);
        let same = || json!({ "conversation_id": format!("CONV-{play}"), "response": "Yes.", "end_conversation": false });
        reply(200, differs(play, message).unwrap_or_else(same))
    })
}

#[test]
fn the_play_is_shown_in_which_more_than_an_answer_does_not_hold() {
    let server = agent(|play, message| {
        let says = [3, 5].contains(&play) && message == "second";
        says.then(|| json!({ "conversation_id": format!("CONV-{play}"), "response": "Goodbye.", "end_conversation": true }))
    });
    let team = Team::remote(&server.base_url);
    team.write(
        "conversations/new.yaml",
        "turns: [{ user: first }, { user: second }, { user: third }]",
    );
    let ran = team.run(&["run", "--learn"]).expect(1);
    filters().bind(|| insta::assert_snapshot!("learning_with_an_end", ran.stdout));
    let pending = team.read("snapshots/new.snap.new");
    assert!(pending.contains("- user: third\n  agent: Yes.\n"), "{pending}");
}
