//! What a person reads of each verdict, at 80 columns.

use crate::common::{Team, filters, recorder::Recorder};
use serde_json::json;

/// An agent that says `Yes.` unless a test wants it to say something else the first, the second
/// time and so on.
fn agent() -> Recorder {
    Recorder::unsteady(|message, times| {
        let answer = |text: &str| Some(json!({ "response": text }));
        match (message, times) {
            ("dogs?" | "birds?", 1) => answer("Perhaps."),
            ("birds?" | "cats?", _) | ("a table", 2) => answer("Let me see."),
            ("my bill", 2) => Some(json!({
                "response": "Yes, one moment.",
                "handoff": { "destination": "BILLING", "reason": "BILL" },
            })),
            ("password", 2..) => Some(json!({ "status": 500, "error_code": "INTERNAL" })),
            _ => None,
        }
    })
}

fn team(server: &Recorder) -> Team {
    let team = Team::remote(&server.base_url).var("REHEARSAL_NOW", "2026-11-24T12:00:00Z");
    team.set("[run]\nconcurrency = 1\nattempts = 1");
    team
}

/// A conversation in which the agent has to say yes to each of these.
fn conversation(team: &Team, name: &str, settings: &str, users: &[&str]) {
    let turn = |user: &&str| format!("  - user: {user}\n    expect: {{ contains: 'Yes' }}\n");
    let turns: String = users.iter().map(turn).collect();
    team.write(&format!("conversations/{name}.yaml"), &format!("{settings}\nturns:\n{turns}"));
}

const QUARANTINE: &str =
    "quarantine: { owner: '@anna', until: 2026-12-15, reason: The model swaps two sentences. }";

/// What a run prints, without the commands that repeat its requests.
fn told(team: &Team, arguments: &[&str], status: i32) -> String {
    let out = team.run(&[&["run"], arguments].concat()).expect(status).stdout;
    let curl = regex::Regex::new(r"(?m)^  as curl .*\n(?: {16,}.*\n)*").expect("a pattern");
    let out = curl.replace_all(&out, "").into_owned();
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    out
}

macro_rules! pin {
    ($told:expr, @$pinned:literal) => {
        filters().bind(|| insta::assert_snapshot!($told, @$pinned))
    };
}

#[test]
fn several_plays_that_failed_in_different_ways() {
    let (server, confirmed) = (agent(), ["--confirm-failures", "2"]);
    let team = team(&server);
    conversation(&team, "birds", "", &["birds?", "dogs?"]);
    pin!(told(&team, &confirmed, 1), @"

    FAILED birds
    demo · sandbox
    3 of 3 plays, in 2 different ways: text in turn 1; or text in turns 1 and 2

    text in turn 1: the response does not contain the text
     --> conversations/birds.yaml:4:25
      |
    4 |     expect: { contains: 'Yes' }
      |                         ^^^^^ not what the agent said
         expected  Yes

    text in turn 2: the response does not contain the text
     --> conversations/birds.yaml:6:25
      |
    6 |     expect: { contains: 'Yes' }
      |                         ^^^^^ not what the agent said
         expected  Yes

    the conversation: play 1 of 3
          agent  Hello.
    >  1  user   birds?
          agent  Perhaps.
    >  2  user   dogs?
          agent  Perhaps.

    the other plays
        2  failed   text in turn 1  CONV-2
        3  failed   text in turn 1  CONV-3

      conversation  CONV-1  [time]
      turn 1        [correlation_id]
      turn 2        [correlation_id]
      play again    rehearsal run --environment sandbox --exact birds


    1 failed
    3 conversations, 6 turns, 12 requests in [duration]
    answers: median [duration], 95 % within [duration]
    in sandbox, 1 conversation at once
    play again what failed:
      rehearsal run --environment sandbox --rerun-failed
    ");
}

#[test]
fn a_handoff_in_one_of_several_plays_decides_it() {
    let server = agent();
    let team = team(&server);
    conversation(&team, "bill", "plays: 5\npass: 4", &["my bill"]);
    let out = told(&team, &[], 1);
    pin!(out.lines().take(5).collect::<Vec<_>>().join("\n"), @"

    FAILED bill
    demo · sandbox
    1 of 2 plays failed, which decides it: handoff in turn 1
    ");
}

#[test]
fn several_plays_that_failed_alike_or_could_not_be_played() {
    let server = agent();
    let team = team(&server);
    conversation(&team, "account/password", "plays: 3", &["password"]);
    conversation(&team, "info/cats", "plays: 3\npass: 2", &["cats?"]);
    pin!(told(&team, &[], 1), @"

    FAILED info/cats
    demo · sandbox
    2 of 2 plays, the same way: text in turn 1

    text in turn 1: the response does not contain the text
     --> conversations/info/cats.yaml:5:25
      |
    5 |     expect: { contains: 'Yes' }
      |                         ^^^^^ not what the agent said
         expected  Yes

    the conversation: play 1 of 2
          agent  Hello.
    >  1  user   cats?
          agent  Let me see.

    the other play
        2  failed   text in turn 1  CONV-4

      conversation  CONV-2  [time]
      turn 1        [correlation_id]
      play again    rehearsal run --environment sandbox --exact info/cats


    ERROR account/password
    demo · sandbox
    1 valid play of 3: status 500 twice

    error: HTTP 500 INTERNAL
             when  turn 1 of 1, conversations/account/password.yaml:3
          request  POST /v1/acme%20uk%2F1/PROJECT-1/chat/respond
      correlation  [correlation_id]
             help  a fault of the platform or of something in front of it; if it
                   stays, give the ids to PolyAI's support

    the conversation: play 2 of 3
          agent  Hello.
    >  1  user   password

    the other plays
        1  passed   CONV-1
        3  errored  status 500  CONV-5

      conversation  CONV-3  [time]
      play again    rehearsal run --environment sandbox --exact account/password


    failed info/cats
    error  account/password

    1 failed, 1 could not be played
    5 conversations, 3 turns, 15 requests in [duration]
    answers: median [duration], 95 % within [duration]
    in sandbox, 1 conversation at once
    play again what failed:
      rehearsal run --environment sandbox --rerun-failed
    ");
}

#[test]
fn plays_of_which_some_passed_a_flaky_case_that_is_a_warning_and_a_quarantined_one() {
    let server = agent();
    let team = team(&server);
    team.set("confirm_failures = 2\nflaky = 'warn'");
    conversation(&team, "booking/party", "plays: 5\npass: 4", &["hours?", "a table"]);
    conversation(&team, "info/dogs", "", &["dogs?"]);
    conversation(&team, "small-talk/thanks", QUARANTINE, &["hours?", "cats?"]);
    pin!(told(&team, &[], 0), @"
    quarantined small-talk/thanks  until 15 December, @anna: text in turn 2
      ok booking/party  4 of 5 plays (needs 4); turn 2 varied once

    FLAKY info/dogs
    demo · sandbox
    1 of 2 plays failed: text in turn 1

    text in turn 1: the response does not contain the text
     --> conversations/info/dogs.yaml:4:25
      |
    4 |     expect: { contains: 'Yes' }
      |                         ^^^^^ not what the agent said
         expected  Yes

    the conversation: play 1 of 2
          agent  Hello.
    >  1  user   dogs?
          agent  Perhaps.

    the other play
        2  passed   CONV-8

      conversation  CONV-2  [time]
      turn 1        [correlation_id]
      play again    rehearsal run --environment sandbox --exact info/dogs


    flaky  info/dogs  1 of 2 plays failed: text in turn 1
    quarantined  small-talk/thanks
           until 15 December, @anna: text in turn 2
           The model swaps two sentences.

    1 flaky, 1 passed, 1 quarantined
    8 conversations, 14 turns, 30 requests in [duration]
    answers: median [duration], 95 % within [duration]
    in sandbox, 1 conversation at once
    ");
}

#[test]
fn a_flaky_case_that_fails_is_played_again_by_name() {
    let server = agent();
    let team = team(&server).var("CI", "true");
    conversation(&team, "info/dogs", "", &["dogs?"]);
    conversation(&team, "info/hours", "", &["hours?"]);
    let out = told(&team, &["--confirm-failures", "1"], 1);
    assert!(out.contains("\n1 flaky, 1 passed\n"), "{out}");
    let again =
        "play again what failed:\n  rehearsal run --environment sandbox --exact info/dogs\n";
    assert!(out.ends_with(again), "{out}");
}

#[test]
fn a_run_in_which_all_is_quarantined_says_why_it_failed_and_a_week_before_that_it_ends() {
    let server = agent();
    let team = team(&server).var("REHEARSAL_NOW", "2026-12-08T12:00:00Z");
    conversation(&team, "thanks", QUARANTINE, &["cats?"]);
    pin!(told(&team, &[], 1), @"
    quarantined thanks  until 15 December, @anna: text in turn 1
    warning: the quarantine ends on 15 December (@anna)

    quarantined  thanks
           until 15 December, @anna: text in turn 1
           The model swaps two sentences.

    1 quarantined
    1 conversation, 1 turn, 3 requests in [duration]
    answers: median [duration], 95 % within [duration]
    in sandbox, 1 conversation at once
    nothing passed: all that was played is quarantined, so the run counts as failed
    ");
}

#[test]
fn too_many_failures_are_not_confirmed_and_it_says_so() {
    let server = agent();
    let team = team(&server);
    for number in 0..11 {
        conversation(&team, &format!("cats-{number}"), "", &["cats?"]);
    }
    let out = told(&team, &["--confirm-failures", "2", "--quiet"], 1);
    let note = "11 cases failed, too many to be chance: none of them was played again\n(confirm_failures)\n";
    assert!(out.contains(note), "{out}");
    assert_eq!(server.count("create"), 11);
}

#[test]
fn the_same_change_in_confirmed_failures_is_shown_once() {
    let server = agent();
    let team = team(&server);
    for name in ["a", "b"] {
        team.write(&format!("conversations/{name}.yaml"), "turns: [{ user: cats? }]");
        team.write(
            &format!("snapshots/{name}.snap"),
            "---\nsource: conversations/a.yaml\n---\n- user: cats?\n  agent: \"Yes.\"\n",
        );
    }
    let out = told(&team, &["--confirm-failures", "1"], 1);
    assert!(
        out.contains(
            "FAILED b\n2 of 2 plays, the same way: text in turn 1\nthe same change as in a\n"
        ),
        "{out}"
    );
}

#[test]
fn list_shows_how_a_case_is_decided_and_the_span_of_what_that_costs() {
    let team = team(&agent());
    team.set("confirm_failures = 2");
    conversation(&team, "info/dogs", "", &["dogs?"]);
    conversation(&team, "booking/party", "plays: 5\npass: 4", &["hours?", "a table"]);
    conversation(&team, "small-talk/thanks", QUARANTINE, &["thanks"]);
    insta::assert_snapshot!(team.run(&["list"]).expect(0).stdout, @"
    booking/party      2 turns, 4 of 5 plays
    info/dogs          1 turn
    small-talk/thanks  1 turn, quarantined until 15 December

    3 cases in sandbox: 6 to 11 conversations, 22 to 38 requests
    ");
}

#[test]
fn check_counts_quarantines_and_warns_of_their_end() {
    let soon = team(&agent()).var("REHEARSAL_NOW", "2026-12-08T12:00:00Z");
    conversation(&soon, "a", QUARANTINE, &["a"]);
    let ran = soon.run(&["check"]).expect(0);
    let warning = "warning: the quarantine ends on 15 December (@anna)";
    assert!(ran.words().contains(warning), "{}", ran.all());

    conversation(&soon, "b", QUARANTINE, &["b"]);
    let ran = soon.run(&["check"]).expect(2);
    assert!(ran.words().contains("2 of 2 cases are quarantined"), "{}", ran.all());

    let late = team(&agent()).var("REHEARSAL_NOW", "2027-01-02T12:00:00Z");
    conversation(&late, "a", QUARANTINE, &["a"]);
    conversation(&late, "b", QUARANTINE, &["b"]);
    let ran = late.run(&["check"]).expect(0);
    let warning = "ended on 15 December 2026, and failures count again (@anna)";
    assert!(ran.words().contains(warning), "{}", ran.all());
}
