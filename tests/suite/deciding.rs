//! Accepting and rejecting turn by turn, beside what was accepted, and loosened.

use crate::common::three_turns::{ACCEPTED, OLD, PENDING, three_turns as team};

#[test]
fn one_turn_is_accepted_and_the_others_stay_pending() {
    let team = team();
    let ran = team.run(&["accept", "--turn", "2"]).expect(0);
    assert_eq!(ran.stdout, "accepted visit@downtown, turn 2\n  We open at noon.\n");
    assert_eq!(team.read(ACCEPTED), OLD.replace("We open at one.", "We open at noon."));
    let pending = team.read(PENDING);
    assert!(pending.contains("Dogs may come along.") && pending.contains("assertion_line"));

    let ran = team.run(&["accept", "--turn", "2"]).expect(1);
    assert!(ran.stderr.contains("turn 2 is not pending; pending turns: 1, 3"), "{}", ran.all());
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("text in turn 1") && !ran.stdout.contains("text in turn 2"));
}

#[test]
fn deciding_every_turn_leaves_what_accepting_at_once_leaves() {
    let (whole, single) = (team(), team());
    whole.run(&["accept"]).expect(0);
    for turn in ["3", "1", "2"] {
        assert!(single.exists(PENDING));
        single.run(&["accept", "--exact", "visit@downtown", "--turn", turn]).expect(0);
    }
    assert_eq!(single.read(ACCEPTED), whole.read(ACCEPTED));
    assert!(!single.exists(PENDING) && !whole.exists(PENDING));
    single.run(&["run"]).expect(0);
}

#[test]
fn one_turn_is_rejected_and_what_was_accepted_is_not_touched() {
    let team = team();
    team.run(&["reject", "--turn", "1"]).expect(0);
    assert_eq!(team.read(ACCEPTED), OLD);
    assert!(team.read(PENDING).contains("table for 2") && team.read(PENDING).contains("at noon"));
    team.run(&["reject", "--turn", "2"]).expect(0);
    team.run(&["reject", "--turn", "3"]).expect(0);
    assert!(!team.exists(PENDING));
    assert_eq!(team.read(ACCEPTED), OLD);
    let ran = team.run(&["reject", "--turn", "3"]).expect(0);
    assert!(ran.stdout.contains("nothing is pending"), "{}", ran.all());
}

#[test]
fn a_rejected_first_text_accepts_nothing() {
    let team = team();
    std::fs::remove_file(team.path(ACCEPTED)).expect("it is there");
    team.run(&["reject"]).expect(0);
    team.run(&["run"]).expect(1);
    let ran = team.run(&["review"]).expect(1);
    assert!(ran.stdout.contains("accept\n") && !ran.stdout.contains("--loosen"), "{}", ran.all());
    team.run(&["reject", "--turn", "1"]).expect(0);
    assert!(!team.exists(ACCEPTED) && team.exists(PENDING));
    team.run(&["accept"]).expect(0);
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("text in turn 1") && !ran.stdout.contains("text in turn 2"));
}

#[test]
fn an_answer_is_accepted_beside_the_one_before() {
    let team = team();
    team.run(&["accept", "--as-alternative"]).expect(0);
    let accepted = team.read(ACCEPTED);
    assert!(
        accepted.contains("agent:\n    - We open at one.\n    - We open at noon.\n"),
        "{accepted}"
    );
    assert!(!team.exists(PENDING));
    team.run(&["run"]).expect(0);
}

#[test]
fn what_differs_is_loosened_and_what_would_say_nothing_stays_pending() {
    let team = team();
    let ran = team.run(&["accept", "--loosen"]).expect(1);
    let loosened = "Your table for {{number}} is booked for {{date}}, {{any}}.";
    assert!(ran.stdout.contains(loosened), "{}", ran.all());
    assert!(ran.stdout.contains("We open at {{any}}."), "{}", ran.all());
    assert!(ran.stderr.contains("turn 3:") && ran.stderr.contains("`contains`"), "{}", ran.all());
    assert!(team.read(ACCEPTED).contains(loosened));
    assert!(team.read(ACCEPTED).contains("Sorry, we do not"));
    assert!(team.read(PENDING).contains("Dogs may come along."));
    let ran = team.run(&["run"]).expect(1);
    assert_eq!(ran.stdout.matches("text in turn").count(), 1, "{}", ran.all());
}

#[test]
fn answers_that_ci_has_seen_are_accepted_elsewhere() {
    let ci = team();
    ci.run(&["reject"]).expect(0);
    ci.run_with(&[("CI", "true")], &["run", "--pending-dir", "kept"]).expect(1);
    assert!(!ci.exists(PENDING));
    let kept = ci.read("kept/snapshots/visit@downtown.snap.new");

    let desk = team();
    desk.run(&["reject"]).expect(0);
    desk.write("artifact/snapshots/visit@downtown.snap.new", &kept);
    desk.run(&["accept", "--pending-dir", "artifact", "--turn", "2"]).expect(0);
    assert!(desk.read(ACCEPTED).contains("at noon") && desk.read(ACCEPTED).contains("for 2"));
    desk.run(&["reject", "--pending-dir", "artifact"]).expect(0);
    assert!(!desk.exists("artifact/snapshots/visit@downtown.snap.new"));
    let ran = desk.run(&["run"]).expect(1);
    assert_eq!(ran.stdout.matches("text in turn").count(), 2, "{}", ran.all());
}

#[test]
fn a_turn_is_that_of_one_case_and_nothing_is_kept_of_a_snapshot_that_cannot_be_read() {
    let team = team();
    team.write("conversations/b.yaml", "turns: [{ user: hours? }]");
    team.run(&["run"]).expect(1);
    let ran = team.run(&["accept", "--turn", "1"]).expect(2);
    assert!(ran.stderr.contains("b@downtown, visit@downtown"), "{}", ran.all());
    team.write(ACCEPTED, "- user: [");
    let ran = team.run(&["accept", "visit@", "--turn", "1"]).expect(2);
    assert!(ran.stderr.contains("accept the whole pending snapshot"), "{}", ran.all());
    assert_eq!(team.read(ACCEPTED), "- user: [");
}

#[test]
fn review_shows_the_same_change_once_with_everywhere_it_occurs() {
    let team = team();
    for number in 1..=12 {
        let name = format!("greeted-{number:02}");
        team.write(
            &format!("conversations/{name}.yaml"),
            "greeting: {}\nturns: [{ user: hours? }]",
        );
        team.write(
            &format!("snapshots/{name}@downtown.snap"),
            &format!("---\nsource: conversations/{name}.yaml\n---\n- agent: Good day. How can I help?\n- user: hours?\n  agent: We open at noon.\n"),
        );
    }
    team.run(&["run"]).expect(1);
    let ran = team.run(&["review"]).expect(1);
    insta::assert_snapshot!("review", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);

    let ran = team.run(&["review", "--exact", "greeted-03@downtown"]).expect(1);
    assert!(!ran.stdout.contains("greeted-04"), "{}", ran.all());
    let command = "rehearsal accept --turn 0 --exact greeted-03@downtown";
    assert!(ran.stdout.contains(command), "{}", ran.all());
    team.run(&command.split(' ').skip(1).collect::<Vec<_>>()).expect(0);
    team.run(&["accept"]).expect(0);
    team.run(&["review"]).expect(0);
}

#[test]
fn an_edit_of_the_accepted_snapshot_after_the_run_outlives_accepting() {
    for accept in [&["accept"][..], &["accept", "--turn", "2"]] {
        let team = team();
        team.run(&["reject", "--turn", "1"]).expect(0);
        team.run(&["reject", "--turn", "3"]).expect(0);
        let edited =
            OLD.replace("agent: Your table for 2", "agent: Your table for {{number}}").replace(
                "agent: Sorry, we do not allow any pets.",
                "agent:\n    - Sorry, we do not allow any pets.\n    - No dogs.",
            );
        team.write(ACCEPTED, &edited);
        let ran = team.run(&["review"]).expect(1);
        assert!(ran.stdout.contains("1 change in 1 conversation"), "{}", ran.all());
        team.run(accept).expect(0);
        assert_eq!(team.read(ACCEPTED), edited.replace("at one", "at noon"));
    }
}

#[test]
fn an_alternative_that_was_removed_after_the_run_does_not_come_back() {
    let team = team();
    let several = OLD.replace(
        "agent: Your table for 2 is booked for Friday, Ben.",
        "agent:\n    - Your table for 4 is booked for Tuesday, Ana.\n    - Full.",
    );
    team.write(ACCEPTED, &several);
    team.run(&["run"]).expect(1);
    let edited = several.replace("    - Full.\n", "");
    team.write(ACCEPTED, &edited);
    team.run(&["accept"]).expect(0);
    assert!(!team.read(ACCEPTED).contains("Full."), "{}", team.read(ACCEPTED));
    team.run(&["run"]).expect(0);
}

#[test]
fn what_was_added_to_the_accepted_snapshot_after_the_run_outlives_every_decision() {
    let by_hand = "- user: parking?\n  agent:\n    - \"Behind the {{any}}.\"\n    - None.\n";
    for decisions in [
        &[&["accept"][..]][..],
        &[&["accept", "--loosen"], &["reject"]],
        &[&["accept", "--turn", "2"], &["accept", "--turn", "1"], &["reject", "--turn", "3"]],
        &[&["reject", "--turn", "3"], &["accept", "--turn", "2"], &["accept"]],
    ] {
        let team = team();
        let edited = OLD.replace("- user: hours?", &format!("{by_hand}- user: hours?"));
        team.write(
            ACCEPTED,
            &edited.replace("---\n- user: table", "---\n- agent: Hello{{any}}\n- user: table"),
        );
        for decision in decisions {
            team.run(decision);
            let accepted = team.read(ACCEPTED);
            assert!(accepted.contains("---\n- agent: Hello{{any}}\n- user: table?"), "{accepted}");
            let kept = accepted.replace("'Behind the {{any}}.'", "\"Behind the {{any}}.\"");
            let at = kept.find("- user: parking?").unwrap_or_else(|| panic!("{accepted}"));
            assert!(
                kept[at..].contains("Behind the {{any}}.") && kept[at..].contains("- None."),
                "{accepted}"
            );
            assert!(kept.find("table?") < Some(at) && Some(at) < kept.find("hours?"), "{accepted}");
        }
        assert!(!team.exists(PENDING), "{decisions:?}");
    }
}
