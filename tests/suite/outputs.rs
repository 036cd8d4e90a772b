//! What `--json`, `--junit`, `--html` and `--code-quality` may be written to.

use std::fs;

use crate::common::{Ran, Team};

const FLAGS: [&str; 4] = ["--json", "--junit", "--html", "--code-quality"];

fn team() -> Team {
    let team = Team::with_agent("  - { when: { message: hours }, say: We open at noon. }\n");
    let turns = "turns: [{ user: hours?, expect: { contains: noon } }]";
    team.write("conversations/a/b.yaml", turns);
    team.write("conversations/c.json", r#"{"turns":[{"user":"hours?"}]}"#);
    let snapshot =
        "---\nsource: conversations/c.json\n---\n- user: hours?\n  agent: We open at noon.\n";
    team.write("snapshots/c@downtown.snap", snapshot);
    team.write("notes.txt", "mine");
    team.write("empty.txt", "");
    team
}

/// The text of every file below the folder.
fn files(team: &Team) -> Vec<(String, Vec<u8>)> {
    let walk = walkdir::WalkDir::new(team.path("")).sort_by_file_name();
    let files = walk.into_iter().map(|entry| entry.expect("an entry"));
    let files = files.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| (entry.path().display().to_string(), fs::read(entry.path()).expect("a file")))
        .collect()
}

#[track_caller]
fn refused(ran: Ran, says: &str) {
    assert!(ran.words().contains(says), "{says}\n{}", ran.all());
    ran.expect(2);
}

#[test]
fn no_report_replaces_a_file_of_the_suite_or_anything_but_a_report() {
    let team = team();
    let before = files(&team);
    let own = [
        "conversations/a/b.yaml",
        "conversations/c.json",
        "conversations/not-there-yet.json",
        "conversations/not-there-yet.YAML",
        "./conversations/../rehearsal.toml",
        "agents/agent.yaml",
        "snapshots/c@downtown.snap",
        "snapshots/not-there-yet@downtown.snap.new",
    ];
    for flag in FLAGS {
        for path in own {
            refused(team.run(&["run", flag, path]), "would replace a file of the suite");
        }
        refused(team.run(&["run", flag, "notes.txt"]), "would replace a file that");
        refused(team.run(&["run", flag, "agents"]), "it is a folder");
    }
    assert_eq!(files(&team), before);
    team.run(&["run", "--json", "run.jsonl"]).expect(0);
    for flag in &FLAGS[1..] {
        for path in ["conversations/a/b.yaml", "conversations/c.json", "agents/agent.yaml"] {
            let ran = team.run(&["report", "run.jsonl", flag, path]);
            refused(ran, "would replace a file of the suite");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_link_is_what_it_leads_to() {
    use std::os::unix::fs::symlink;

    let team = team();
    symlink("rehearsal.toml", team.path("config")).expect("a link");
    symlink("config", team.path("twice")).expect("a link");
    symlink("conversations/new.yaml", team.path("dangling")).expect("a link");
    symlink("agents", team.path("elsewhere")).expect("a link");
    fs::hard_link(team.path("rehearsal.toml"), team.path("hard")).expect("a link");
    let before = files(&team);
    for flag in FLAGS {
        for path in ["config", "twice", "dangling", "elsewhere/agent.yaml"] {
            refused(team.run(&["run", flag, path]), "would replace a file of the suite");
        }
        refused(team.run(&["run", flag, "hard"]), "would replace a file that");
    }
    assert_eq!(files(&team), before);
    assert!(!team.exists("conversations/new.yaml"));
}

#[test]
fn an_earlier_report_of_its_kind_an_empty_file_and_a_device_are_written_to() {
    let team = team();
    for flag in FLAGS {
        let file = flag.trim_start_matches('-');
        for other in FLAGS {
            team.run(&["run", other, other.trim_start_matches('-')]).expect(0);
        }
        team.run(&["run", flag, file]).expect(0);
        team.write("empty.txt", "");
        team.run(&["run", flag, "empty.txt"]).expect(0);
        team.run(&["run", flag, "empty.txt"]).expect(0);
        assert!(!team.read("empty.txt").is_empty());
        #[cfg(unix)]
        team.run(&["run", flag, "/dev/null"]).expect(0);
        // What a run paid for is not replaced by a page, nor the other way round.
        for other in FLAGS.iter().filter(|other| **other != flag) {
            refused(team.run(&["run", other, file]), "would replace a file that");
        }
    }
    // Also where something did not hold, and where the run did not end.
    team.write("conversations/a/b.yaml", "turns: [{ user: hours?, expect: { contains: x } }]");
    for _ in 0..2 {
        for flag in FLAGS {
            team.run(&["run", flag, flag.trim_start_matches('-')]).expect(1);
        }
    }
    team.write("conversations/wrong.yaml", "turns: [");
    for _ in 0..2 {
        for flag in FLAGS {
            team.run(&["run", flag, flag.trim_start_matches('-')]).expect(2);
        }
    }
}

#[test]
fn a_run_that_cannot_start_replaces_no_file_but_an_earlier_report() {
    let team = team();
    team.run(&["run", "--junit", "junit.xml"]).expect(0);
    team.write("conversations/wrong.yaml", "turns: [");
    let before = files(&team);
    for flag in FLAGS {
        for path in ["conversations/a/b.yaml", "notes.txt"] {
            let ran = team.run(&["run", flag, path]).expect(2);
            assert!(ran.stderr.contains("nothing was played"), "{}", ran.all());
        }
    }
    assert_eq!(files(&team), before);
    // Nothing green of the earlier run is left.
    team.run(&["run", "--junit", "junit.xml"]).expect(2);
    assert!(team.read("junit.xml").contains("the run did not end"), "{}", team.read("junit.xml"));
}

#[test]
fn what_a_command_reads_is_not_what_it_writes() {
    let team = team();
    team.run(&["run", "--json", "parts/1.jsonl"]).expect(0);
    let before = team.read("parts/1.jsonl");
    let taken = "would replace what this command reads";
    let durations = ["run", "--shard", "1/1", "--durations", "parts/1.jsonl"];
    refused(team.run(&[&durations[..], &["--json", "./parts/1.jsonl"]].concat()), taken);
    refused(team.run(&["report", "parts", "--html", "parts/1.jsonl"]), taken);
    refused(team.run(&["report", "parts", "--html", "parts/new.jsonl"]), taken);
    refused(team.run(&["run", "--junit", "x", "--html", "./parts/../x"]), taken);
    assert_eq!(team.read("parts/1.jsonl"), before);
    team.run(&["report", "parts", "--html", "parts/page.html"]).expect(0);
}
