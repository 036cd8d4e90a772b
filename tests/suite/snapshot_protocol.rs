//! insta's protocol: what is read, compared and written, and when.

use std::fs;

use crate::common::Team;

const RULES: &str = r#"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: book }
    make: { reference: BK-###### }
    say: "Your reference is ${reference}, for 4 people at 7:30 pm."
  - when: { message: braces }
    say: "Use {% raw %} and } here."
  - when: { message: thanks }
    say: [You are welcome., My pleasure.]
"#;

const HEAD: &str = "---\nsource: conversations/a.yaml\n---\n";

fn team(turns: &str) -> Team {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", turns);
    team
}

fn accept(team: &Team, body: &str) {
    team.write("snapshots/a@downtown.snap", &format!("{HEAD}{body}\n"));
}

const PENDING: &str = "snapshots/a@downtown.snap.new";
const ACCEPTED: &str = "snapshots/a@downtown.snap";

#[test]
fn a_new_text_fails_and_is_left_pending() {
    let team = team("turns:\n  - user: hours?\n  - user: please book\n");
    team.run(&["run"]).expect(1);
    assert_eq!(
        team.read(PENDING),
        "---\nsource: conversations/a.yaml\nassertion_line: 2\n---\n- user: hours?\n  agent: We open at noon.\n\
         - user: please book\n  agent: \"Your reference is {{booking reference}}, for 4 people at 7:30 pm.\"\n"
            .replace("\"Your", "Your").replace("pm.\"", "pm.")
    );
}

#[test]
fn placeholders_alternatives_and_redactions_are_accepted_on_every_run() {
    let team = team("turns:\n  - user: book\n  - user: thanks\n");
    accept(
        &team,
        "- user: book\n  agent: Your {{any}} is {{booking reference}}, for {{number}} people at {{time}}.\n- user: thanks\n  agent:\n    - You are welcome.\n    - My pleasure.",
    );
    for _ in 0..6 {
        team.run(&["run"]).expect(0);
    }
    assert!(!team.exists(PENDING));
}

#[test]
fn a_pending_snapshot_keeps_what_still_matches() {
    let team = team("turns:\n  - user: book\n  - user: thanks\n  - user: hours?\n");
    accept(
        &team,
        "- user: book\n  agent: Your reference is {{any}}\n- user: thanks\n  agent:\n    - You are welcome.\n    - My pleasure.\n- user: hours?\n  agent: We open at eleven.",
    );
    team.run(&["run"]).expect(1);
    assert_eq!(
        team.read(PENDING),
        "---\nsource: conversations/a.yaml\nassertion_line: 4\n---\n- user: book\n  agent: Your reference is {{any}}\n- user: thanks\n  agent:\n    - You are welcome.\n    - My pleasure.\n- user: hours?\n  agent: We open at noon.\n"
    );
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(0);
}

#[test]
fn turns_that_were_added_removed_or_moved_leave_the_others_accepted() {
    let team = team("turns:\n  - user: hours?\n  - user: please book\n  - user: braces\n");
    team.run(&["run"]).expect(1);
    team.run(&["accept"]).expect(0);
    team.write("conversations/a.yaml", "turns:\n  - user: braces\n  - user: hours?\n  - user: thanks\n    expect: { matches: welcome|pleasure }\n");
    let ran = team.run(&["run"]).expect(0);
    assert!(ran.stdout.contains("snapshot follows the conversation"), "{}", ran.all());
    team.run(&["accept"]).expect(0);
    assert_eq!(
        team.read(ACCEPTED),
        format!(
            "{HEAD}- user: braces\n  agent: Use {{% raw %}} and }} here.\n- user: hours?\n  agent: We open at noon.\n- user: thanks\n"
        )
    );
    let ran = team.run(&["run"]).expect(0);
    assert!(!ran.stdout.contains("snapshot follows"), "{}", ran.all());
}

/// Answers the first message with `First.` and any later one with `Second.`.
const IN_ORDER: &str = r#"
  - when: { state: { met: before } }
    say: Second.
  - set: { met: before }
    say: First.
"#;

#[test]
fn of_a_repeated_line_the_kth_turn_belongs_to_the_kth_entry() {
    let team = Team::with_agent(IN_ORDER);
    let both = "- user: hi\n  agent: First.\n- user: hi\n  agent: Second.";
    team.write("conversations/a.yaml", "turns: [{ user: hi }, { user: hi }]\n");
    accept(&team, both);
    team.run(&["run"]).expect(0);
    accept(&team, "- user: hi\n  agent: Second.\n- user: hi\n  agent: First.");
    let ran = team.run(&["run"]).expect(1);
    assert_eq!(ran.stdout.matches("the response is not the accepted one").count(), 2);
    // What the run tells apart, the decision does too.
    let ran = team.run(&["accept", "--turn", "1"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(team.read(ACCEPTED).ends_with("agent: First.\n- user: hi\n  agent: First.\n"));
    team.run(&["accept", "a@downtown"]).expect(0);
    assert_eq!(team.read(ACCEPTED), format!("{HEAD}{both}\n"));
}

#[test]
fn a_line_that_is_pinned_once_and_repeated_without_a_pin_stays_accepted() {
    for (turns, body) in [
        ("[{ user: hi, expect: { contains: First } }, { user: hi }]", "agent: Second."),
        ("[{ user: hi }, { user: hi, expect: { contains: Second } }]", "agent: First."),
    ] {
        let team = Team::with_agent(IN_ORDER);
        team.write("conversations/a.yaml", &format!("turns: {turns}\n"));
        team.run(&["run"]).expect(1);
        team.run(&["accept", "a@downtown"]).expect(0);
        assert!(team.read(ACCEPTED).contains(body));
        team.run(&["run"]).expect(0);
    }
}

#[test]
fn what_is_pinned_elsewhere_is_not_overwritten_by_a_repeated_line_that_is_pinned_here() {
    let turns = "turns:
  - { user: hi, expect: { contains: First }, expect_in: { sandbox: { snapshot: true } } }
  - { user: hi, expect: { snapshot: true }, expect_in: { sandbox: { contains: Second } } }
";
    let team = Team::with_agent(IN_ORDER);
    team.write("conversations/a.yaml", turns);
    team.run(&["run", "--environment", "sandbox"]).expect(1);
    team.run(&["accept", "a@downtown"]).expect(0);
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.words().contains("not been accepted yet"), "{}", ran.all());
    team.run(&["accept", "a@downtown"]).expect(0);
    let both = "- user: hi\n  agent: First.\n- user: hi\n  agent: Second.\n";
    assert_eq!(team.read(ACCEPTED), format!("{HEAD}{both}"));
    for environment in ["local", "sandbox"] {
        team.run(&["run", "--environment", environment]).expect(0);
    }
    // That of the other environment stays, also where the first turn says what the second has accepted.
    accept(&team, "- user: hi\n  agent: Nothing.\n- user: hi\n  agent: First.");
    team.run(&["run"]).expect(1);
    team.run(&["accept", "a@downtown"]).expect(0);
    assert!(team.read(ACCEPTED).contains("agent: Nothing.\n- user: hi\n  agent: Second.\n"));
}

#[test]
fn of_a_line_repeated_unequally_the_entry_that_accepts_the_answer_comes_first() {
    let team = Team::with_agent(IN_ORDER);
    team.write("conversations/a.yaml", "turns: [{ user: hi }, { user: hi }]\n");
    accept(
        &team,
        "- user: hi\n  agent: Gone.\n- user: hi\n  agent: First.\n- user: hi\n  agent: Second.",
    );
    team.run(&["run"]).expect(0);
    accept(&team, "- user: hi\n  agent: Second.");
    let ran = team.run(&["run"]).expect(1);
    assert!(
        ran.words().contains("text in turn 1: the response has not been accepted yet"),
        "{}",
        ran.all()
    );
    assert!(!ran.words().contains("text in turn 2"), "{}", ran.all());
}

#[test]
fn a_difference_marks_the_words_that_differ_and_not_those_of_any() {
    let team = Team::with_agent("  - { say: 'Yes, your table is booked.' }\n");
    team.write("conversations/a.yaml", "turns: [{ user: ready? }]\n");
    accept(&team, "- user: ready?\n  agent: '{{any}} your table is ready.'");
    let ran = team.run(&["run", "--json", "out.jsonl"]).expect(1);
    let lines = team.read("out.jsonl");
    let told = "the response is not the accepted one: “booked” instead of “ready”";
    assert!(lines.contains(told), "{}{lines}", ran.all());
}

#[test]
fn a_stale_pending_snapshot_goes_when_the_text_is_accepted_again() {
    let team = team("turns:\n  - user: hours?\n");
    accept(&team, "- user: hours?\n  agent: We open at noon.");
    team.write(PENDING, "---\nsource: conversations/a.yaml\n---\n- user: hours?\n  agent: Old.\n");
    team.run(&["run"]).expect(0);
    assert!(!team.exists(PENDING));
}

#[test]
fn line_ends_and_space_at_the_end_do_not_count() {
    let team = team("turns:\n  - user: hours?\n");
    team.write(
        ACCEPTED,
        &format!("{HEAD}- user: hours?\n  agent: \"We open at noon.  \"\n").replace('\n', "\r\n"),
    );
    team.run(&["run"]).expect(0);
}

#[test]
fn a_snapshot_that_cannot_be_read_counts_as_missing_and_is_named() {
    let team = team("turns:\n  - user: hours?\n");
    let conflict =
        format!("{HEAD}<<<<<<< ours\n- user: hours?\n=======\n- user: x\n>>>>>>> theirs\n");
    team.write(ACCEPTED, &conflict);
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("counts as missing"), "{}", ran.all());
    assert!(ran.stdout.contains("a@downtown.snap:4"), "{}", ran.all());
    assert_eq!(team.read(ACCEPTED), conflict);
    assert!(team.read(PENDING).contains("We open at noon."));
    let ran = team.run(&["accept"]).expect(0);
    assert!(ran.stdout.contains("in place of a snapshot that could not be read"), "{}", ran.all());
}

#[test]
fn insta_update_decides_what_is_written() {
    let turns = "turns:\n  - user: hours?\n";
    let written = |vars: &[(&str, &str)], before: Option<&str>, status: i32| {
        let team = team(turns);
        if let Some(body) = before {
            accept(&team, body);
        }
        team.run_with(vars, &["run"]).expect(status);
        let accepted = team.exists(ACCEPTED) && team.read(ACCEPTED).contains("noon");
        (accepted, team.exists(PENDING))
    };
    let other = Some("- user: hours?\n  agent: Never.");
    assert_eq!(written(&[], None, 1), (false, true));
    assert_eq!(written(&[("CI", "true")], other, 1), (false, false));
    assert_eq!(written(&[("CI", "false")], other, 1), (false, true));
    assert_eq!(written(&[("TF_BUILD", "1")], other, 1), (false, false));
    assert_eq!(written(&[("INSTA_UPDATE", "new"), ("CI", "1")], other, 1), (false, true));
    assert_eq!(written(&[("INSTA_UPDATE", "no")], other, 1), (false, false));
    assert_eq!(written(&[("INSTA_UPDATE", "always")], other, 0), (true, false));
    assert_eq!(written(&[("INSTA_UPDATE", "force")], None, 0), (true, false));
    assert_eq!(written(&[("INSTA_UPDATE", "unseen")], None, 0), (true, false));
    assert_eq!(written(&[("INSTA_UPDATE", "unseen")], other, 1), (false, true));
    team(turns).run_with(&[("INSTA_UPDATE", "sometimes")], &["run"]).expect(2);
}

#[test]
fn insta_force_pass_leaves_the_verdict_to_cargo_insta_but_only_for_texts() {
    let vars = [("INSTA_FORCE_PASS", "1"), ("INSTA_UPDATE", "new")];
    let own = team("turns:\n  - user: hours?\n");
    own.write("Cargo.toml", "[package]\n");
    own.run_with(&vars, &["run"]).expect(0);
    assert!(own.exists(PENDING));
    let own = team("turns:\n  - user: hours?\n    expect: { snapshot: true, handoff: any }\n");
    own.run_with(&vars, &["run"]).expect(1);
    assert!(own.exists(PENDING));
}

#[test]
fn insta_force_pass_fails_where_cargo_insta_would_not_look() {
    for (folder, reason) in [
        (".hidden", "hidden folder"),
        ("target/x", "named target"),
        ("inner", "another Cargo.toml"),
        ("../elsewhere", "outside of the package"),
    ] {
        let team = team("turns:\n  - user: hours?\n");
        team.write("inner/Cargo.toml", "");
        let config = format!("snapshots = \"{folder}\"\n{}", team.read("rehearsal.toml"));
        team.write("rehearsal.toml", &config);
        let package = team.path("").to_string_lossy().into_owned();
        let vars = [("INSTA_FORCE_PASS", "1"), ("CARGO_MANIFEST_DIR", package.as_str())];
        let ran = team.run_with(&vars, &["run"]).expect(1);
        assert!(ran.words().contains(reason), "{reason}\n{}", ran.all());
        let _ = fs::remove_dir_all(team.path("../elsewhere"));
    }
}

#[test]
fn insta_pending_dir_mirrors_the_workspace() {
    let team = team("turns:\n  - user: hours?\n");
    team.write("Cargo.toml", "[workspace]\n");
    let artifact = team.path("artifact").to_string_lossy().into_owned();
    let vars = [("INSTA_UPDATE", "new"), ("CI", "1"), ("INSTA_PENDING_DIR", artifact.as_str())];
    team.run_with(&vars, &["run"]).expect(1);
    assert!(!team.exists(PENDING));
    assert!(team.exists("artifact/snapshots/a@downtown.snap.new"));
    team.run_with(&vars[2..], &["accept"]).expect(0);
    assert!(team.read(ACCEPTED).contains("noon"));
}

#[test]
fn every_snapshot_in_use_is_told_to_cargo_insta_also_of_skipped_cases() {
    let team = team("turns:\n  - user: hours?\n");
    team.write("conversations/b.yaml", "skip: later\nturns: [{ user: hours? }]");
    team.write("conversations/c.yaml", "turns: [{ user: hours?, expect: { contains: noon } }]");
    let list = team.path("references").to_string_lossy().into_owned();
    team.run_with(&[("INSTA_SNAPSHOT_REFERENCES_FILE", list.as_str())], &["run"]).expect(1);
    let mut lines: Vec<String> = team.read("references").lines().map(str::to_owned).collect();
    lines.sort();
    let expected = ["a@downtown", "b@downtown"].map(|case| {
        let folder = fs::canonicalize(team.path("")).expect("a folder");
        folder.join(format!("snapshots/{case}.snap")).to_string_lossy().into_owned()
    });
    assert_eq!(lines, expected);
}

#[test]
fn a_snapshot_that_differs_only_in_a_turn_that_is_not_reached_keeps_its_text() {
    let team = Team::with_agent(
        "  - when: { message: bye }\n    say: Goodbye.\n    end_conversation: true\n",
    );
    team.write("conversations/a.yaml", "turns:\n  - user: hello\n  - user: bye\n    expect: { snapshot: true }\n  - user: still there?\n");
    accept(
        &team,
        "- user: hello\n  agent: Other.\n- user: bye\n  agent: Goodbye.\n- user: still there?\n  agent: Yes.",
    );
    team.run(&["run"]).expect(1);
    assert!(
        team.read(PENDING)
            .ends_with("- user: still there?\n  agent: \"Yes.\"\n".replace('"', "").as_str()),
        "{}",
        team.read(PENDING)
    );
}

/// Regression: a case that made the folder of the snapshots while another one looked at where it
/// lies made the other believe that a link led out of it.
#[test]
fn the_first_snapshots_of_cases_side_by_side_do_not_disturb_one_another() {
    let team = Team::with_agent("  - say: Hi.\n");
    for number in 0..8 {
        team.write(&format!("conversations/{number}.yaml"), "turns: [{ user: hello }]");
    }
    for _ in 0..25 {
        let ran = team.run(&["run", "--quiet"]).expect(1);
        assert!(ran.stdout.contains("8 pending snapshots"), "{}", ran.all());
        fs::remove_dir_all(team.path("snapshots")).expect("it was made");
    }
}
