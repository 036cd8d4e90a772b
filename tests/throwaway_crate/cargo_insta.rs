//! `cargo insta`.

use crate::{command, common::at_terminal, expect, team};

#[test]
#[ignore = "needs cargo-insta"]
fn cargo_insta_finds_accepts_and_judges_the_snapshots() {
    let team = team();
    team.write("conversations/pinned.yaml", "turns:\n  - user: hours?\n");
    expect(&team, &["test", "--quiet"], &[], 101);
    let pending = "snapshots/pinned@downtown.snap.new";
    let written = team.read(pending);
    let output = expect(&team, &["insta", "pending-snapshots"], &[], 0);
    assert!(output.contains("pinned@downtown.snap"), "{output}");
    expect(&team, &["insta", "accept"], &[], 0);
    let by_insta = team.read("snapshots/pinned@downtown.snap");
    assert!(!team.exists(pending));

    // What `rehearsal accept` writes is the same, byte for byte.
    team.write(pending, &written);
    std::fs::remove_file(team.path("snapshots/pinned@downtown.snap")).expect("a file");
    team.run(&["accept"]).expect(0);
    assert_eq!(team.read("snapshots/pinned@downtown.snap"), by_insta);
    expect(&team, &["test", "--quiet"], &[], 0);

    // `cargo insta test` gives the verdict itself.
    expect(&team, &["insta", "test", "--unreferenced=reject"], &[], 0);
    team.write(
        "snapshots/gone@downtown.snap",
        "---\nsource: conversations/gone.yaml\n---\n- user: x\n  agent: y\n",
    );
    let output = expect(&team, &["insta", "test", "--unreferenced=reject"], &[], 1);
    assert!(output.contains("gone@downtown.snap"), "{output}");
    std::fs::remove_file(team.path("snapshots/gone@downtown.snap")).expect("a file");

    let agent = team.read("agents/agent.yaml").replace("at noon", "at one");
    team.write("agents/agent.yaml", &agent);
    for file in ["hours", "slow"] {
        std::fs::remove_file(team.path(format!("conversations/{file}.yaml"))).expect("a file");
    }
    expect(&team, &["insta", "test"], &[], 1);
    assert!(team.read(pending).contains("at one"));
    expect(&team, &["insta", "test", "--accept"], &[], 0);
    assert!(team.read("snapshots/pinned@downtown.snap").contains("at one"));
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs cargo-insta"]
fn cargo_insta_reviews_and_rejects_turns_as_it_does_any_snapshot() {
    let team = team();
    let accepted = "snapshots/pinned@downtown.snap";
    let pending = "snapshots/pinned@downtown.snap.new";
    team.write("conversations/pinned.yaml", "turns:\n  - user: hours?\n  - user: hours again?\n");
    for file in ["hours", "slow"] {
        std::fs::remove_file(team.path(format!("conversations/{file}.yaml"))).expect("a file");
    }
    expect(&team, &["test", "--quiet"], &[], 101);
    expect(&team, &["insta", "reject"], &[], 0);
    assert!(!team.exists(pending) && !team.exists(accepted));

    expect(&team, &["test", "--quiet"], &[], 101);
    let ran = at_terminal("a", &command(&team, &["insta", "review"], &[])).expect(0);
    assert!(ran.stdout.contains("hours again?"), "{}", ran.all());
    assert!(team.exists(accepted) && !team.exists(pending));

    let agent = team.read("agents/agent.yaml").replace("at noon", "at one");
    team.write("agents/agent.yaml", &agent);
    let before = team.read(accepted);
    at_terminal("r", &command(&team, &["insta", "test", "--review"], &[]));
    assert_eq!(team.read(accepted), before);
    assert!(!team.exists(pending));

    // A placeholder that somebody put into one turn outlives the change of the other.
    team.write(accepted, &before.replacen("at noon", "at {{any}}", 1));
    expect(&team, &["insta", "test", "--accept"], &[], 0);
    let kept = team.read(accepted);
    assert!(kept.contains("at {{any}}") && kept.contains("at one"), "{kept}");
}

#[test]
#[ignore = "needs cargo-insta and cargo-nextest"]
fn cargo_insta_under_nextest_judges_which_snapshots_are_used() {
    let team = team();
    team.write("conversations/pinned.yaml", "turns:\n  - user: hours?\n");
    for file in ["hours", "slow"] {
        std::fs::remove_file(team.path(format!("conversations/{file}.yaml"))).expect("a file");
    }
    let test = ["insta", "test", "--test-runner", "nextest", "--unreferenced=reject"];
    expect(&team, &test, &[], 1);
    expect(&team, &["insta", "accept"], &[], 0);
    expect(&team, &test, &[], 0);
    team.write(
        "snapshots/gone@downtown.snap",
        "---\nsource: conversations/gone.yaml\n---\n- user: x\n  agent: y\n",
    );
    let output = expect(&team, &test, &[], 1);
    assert!(output.contains("gone@downtown.snap"), "{output}");
}
