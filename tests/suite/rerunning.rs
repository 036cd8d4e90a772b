//! `--rerun-failed`: what failed in an earlier run.

use crate::common::{Ran, info_team::info_team as team};

#[test]
fn what_failed_is_played_again_until_it_passes() {
    let team = team();
    team.write(
        "conversations/wrong.yaml",
        "turns: [{ user: hours?, expect: { contains: never } }]",
    );
    team.write("conversations/new.yaml", "turns: [{ user: hours? }]");
    team.run(&["run"]).expect(1);
    let played = |ran: &Ran| ran.stdout.matches("play again  ").count();

    let ran = team.run(&["run", "--rerun-failed"]).expect(1);
    assert_eq!(played(&ran), 2, "{}", ran.all());
    assert!(ran.stdout.contains("2 conversations,"), "{}", ran.all());
    team.run(&["accept"]).expect(0);
    team.run(&["run", "new"]).expect(0);
    let ran = team.run(&["run", "--rerun-failed"]).expect(1);
    assert!(ran.stdout.contains("1 conversation,"), "{}", ran.all());
    let ran = team.run(&["run", "--rerun-failed", "--environment", "sandbox"]).expect(2);
    assert!(ran.stderr.contains("no selected case is known to have failed"), "{}", ran.all());

    team.write("conversations/wrong.yaml", "turns: [{ user: hours?, expect: { contains: noon } }]");
    team.run(&["run", "--rerun-failed"]).expect(0);
    team.run(&["run", "--rerun-failed"]).expect(2);
    assert_eq!(team.read(".rehearsal/.gitignore"), "*\n");
}

#[test]
fn in_ci_nothing_is_remembered_except_beside_pending_snapshots_that_are_kept() {
    let team = team();
    team.write("conversations/new.yaml", "turns: [{ user: hours? }]");
    team.run_with(&[("CI", "true")], &["run"]).expect(1);
    assert!(!team.exists(".rehearsal"));
    team.run_with(&[("CI", "true")], &["run", "--pending-dir", "kept"]).expect(1);
    assert!(!team.exists(".rehearsal") && team.exists("kept/failed-cases/local/new@downtown.json"));
}
