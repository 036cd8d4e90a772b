//! Reviewing what is pending: at a terminal, key by key, and when files change underneath.
#![cfg(target_os = "linux")]

use crate::common::{
    Team, filters,
    forty_changes::{AGENT, forty_changes as team},
};
use rehearsal::{
    config::Config,
    conversation::CaseName,
    engine,
    review::{ItemState, Session},
    snapshot::{
        Redactor,
        decision::{AcceptAs, Decision},
    },
    source::Problems,
    vars::Vars,
};

#[test]
fn forty_changes_of_which_thirty_are_the_same_take_under_a_dozen_keys() {
    let team = team();
    let ran = team.press("aaaaaaaaaaaq", &["review"]).expect(0);
    assert!(ran.stdout.contains("1 of 11") && ran.stdout.contains("accepted 30 changes"));
    assert!(ran.stdout.contains("everything is decided"), "{}", ran.all());
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("1 failed, 37 passed"), "the handoff is wrong: {}", ran.all());
    team.run(&["review"]).expect(0);
}

#[test]
fn a_change_is_shown_in_its_conversation_with_what_no_snapshot_accepts() {
    let team = team();
    let ran = team.press("ss?q", &["review", "visit"]).expect(1);
    filters().bind(|| insta::assert_snapshot!("review_at_a_terminal", ran.stdout));
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
}

#[test]
fn every_key_decides_as_it_says_and_at_once() {
    let team = team();
    let visit = "snapshots/visit@downtown.snap";
    let before = team.read(visit);
    // Accept either, reject, and loosen, which is refused there; then quit.
    team.press("orlq", &["review", "visit"]).expect(1);
    let decided = before.replace(
        "  agent: We open at one.",
        "  agent:\n    - We open at one.\n    - We open at noon.",
    );
    assert_eq!(team.read(visit), decided);
    let pending = team.read(&format!("{visit}.new"));
    assert!(pending.contains("They may come") && !pending.contains("I'll put"), "{pending}");

    team.press("lq", &["review", "table/2"]).expect(0);
    assert!(team.read("snapshots/table/2@downtown.snap").contains("A table for 2, {{any}}."));
    team.press("aq", &["review", "table/3"]).expect(0);
    assert!(team.read("snapshots/table/3@downtown.snap").contains("A table for 3, gladly."));
}

#[test]
fn back_takes_a_decision_back_on_disk() {
    let team = team();
    let visit = "snapshots/visit@downtown.snap";
    let (before, pending) = (team.read(visit), team.read(&format!("{visit}.new")));
    let ran = team.press("arabbbq", &["review", "visit"]).expect(1);
    assert_eq!(ran.stdout.matches("taken back: 1 change").count(), 3, "{}", ran.all());
    assert_eq!((team.read(visit), team.read(&format!("{visit}.new"))), (before, pending));
}

#[test]
fn one_decision_may_be_about_the_conversation_or_about_everything_left() {
    let team = team();
    let ran = team.press("caq", &["review", "visit"]).expect(0);
    assert!(ran.stdout.contains("the rest of this conversation, 3 changes"), "{}", ran.all());
    assert!(ran.stdout.contains("accepted 3 changes"), "{}", ran.all());
    let ran = team.press("erq", &["review"]).expect(0);
    assert!(ran.stdout.contains("rejected 37 changes"), "{}", ran.all());
    assert!(team.read("snapshots/hello/07@downtown.snap").contains("Hello. How"));
    // What differs but cannot be loosened stays, and says why.
    team.run(&["run"]).expect(1);
    let ran = team.press("elq", &["review", "hello/00"]).expect(0);
    assert!(ran.stdout.contains("loosened 1 change"), "{}", ran.all());
}

#[test]
fn occurrences_of_a_change_can_be_decided_one_by_one() {
    let team = team();
    let ran = team.press("1arq", &["review", "hello"]).expect(1);
    assert!(ran.stdout.contains("28 changes still to be decided"), "{}", ran.all());
    assert!(team.read("snapshots/hello/00@downtown.snap").contains("Welcome."));
    assert!(team.read("snapshots/hello/01@downtown.snap").contains("Hello."));
    assert!(!team.exists("snapshots/hello/01@downtown.snap.new"));
    assert!(team.exists("snapshots/hello/02@downtown.snap.new"));
}

#[test]
fn a_script_decides_the_same_change_everywhere() {
    let team = team();
    let ran = team.run(&["review", "--exact", "hello/04@downtown"]).expect(1);
    assert!(!ran.stdout.contains("--everywhere"), "{}", ran.all());
    let everywhere = ["accept", "--turn", "0", "--everywhere", "--exact", "hello/04@downtown"];
    let ran = team.run(&everywhere).expect(0);
    assert_eq!(ran.stdout.matches("accepted hello/").count(), 30, "{}", ran.all());
    assert!(team.exists("snapshots/visit@downtown.snap.new"));
}

fn session(team: &Team) -> Session {
    let mut problems = Problems::default();
    let config = Config::read(&team.path("rehearsal.toml"), &mut problems);
    let config = config.expect("it is read").expect("it holds no mistake");
    let vars = Vars::default();
    let store = engine::store(&config, &vars).expect("a store");
    let failed = engine::memory(&config, &vars).expect("a folder");
    let cases = store.pending();
    Session::open(store, failed, Redactor::new(&config.redactions), &cases)
}

fn items_of(session: &Session, case: &str) -> Vec<usize> {
    let case = CaseName::new(case);
    (0..session.items().len()).filter(|index| session.items()[*index].case == case).collect()
}

#[test]
fn a_decision_about_what_another_run_replaced_is_refused() {
    let team = team();
    let mut session = session(&team);
    let items = items_of(&session, "visit@downtown");
    let agent = team.read("agents/agent.yaml").replace("at noon", "at eight");
    team.write("agents/agent.yaml", &agent);
    team.run(&["run", "visit"]).expect(1);
    let (accepted, pending) = (
        team.read("snapshots/visit@downtown.snap"),
        team.read("snapshots/visit@downtown.snap.new"),
    );
    let decided = session.decide(&items[..1], Decision::Accept(AcceptAs::Instead));
    assert!(decided.done.is_empty(), "{decided:?}");
    assert!(decided.refused[0].1.contains("changed since it was shown"), "{decided:?}");
    assert_eq!(session.items()[items[0]].state, ItemState::Gone);
    assert_eq!(team.read("snapshots/visit@downtown.snap"), accepted);
    assert_eq!(team.read("snapshots/visit@downtown.snap.new"), pending);
    // A turn that says what it said is decided all the same.
    assert_eq!(session.decide(&items[2..], Decision::Reject).done, &items[2..]);
}

#[test]
fn a_decision_that_another_program_overtook_is_refused_and_not_taken_back() {
    let team = team();
    let mut session = session(&team);
    let tables = items_of(&session, "table/2@downtown");
    session.decide(&tables, Decision::Accept(AcceptAs::Instead));
    team.write("snapshots/table/2@downtown.snap", "- user: A table for 2\n  agent: edited\n");
    let outcome = session.take_back().expect("there is a decision");
    assert!(outcome.expect_err("it was edited").to_string().contains("changed meanwhile"));
    assert!(team.read("snapshots/table/2@downtown.snap").contains("edited"));

    let gone = items_of(&session, "table/3@downtown");
    team.run(&["accept", "table/3"]).expect(0);
    let decided = session.decide(&gone, Decision::Reject);
    assert!(decided.refused[0].1.contains("cannot be decided"), "{decided:?}");
    assert!(team.read("snapshots/table/3@downtown.snap").contains("gladly"));
}

#[test]
fn decisions_in_any_order_are_taken_back_without_a_trace() {
    let team = team();
    let read_all = |team: &Team| {
        let mut files: Vec<(String, String)> = walkdir::WalkDir::new(team.path("snapshots"))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().display().to_string())
            .map(|path| (path.clone(), std::fs::read_to_string(path).expect("a file")))
            .collect();
        files.sort();
        files
    };
    let before = read_all(&team);
    let mut session = session(&team);
    let everything: Vec<usize> = (0..session.items().len()).collect();
    let all = [
        Decision::Accept(AcceptAs::Loosened),
        Decision::Reject,
        Decision::Accept(AcceptAs::AsAlternative),
        Decision::Accept(AcceptAs::Instead),
    ];
    for (number, chunk) in everything.chunks(7).rev().enumerate() {
        session.decide(chunk, all[number % all.len()]);
    }
    assert_ne!(read_all(&team), before);
    while let Some(outcome) = session.take_back() {
        outcome.expect("nothing else has changed them");
    }
    assert_eq!(session.open_items(), everything.len());
    assert_eq!(read_all(&team), before);
}

#[test]
fn a_program_that_is_killed_while_it_decides_loses_nothing() {
    let team = Team::with_agent(AGENT);
    let name = |number: usize| format!("snapshots/many/{number:03}@downtown.snap");
    let snapshot = |text: &str| {
        format!(
            "---\nsource: conversations/many.yaml\n---\n- user: hours?\n  agent: {text}\n- user: dogs?\n  agent: Kept {{{{any}}}}.\n"
        )
    };
    let (old, new) = (snapshot("We open at one."), snapshot("We open at noon."));
    let both = old
        .replace("agent: We open at one.", "agent:\n    - We open at one.\n    - We open at noon.");
    for round in 0..6 {
        for number in 0..150 {
            team.write(&name(number), &old);
            team.write(&format!("{}.new", name(number)), &new);
        }
        let how: &[&str] =
            if round % 2 == 0 { &["accept"] } else { &["accept", "--as-alternative"] };
        // Decisions are made in the order of the names.
        let decided = format!("{}.new", name(25 * round));
        team.kill_when(how, "so many were not decided", || !team.exists(&decided));
        for number in 0..150 {
            let accepted = team.read(&name(number));
            let is_pending = team.exists(&format!("{}.new", name(number)));
            let is_new = accepted == new || accepted == both;
            assert!(is_new || (accepted == old && is_pending), "{number}: {accepted}");
        }
        team.run(&["reject"]);
    }
}

#[test]
fn turns_that_moved_are_decided_without_a_new_text() {
    let team = team();
    team.run(&["accept"]).expect(0);
    let moved = "turns:\n  - user: Are dogs welcome?\n  - user: hours?\n";
    team.write("conversations/visit.yaml", moved);
    team.run(&["run", "visit"]).expect(0);
    let ran = team.press("aq", &["review"]).expect(0);
    assert!(ran.stdout.contains("turns were added, moved or removed"), "{}", ran.all());
    let accepted = team.read("snapshots/visit@downtown.snap");
    assert!(accepted.find("dogs") < accepted.find("hours"), "{accepted}");
    assert!(!accepted.contains("front desk"), "{accepted}");

    team.write("conversations/visit.yaml", "turns: [{ user: hours? }]");
    team.run(&["run", "visit"]).expect(0);
    let mut session = session(&team);
    let items = items_of(&session, "visit@downtown");
    // Meanwhile another run finds a text that is new.
    let agent = team.read("agents/agent.yaml").replace("at noon", "at eight");
    team.write("agents/agent.yaml", &agent);
    team.run(&["run", "visit"]).expect(1);
    let decided = session.decide(&items, Decision::Accept(AcceptAs::Instead));
    assert!(decided.done.is_empty() && decided.refused.len() == 1, "{decided:?}");
    assert_eq!(team.read("snapshots/visit@downtown.snap"), accepted);
}
