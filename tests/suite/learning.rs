//! Playing new conversations several times, to learn what of their answers varies.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{
    Team, filters,
    recorder::{Recorder, Reply, reply},
};
use serde_json::json;

const CONVERSATION: &str = "turns:
  - user: hours?
  - user: book, please
  - user: thanks
  - user: tell me a joke
    expect: { snapshot: true }
  - user: hours again?
    expect: { contains: noon }
";

/// An agent that says the same in no two plays where it books or tells a joke.
fn server() -> Recorder {
    agent(|play, message| {
        let response = match message {
            "hours?" | "hours again?" => "We open at noon.".to_owned(),
            "book, please" => format!("Your table is booked under N-{play:06}, see you soon."),
            "thanks" if play % 2 == 0 => "You are very welcome.".to_owned(),
            "thanks" => "It was my pleasure.".to_owned(),
            "tell me a joke" => ["a", "b", "c", "d"].map(|word| format!("{word}{play}")).join(" "),
            _ => "Hello. How can I help?".to_owned(),
        };
        Some(says(play, &response, false))
    })
}

fn team(server: &Recorder) -> Team {
    let team = Team::remote(&server.base_url);
    team.write("conversations/new.yaml", CONVERSATION);
    team
}

#[test]
fn a_new_conversation_is_played_several_times_and_what_varied_is_proposed() {
    let server = server();
    let team = team(&server);
    let ran = team.run(&["run", "--learn", "--plays", "12"]).expect(1);
    // After the conversation come its ids and commands, which are as long as they are.
    let (shown, _ids) = ran.stdout.split_once("\n  conversation  ").expect("the ids");
    filters().bind(|| insta::assert_snapshot!("learning", shown));
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    filters().bind(|| {
        insta::assert_snapshot!("learned", team.read("snapshots/new.snap.new"));
    });

    let ran = team.run(&["review"]).expect(1);
    assert!(ran.words().contains("or + "), "alternatives are shown: {}", ran.all());
    let ran = team.run(&["accept"]).expect(0);
    insta::assert_snapshot!(ran.stdout, @r"
    accepted new
      but  turn 4 has no text yet, for its answers never agreed: expect what
           matters of it with `contains` or `matches`
    ");
    // What never agreed is not accepted by a snapshot.
    for _ in 0..4 {
        let ran = team.run(&["run"]).expect(1);
        assert_eq!(ran.stdout.matches("text in turn").count(), 1, "{}", ran.all());
        assert!(ran.stdout.contains("text in turn 4"), "{}", ran.all());
    }
}

#[test]
fn what_was_accepted_is_not_learned_again() {
    let server = server();
    let team = team(&server);
    team.write(
        "snapshots/new.snap",
        "---\nsource: conversations/new.yaml\n---\n- user: hours?\n  agent: We open at {{any}}.\n- user: thanks\n  agent: Bye.\n",
    );
    team.run(&["run", "--learn"]).expect(1);
    let pending = team.read("snapshots/new.snap.new");
    assert!(pending.contains("We open at {{any}}."), "{pending}");
    assert!(pending.contains("booked under {{any}}"), "{pending}");
    // One that differs from what was accepted is a change to be reviewed, not one to learn from.
    assert!(pending.contains("- user: thanks\n  agent: "), "{pending}");

    let team = self::team(&server);
    team.write("conversations/new.yaml", "turns: [{ user: hours? }]");
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    let ran = team.run(&["run", "--learn"]).expect(0);
    assert!(ran.stdout.contains("3 requests"), "it was played once: {}", ran.all());
}

#[test]
fn learning_counts_its_requests_and_closes_every_conversation() {
    let server = server();
    let team = team(&server);
    let ran = team.run(&["run", "--learn", "--plays", "3"]).expect(1);
    assert!(ran.stdout.contains("21 requests"), "{}", ran.all());
    let ran = team.run(&["run", "--learn", "--plays", "3", "--max-requests", "20"]).expect(2);
    assert!(ran.stderr.contains("take 21 requests"), "{}", ran.all());
}

#[test]
fn in_ci_there_is_nowhere_to_put_what_was_learned() {
    let server = server();
    let team = team(&server);
    let ran = team.run_with(&[("CI", "1")], &["run", "--learn"]).expect(2);
    assert!(ran.stderr.contains("add --pending-dir"), "{}", ran.all());
    team.run_with(&[("CI", "1")], &["run", "--learn", "--pending-dir", "kept"]).expect(1);
    assert!(team.read("kept/snapshots/new.snap.new").contains("{{any}}"));
    team.run(&["run", "--runs", "3"]).expect(2);
}

#[test]
fn an_answer_that_never_agrees_with_itself_is_never_accepted() {
    let server = server();
    let team = team(&server);
    team.write("conversations/new.yaml", "turns: [{ user: tell me a joke }]");
    let ran = team.run_with(&[("INSTA_UPDATE", "always")], &["run", "--learn"]).expect(1);
    assert!(ran.stdout.contains("5 different answers"), "{}", ran.all());
    assert!(!team.exists("snapshots/new.snap"));
    team.run(&["run", "--learn"]).expect(1);
    assert!(!team.exists("snapshots/new.snap.new"), "it would accept nothing");
}

/// An agent that answers alike in every play, but for what `differs` says of a play (from 1).
fn agent(differs: impl Fn(usize, &str) -> Option<Reply> + Send + Sync + 'static) -> Recorder {
    let play = AtomicUsize::new(0);
    Recorder::start(move |request| {
        if request.operation() == "create" {
            play.fetch_add(1, Ordering::Relaxed);
        }
        let message = request.body["message"].as_str().unwrap_or_default();
        let play = play.load(Ordering::Relaxed);
        differs(play, message).unwrap_or_else(|| says(play, "Yes.", false))
    })
}

fn says(play: usize, response: &str, end: bool) -> Reply {
    let id = format!("CONV-{play}");
    reply(200, json!({ "conversation_id": id, "response": response, "end_conversation": end }))
        .into()
}

#[test]
fn the_play_is_shown_in_which_more_than_an_answer_does_not_hold() {
    let server = agent(|play, message| {
        let ends = [3, 5].contains(&play) && message == "second";
        ends.then(|| says(play, "Goodbye.", true))
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

#[test]
fn a_play_that_runs_out_of_time_is_the_last_and_what_was_learned_before_is_kept() {
    let server = agent(|play, message| (play == 3 && message == "second").then_some(Reply::Never));
    let team = Team::remote(&server.base_url);
    team.set("case_timeout = \"3s\"");
    team.write("conversations/new.yaml", "turns: [{ user: first }, { user: second }]");
    let ran = team.run(&["run", "--learn"]).expect(1);
    assert!(ran.words().contains("error: it took longer than 3.0 s"), "{}", ran.all());
    assert!(ran.words().contains("learned from 3 plays turn 1 always the same"), "{}", ran.all());
    assert_eq!(server.count("create"), 3);
    assert_eq!(server.count("close"), 3, "every conversation is closed");
    let pending = team.read("snapshots/new.snap.new");
    assert!(pending.contains("- user: second\n  agent: Yes.\n"), "{pending}");
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
}

#[test]
fn a_budget_that_is_spent_between_the_plays_ends_them_and_keeps_what_was_learned() {
    // The third play is begun afresh, for which the budget holds no request.
    let server = agent(|play, message| {
        (play == 3 && message == "first")
            .then(|| reply(503, json!({ "error_message": "busy" })).into())
    });
    let team = Team::remote(&server.base_url);
    let config = team.read("rehearsal.toml") + "attempts = 2\n";
    team.write("rehearsal.toml", &config);
    team.write("conversations/new.yaml", "turns: [{ user: first }, { user: second }]");
    let ran = team.run(&["run", "--learn", "--plays", "3", "--max-requests", "12"]).expect(1);
    assert!(ran.words().contains("error: the limit of --max-requests is reached"), "{}", ran.all());
    assert!(ran.words().contains("run aborted"), "{}", ran.all());
    assert_eq!(server.count("create"), server.count("close"), "{}", ran.all());
    assert!(team.read("snapshots/new.snap.new").contains("agent: Yes."));
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
}
