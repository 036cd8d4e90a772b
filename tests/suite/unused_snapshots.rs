//! Snapshots that no case uses: reported, and removed when asked.

use crate::common::{Team, info_team::RULES};

#[test]
fn check_says_how_to_keep_a_snapshot_whose_case_has_a_new_name() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours? }]");
    team.write("conversations/b.yaml", "turns: [{ user: hours?, expect: { contains: noon } }]");
    let snapshot = "---\nsource: conversations/a.yaml\n---\n- user: hours?\n  agent: y\n";
    team.write("snapshots/a.snap", snapshot);
    team.write("snapshots/b@downtown.snap", snapshot);
    let ran = team.run(&["check"]).expect(0);
    assert!(ran.words().contains("rename the file to `a@downtown.snap`"), "{}", ran.all());
    assert!(ran.words().contains("no longer pins any text: remove it"), "{}", ran.all());
    team.write("snapshots/a@downtown.snap", snapshot);
    let ran = team.run(&["check"]).expect(0);
    assert!(!ran.words().contains("rename"), "{}", ran.all());
}

#[test]
fn check_reports_unreferenced_snapshots_and_refuses_them_in_ci() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours? }]");
    team.write(
        "snapshots/gone@downtown.snap",
        "---\nsource: conversations/gone.yaml\n---\n- user: x\n  agent: y\n",
    );
    team.write(
        "snapshots/a@downtown.snap",
        "---\nsource: conversations/a.yaml\n---\n- user: hours?\n  agent: We open at {{tiem}}.\n- user: removed\n  agent: x\n",
    );
    let ran = team.run(&["check"]).expect(2);
    crate::common::filters()
        .bind(|| insta::assert_snapshot!("check_reports_snapshots", ran.stderr));
    team.write(
        "snapshots/a@downtown.snap",
        "---\nsource: conversations/a.yaml\n---\n- user: hours?\n  agent: We open at {{time}}.\n",
    );
    team.run(&["check"]).expect(0);
    team.run_with(&[("CI", "1")], &["check"]).expect(2);
}

#[test]
fn remove_unreferenced_removes_those_snapshots_and_no_others() {
    let team = Team::with_agent(RULES);
    let snapshot =
        |of: &str| format!("---\nsource: {of}\n---\n- user: hours?\n  agent: We open at noon.\n");
    team.write("conversations/a.yaml", "turns: [{ user: hours? }]");
    team.write("conversations/b.yaml", "variants: [uptown]\nturns: [{ user: hours? }]");
    for name in ["a@downtown.snap", "gone@downtown.snap", "gone@uptown.snap.new", "b@downtown.snap"]
    {
        team.write(&format!("snapshots/{name}"), &snapshot("conversations/x.yaml"));
    }
    team.write("snapshots/unit__other.snap", &snapshot("tests/unit.rs"));

    team.run_with(&[("CI", "1")], &["check", "--remove-unreferenced"]).expect(2);
    team.write("conversations/wrong.yaml", "turns: [");
    let ran = team.run(&["check", "--remove-unreferenced"]).expect(2);
    assert!(ran.stderr.contains("nothing is removed while there are mistakes"), "{}", ran.all());
    assert!(team.exists("snapshots/gone@downtown.snap"));

    std::fs::remove_file(team.path("conversations/wrong.yaml")).expect("it is there");
    let ran = team.run(&["check", "--remove-unreferenced"]).expect(0);
    assert!(ran.stdout.contains("removed snapshots/gone@downtown.snap\n"), "{}", ran.all());
    assert!(ran.stdout.contains("removed snapshots/gone@uptown.snap.new\n"), "{}", ran.all());
    assert!(ran.stderr.contains("kept snapshots/b@downtown.snap"), "{}", ran.all());
    assert!(!team.exists("snapshots/gone@downtown.snap"));
    for kept in ["a@downtown.snap", "b@downtown.snap", "unit__other.snap"] {
        assert!(team.exists(&format!("snapshots/{kept}")), "{kept}");
    }
}
