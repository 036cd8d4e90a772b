//! What a run leaves in `.rehearsal` of the cases it played.

use std::fs;

use rehearsal::outcome::{CaseOutcome, Verdict};

use crate::common::Team;

fn team() -> Team {
    let team = Team::with_agent("\n  - when: { message: hours }\n    say: We open at noon.\n");
    team.write("conversations/hours.yaml", "turns: [{ user: hours?, expect: { contains: noon } }]");
    team.write(
        "conversations/wrong.yaml",
        "turns: [{ user: hours?, expect: { contains: midnight } }]",
    );
    team
}

/// The outcomes of cases that passed, of all runs.
fn passed(team: &Team) -> Vec<CaseOutcome> {
    let Ok(files) = fs::read_dir(team.path(".rehearsal/passed")) else { return Vec::new() };
    let read = |file: std::io::Result<fs::DirEntry>| {
        fs::read_to_string(file.expect("an entry").path()).expect("a file")
    };
    let lines: String = files.map(read).collect();
    lines.lines().map(|line| serde_json::from_str(line).expect("an outcome")).collect()
}

#[test]
fn what_a_case_that_passed_said_is_kept_of_each_environment_with_what_was_sent() {
    let team = team();
    team.run(&["run"]).expect(1);
    team.run(&["run", "--environment", "sandbox", "hours"]).expect(0);
    let mut kept = passed(&team);
    kept.sort_by(|a, b| a.environment.cmp(&b.environment));
    let keys: Vec<_> = kept.iter().map(CaseOutcome::key).collect();
    assert_eq!(keys, [("demo", "local", "hours@downtown"), ("demo", "sandbox", "hours@downtown")]);
    for outcome in &kept {
        assert_eq!(outcome.verdict, Verdict::Passed);
        let turn = &outcome.plays[0].turns[1];
        assert_eq!(turn.response, "We open at noon.");
        let sent: serde_json::Value =
            serde_json::from_str(turn.request.body.as_str()).expect("a body");
        assert_eq!(sent["message"], "hours?");
    }
    assert_eq!(fs::read_to_string(team.path(".rehearsal/.gitignore")).expect("a file"), "*\n");
}

#[test]
fn in_ci_nothing_is_kept_of_what_passed() {
    let team = team();
    team.run_with(&[("CI", "true")], &["run", "hours"]).expect(0);
    assert!(!team.exists(".rehearsal"));
}
