//! Cases that are played several times, over real sockets: how often, in which order, and what
//! becomes of them.

use rehearsal::{
    config::VerdictRule,
    outcome::{Judgement, Standing, Verdict},
};
use serde_json::{Value, json};

use crate::common::{Ran, Team, recorder::Recorder};

/// A team at this server whose environment has these settings, one conversation at a time.
fn team(server: &Recorder, settings: &str, conversations: &[(&str, &str)]) -> Team {
    let team = Team::remote(&server.base_url);
    let config = team.read("rehearsal.toml") + "concurrency = 1\n" + settings + "\n";
    team.write("rehearsal.toml", &config);
    for (name, text) in conversations {
        team.write(&format!("conversations/{name}.yaml"), text);
    }
    team
}

/// A conversation of one turn, named by what the user says, whose answer must be `Yes.`
fn expects_yes(user: &str, more: &str) -> String {
    format!("{more}turns: [{{ user: {user}, expect: {{ equals: Yes. }} }}]\n")
}

/// The first times a message comes it is answered with `No.`
fn says_no(times: usize) -> Recorder {
    Recorder::unsteady(move |_, time| (time <= times).then(|| json!({ "response": "No." })))
}

/// The messages in the order in which they were sent.
fn messages(server: &Recorder) -> Vec<String> {
    let sent = server.requests();
    let messages = sent.iter().filter(|request| request.operation() == "respond");
    messages.map(|one| one.body["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// What `run` says with these arguments, and what it wrote as JSON.
fn run(team: &Team, arguments: &[&str]) -> (Ran, Vec<Value>) {
    let ran = team.run(&[&["run", "--json", "out.jsonl"], arguments].concat());
    let lines = team.read("out.jsonl");
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let cases = lines.filter(|line: &Value| line["event"] == "case_finished").collect();
    (ran, cases)
}

fn verdicts(cases: &[Value]) -> Vec<(&str, &str, usize)> {
    let mut verdicts: Vec<(&str, &str, usize)> = (cases.iter())
        .map(|case| {
            let plays = case["plays"].as_array().map_or(0, Vec::len);
            (case["case"].as_str().expect("a name"), case["verdict"].as_str().expect("one"), plays)
        })
        .collect();
    verdicts.sort_unstable();
    verdicts
}

#[test]
fn plays_come_in_rounds_and_end_once_the_verdict_is_certain() {
    let server = Recorder::unsteady(|message, time| {
        let wrong = (message == "twice" && time <= 2) || (message == "once" && time == 1);
        wrong.then(|| json!({ "response": "No." }))
    });
    let rule = "plays: 3\npass: 2\n";
    let never = expects_yes("never", rule);
    let (once, twice) = (expects_yes("once", rule), expects_yes("twice", rule));
    let team = team(&server, "", &[("never", &never), ("once", &once), ("twice", &twice)]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(1);
    assert_eq!(
        verdicts(&cases),
        [("never", "passed", 2), ("once", "passed", 3), ("twice", "failed", 2)]
    );
    let rounds = ["never", "once", "twice", "never", "once", "twice", "once"];
    assert_eq!(messages(&server), rounds);
    assert_eq!(server.count("create"), server.count("close"), "each has a conversation of its own");
}

#[test]
fn a_failure_is_confirmed_after_all_other_cases_and_the_first_pass_ends_that() {
    let server = says_no(1);
    let (a, b) = (expects_yes("a", ""), expects_yes("b", ""));
    let settings = "confirm_failures = 2\nflaky = \"warn\"";
    let team = team(&server, settings, &[("a", &a), ("b", &b)]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(0);
    assert_eq!(verdicts(&cases), [("a", "flaky", 2), ("b", "flaky", 2)]);
    assert_eq!(messages(&server), ["a", "b", "a", "b"]);
}

#[test]
fn flaky_fails_unless_a_warning_was_asked_for_and_what_never_passes_failed() {
    let settings = "confirm_failures = 2";
    let flaky = says_no(2);
    let team = self::team(&flaky, settings, &[("a", &expects_yes("a", ""))]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(1);
    assert_eq!(verdicts(&cases), [("a", "flaky", 3)]);

    let failed = says_no(3);
    let team = self::team(&failed, "flaky = \"warn\"", &[("a", &expects_yes("a", ""))]);
    let (ran, cases) = run(&team, &["--confirm-failures", "2"]);
    ran.expect(1);
    assert_eq!(verdicts(&cases), [("a", "failed", 3)], "the flag stands above the file");
}

#[test]
fn a_wrong_handoff_is_neither_confirmed_nor_outvoted_nor_quarantined() {
    let hand_off = || {
        Recorder::unsteady(|_, time| {
            let handoff = json!({ "response": "Yes.", "end_conversation": true,
                "handoff": { "destination": "WRONG", "reason": "" } });
            (time == 1).then_some(handoff)
        })
    };
    let quarantine = "quarantine: { owner: '@anna', until: 2026-12-15, reason: It varies }\n";
    for (settings, rule) in
        [("confirm_failures = 2", ""), ("", "plays: 5\npass: 1\n"), ("", quarantine)]
    {
        let server = hand_off();
        let team = team(&server, settings, &[("a", &expects_yes("a", rule))])
            .var("REHEARSAL_NOW", "2026-12-01T00:00:00Z");
        let (ran, cases) = run(&team, &[]);
        ran.expect(1);
        assert_eq!(verdicts(&cases), [("a", "failed", 1)], "{settings}{rule}");
    }
}

#[test]
fn a_booking_whose_reference_was_not_captured_is_confirmed() {
    let server = Recorder::unsteady(|message, time| match message {
        "book" if time == 1 => Some(json!({ "response": "One moment." })),
        "book" => Some(json!({ "response": "Booked: BK-123." })),
        _ => None,
    });
    let booking = "turns:
  - { user: book, expect: { matches: '(?P<reference>BK-[0-9]+)' } }
  - { user: 'cancel ${reference}', expect: { equals: Yes. } }
";
    let settings = "confirm_failures = 1\nflaky = \"warn\"";
    let team = team(&server, settings, &[("booking", booking)]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(0);
    assert_eq!(verdicts(&cases), [("booking", "flaky", 2)]);
    assert_eq!(messages(&server), ["book", "book", "cancel BK-123"]);
}

#[test]
fn more_failures_than_a_tenth_of_the_cases_and_than_ten_are_not_confirmed() {
    let server = says_no(1);
    let texts: Vec<(String, String)> =
        (0..11).map(|n| (format!("c{n:02}"), expects_yes(&format!("m{n:02}"), ""))).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let team = team(&server, "confirm_failures = 2", &texts);
    let (ran, cases) = run(&team, &[]);
    assert!(ran.words().contains("11 cases failed, too many to be chance"), "{}", ran.all());
    ran.expect(1);
    assert!(verdicts(&cases).iter().all(|(_, verdict, plays)| (*verdict, *plays) == ("failed", 1)));

    let ten = says_no(1);
    let team = self::team(&ten, "confirm_failures = 2\nflaky = \"warn\"", &texts[..10]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(0);
    assert!(verdicts(&cases).iter().all(|(_, verdict, _)| *verdict == "flaky"));
}

#[test]
fn an_answer_that_nobody_accepted_is_not_confirmed() {
    let server = says_no(0);
    let team = team(&server, "confirm_failures = 2", &[("new", "turns: [{ user: hi }]")]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(1);
    assert_eq!(verdicts(&cases), [("new", "failed", 1)]);
}

#[test]
fn plays_that_could_not_be_played_are_replaced_by_attempts_and_decide_nothing() {
    let breaks = |times: usize| {
        Recorder::unsteady(move |_, time| {
            (time <= times).then(|| json!({ "status": 500, "error_message": "broken" }))
        })
    };
    let rule = "plays: 3\npass: 2\n";
    let server = breaks(1);
    let team = self::team(&server, "attempts = 2", &[("a", &expects_yes("a", rule))]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(0);
    assert_eq!(verdicts(&cases), [("a", "passed", 2)]);
    assert_eq!(cases[0]["plays"][0]["attempts"], 2);

    let server = breaks(2);
    let team = self::team(&server, "", &[("a", &expects_yes("a", rule))]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(3);
    assert_eq!(verdicts(&cases), [("a", "errored", 2)], "neither side can be reached any more");
}

#[test]
fn a_quarantined_failure_is_shown_and_not_counted_until_its_day_has_passed() {
    let quarantine = "quarantine: { owner: '@anna', until: 2026-12-15, reason: It varies }\n";
    let server =
        Recorder::unsteady(|message, _| (message == "a").then(|| json!({ "response": "No." })));
    let (a, b) = (expects_yes("a", quarantine), expects_yes("b", ""));
    let team = team(&server, "", &[("a", &a), ("b", &b)]);
    let on = |day: &str, arguments: &[&str]| {
        let now = format!("{day}T23:59:59Z");
        team.run_with(&[("REHEARSAL_NOW", &now)], &[&["run"], arguments].concat())
    };
    let held = on("2026-12-15", &[]).expect(0);
    assert!(held.words().contains("1 quarantined"), "{}", held.all());
    let alone = on("2026-12-01", &["a"]).expect(1);
    assert!(alone.words().contains("1 quarantined"), "{}", alone.all());
    let ended = on("2026-12-16", &[]).expect(1);
    assert!(ended.words().contains("ended on 15 December, and"), "{}", ended.all());
    let wrong = on("2026-11-01", &[]).expect(2);
    assert!(wrong.words().contains("hold for more than 30 days"), "{}", wrong.all());
}

#[test]
fn more_quarantined_cases_than_the_suite_may_have_are_a_mistake() {
    let quarantine = "quarantine: { owner: '@anna', until: 2026-12-15, reason: It varies }\n";
    let server = says_no(0);
    let (a, b) = (expects_yes("a", quarantine), expects_yes("b", quarantine));
    let now = ("REHEARSAL_NOW", "2026-12-01T00:00:00Z");
    let team = team(&server, "", &[("a", &a), ("b", &b)]);
    let ran = team.run_with(&[now], &["run"]).expect(2);
    assert!(ran.words().contains("2 of 2 cases are quarantined"), "{}", ran.all());
    assert_eq!(server.count("create"), 0);
    let config = team.read("rehearsal.toml") + "\n[quarantine]\nmax_share = \"100%\"\n";
    team.write("rehearsal.toml", &config);
    team.run_with(&[now], &["run"]).expect(0);
}

#[test]
fn the_flag_for_plays_stands_above_every_file_and_a_budget_counts_them() {
    let server = says_no(0);
    let team = team(&server, "plays = 2", &[("a", &expects_yes("a", "plays: 5\npass: 4\n"))]);
    let (ran, cases) = run(&team, &[]);
    ran.expect(0);
    assert_eq!(
        verdicts(&cases),
        [("a", "passed", 4)],
        "a conversation stands above its environment"
    );
    let (ran, cases) = run(&team, &["--plays", "3"]);
    ran.expect(0);
    assert_eq!(verdicts(&cases), [("a", "passed", 3)]);
    let refused = team.run(&["run", "--max-requests", "11"]).expect(2);
    assert!(refused.stderr.contains("12 requests"), "{}", refused.all());
}

#[test]
fn a_case_whose_first_answers_are_accepted_at_once_passes() {
    let server = says_no(0);
    let team = team(&server, "", &[("new", "plays: 3\nturns: [{ user: hi }]\n")]);
    let ran = team.run_with(&[("INSTA_UPDATE", "always")], &["run"]).expect(0);
    assert!(ran.words().contains("1 passed"), "{}", ran.all());
    assert!(team.exists("snapshots/new.snap"));
}

#[test]
fn answers_that_differ_are_never_accepted_at_once() {
    let server = Recorder::unsteady(|_, time| Some(json!({ "response": format!("No. {time}") })));
    let team = team(&server, "", &[("new", "plays: 3\npass: 1\nturns: [{ user: hi }]\n")]);
    let ran = team.run_with(&[("INSTA_UPDATE", "always")], &["run"]).expect(1);
    assert!(ran.words().contains("plays gave several answers"), "{}", ran.all());
    assert!(!team.exists("snapshots/new.snap"));
    assert!(team.read("snapshots/new.snap.new").contains("agent: No. 1"));
}

/// An agent that says it in other words now and then, and sends a caller to the wrong desk.
const UNSTEADY: &str = "
  - when: { message: bill }
    say:
      - { text: Yes., odds: 8 }
      - { text: Certainly., odds: 1 }
      - { text: Yes., odds: 1, handoff: { destination: WRONG } }
";

#[test]
fn of_a_hundred_cases_no_handoff_is_forgiven_and_no_play_is_made_too_many() {
    let team = Team::with_agent(UNSTEADY);
    let config = team.read("rehearsal.toml") + "\n[run]\nconcurrency = 1\nplays = 5\npass = 4\n";
    team.write("rehearsal.toml", &config);
    for n in 0..100 {
        team.write(&format!("conversations/c{n:03}.yaml"), &expects_yes("bill", ""));
    }
    let (ran, cases) = run(&team, &["--seed", "7"]);
    ran.expect(1);
    assert_eq!(cases.len(), 100);
    let rule = VerdictRule { plays: 5, pass: 4, ..VerdictRule::ONCE };
    let (mut handoffs, mut forgiven) = (0, 0);
    for case in &cases {
        let plays = case["plays"].as_array().expect("plays");
        let has = |play: &Value, kind: &str| {
            play["mismatches"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["kind"] == kind))
        };
        let standings: Vec<Standing> = (plays.iter())
            .map(|play| match (has(play, "handoff"), has(play, "equals")) {
                (true, _) => Standing::Unforgivable,
                (false, true) => Standing::Forgivable,
                (false, false) => Standing::Passed,
            })
            .collect();
        for made in 0..standings.len() {
            assert_eq!(Judgement::of(&rule, &standings[..made]), Judgement::PlayAgain, "{case}");
        }
        let verdict = Judgement::of(&rule, &standings);
        let is_failed = case["verdict"] == "failed";
        assert_eq!(verdict == Judgement::Certain(Verdict::Failed), is_failed, "{case}");
        let handed_off = standings.contains(&Standing::Unforgivable);
        handoffs += usize::from(handed_off);
        forgiven += usize::from(handed_off && !is_failed);
        assert!(!handed_off || standings.last() == Some(&Standing::Unforgivable), "{case}");
    }
    assert_eq!(forgiven, 0);
    assert!(handoffs > 0, "the seed makes some");
}
