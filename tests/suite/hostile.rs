//! Hostile agents, broken files, hostile folders: a sentence each, and nothing lost.

use std::fs;

use crate::common::{Team, recorder::Recorder};
use serde_json::json;

#[test]
fn a_megabyte_in_one_line_is_shown_in_brief_and_kept_in_full() {
    let long = "word ".repeat(200_000);
    let server = Recorder::agent(move |message| {
        (message == "long").then(
            || json!({ "conversation_id": "CONV-1", "response": long, "end_conversation": false }),
        )
    });
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: long }]");
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.len() < 12_000, "{}", ran.stdout.len());
    team.run(&["accept"]).expect(0);
    assert!(team.read("snapshots/a.snap").len() > 999_000);
    team.run(&["run"]).expect(0);
    let changed = team.read("snapshots/a.snap").replacen("word", "sword", 1);
    team.write("snapshots/a.snap", &changed);
    team.run(&["run"]).expect(1);
}

#[test]
fn a_snapshot_that_could_not_be_read_again_is_not_accepted_and_nothing_of_it_is_lost() {
    let long = "word ".repeat(500_000);
    let server =
        Recorder::agent(move |_| Some(json!({ "conversation_id": "CONV-1", "response": long })));
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: one }, { user: two }]");
    team.write(
        "snapshots/a.snap",
        "---\nsource: conversations/a.yaml\n---\n- user: one\n  agent: x\n",
    );
    let accepted = team.read("snapshots/a.snap");
    let refused = "snapshots/a.snap was not written: it would be larger than 4 MiB";

    let ran = team.run_with(&[("INSTA_UPDATE", "always")], &["run"]).expect(1);
    assert!(ran.words().contains(refused), "{}", ran.all());
    let pending = team.read("snapshots/a.snap.new");
    assert!(pending.len() > 4 << 20, "what was said is kept");
    let ran = team.run(&["accept"]).expect(2);
    assert!(ran.words().contains(refused), "{}", ran.all());
    assert_eq!(team.read("snapshots/a.snap"), accepted);
    assert_eq!(team.read("snapshots/a.snap.new"), pending);
    // What fits is accepted by turn, and the rest stays.
    team.run(&["accept", "--turn", "1"]).expect(0);
    let ran = team.run(&["accept", "--turn", "2"]).expect(1);
    assert!(ran.words().contains(refused), "{}", ran.all());
    assert!(team.exists("snapshots/a.snap.new"));
    let ran = team.run(&["run"]).expect(1);
    assert!(!ran.stdout.contains("turn 1:"), "turn 1 is accepted: {}", ran.all());
}

#[test]
fn any_text_of_an_agent_is_printed_safely_and_reads_back_the_same() {
    let said = "\u{1b}[31mred\u{1b}]8;;http://x\u{7}\u{9b}2J \u{202e}rtl\u{2066} ]]> <script>alert(1)</script>\n---\n- user: forged\n::error::x\n::set-output name=a::b\r\nNUL\0 tab\t lone \u{fffd} {{any}} ${x} end\u{85}\u{2028}";
    let server = Recorder::agent(move |_| {
        Some(json!({ "conversation_id": "CONV-1", "response": said, "end_conversation": false }))
    });
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "greeting: {}\nturns:\n  - user: one\n  - user: two\n    expect: { equals: nothing like it }\n");
    let ran = team.run(&["run", "--json", "run.jsonl"]).expect(1);
    let json = team.read("run.jsonl");
    for text in [&ran.stdout, &json] {
        let harmful =
            |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{2028}".contains(c));
        assert!(!text.contains(harmful), "{text}");
    }
    assert!(ran.stdout.lines().all(|line| !line.trim_start().starts_with("::")), "{}", ran.all());
    let event = json.lines().find(|line| line.contains("case_finished")).expect("an event");
    let event: serde_json::Value = serde_json::from_str(event).expect("JSON");
    assert_eq!(event["plays"][0]["turns"][1]["response"], said);
    team.run(&["accept"]).expect(0);
    let snapshot = team.read("snapshots/a.snap");
    assert_eq!(snapshot.lines().filter(|line| *line == "---").count(), 2, "{snapshot}");
    team.write("conversations/a.yaml", "greeting: {}\nturns:\n  - user: one\n");
    team.run(&["run"]).expect(0);
}

#[test]
fn broken_input_files_get_a_sentence_each() {
    let team = Team::with_agent("  - { say: hi }\n");
    fs::create_dir(team.path("conversations")).expect("a folder");
    fs::write(team.path("conversations/latin.yaml"), b"turns:\n  - user: caf\xe9\n")
        .expect("a file");
    let big = fs::File::create(team.path("conversations/big.yaml")).expect("a file");
    big.set_len(100 << 20).expect("a sparse file");
    team.write("conversations/deep.yaml", &format!("turns: {}", "[".repeat(10_000)));
    let bomb: String = (1..12)
        .map(|level| {
            format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(","))
        })
        .collect();
    team.write("conversations/bomb.yaml", &format!("a0: &a0 [x]\n{bomb}"));
    team.write("conversations/tabs.yaml", "turns:\n\t- user: hi\n");
    team.write("conversations/nul.yaml", "turns: [{ user: \"a\0b\" }]");
    let ran = team.run(&["check"]).expect(2);
    for says in [
        "is not UTF-8 text: line 2",
        "is larger than 4 MiB",
        "nested 64 deep",
        "more than 200000 values",
        "no tabs there",
    ] {
        assert!(ran.stderr.contains(says), "{says}\n{}", ran.all());
    }
    assert!(ran.stderr.contains("6 files"), "{}", ran.all());
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_accepted() {
    let team = Team::with_agent("  - { when: { message: hi }, say: 'Hello there.' }\n");
    team.write(
        "conversations/a.yaml",
        "\u{feff}turns:\r\n  - user: hi\r\n    expect: { contains: there }\r\n",
    );
    team.run(&["run"]).expect(0);
}

#[test]
fn a_snapshot_that_cannot_be_written_is_a_clear_error_and_the_mismatch_stays() {
    let team = Team::with_agent("  - { when: { message: hi }, say: Hello. }\n");
    team.write("conversations/a.yaml", "turns: [{ user: hi }]");
    team.write("snapshots", "a file in the place of the folder");
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("has not been accepted yet"), "{}", ran.all());
    assert!(ran.words().contains("cannot write"), "{}", ran.all());
    assert_eq!(team.read("snapshots"), "a file in the place of the folder");
}

#[cfg(unix)]
#[test]
fn a_link_cannot_lead_a_snapshot_out_of_its_folder() {
    let team = Team::with_agent("  - { when: { message: hi }, say: Hello. }\n");
    let elsewhere = Team::empty();
    team.write("conversations/sub/a.yaml", "turns: [{ user: hi }]");
    fs::create_dir(team.path("snapshots")).expect("a folder");
    std::os::unix::fs::symlink(elsewhere.path(""), team.path("snapshots/sub")).expect("a link");
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.words().contains("leaves the snapshots folder"), "{}", ran.all());
    assert_eq!(fs::read_dir(elsewhere.path("")).expect("a folder").count(), 0);
    for name in ["../a", "/etc/passwd", "a/../../b"] {
        team.run(&["run", "--exact", name]).expect(2);
    }
}

#[test]
fn two_runs_at_once_leave_whole_files() {
    let team = Team::with_agent("  - { when: { message: hi }, say: [Hello., Welcome.] }\n");
    for number in 0..20 {
        team.write(
            &format!("conversations/c{number}.yaml"),
            "turns: [{ user: hi }, { user: hi }, { user: hi }]",
        );
    }
    let spawn =
        || team.command(&["run"]).stdout(std::process::Stdio::null()).spawn().expect("it starts");
    let runs: Vec<_> = (0..4).map(|_| spawn()).collect();
    for mut run in runs {
        run.wait().expect("it ends");
    }
    team.run(&["accept"]).expect(0);
    team.run(&["check"]).expect(0);
    let left = fs::read_dir(team.path("snapshots")).expect("a folder");
    let names =
        left.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    assert!(names.into_iter().all(|name| name.ends_with(".snap")));
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_the_old_snapshot_or_the_new_one() {
    let team = Team::with_agent("  - { when: { message: hi }, say: [Hello., Welcome.] }\n");
    for number in 0..40 {
        team.write(&format!("conversations/c{number}.yaml"), "turns: [{ user: hi }]");
    }
    let team = team.var("INSTA_UPDATE", "always");
    for over in [1, 5, 10, 20, 40] {
        team.write("run.jsonl", "");
        team.kill_when(&["run", "--json", "run.jsonl"], "so many cases were not over", || {
            team.read("run.jsonl").matches("\"case_finished\"").count() >= over
        });
        team.run(&["check"]).expect(0);
        for line in team.read("run.jsonl").lines() {
            let whole = serde_json::from_str::<serde_json::Value>(line).is_ok();
            assert!(whole, "{line}");
        }
    }
}

#[test]
fn unfinished_files_that_a_kill_left_are_removed_by_a_later_run() {
    let team = Team::with_agent("  - { when: { message: hi }, say: Hello. }\n");
    team.write("conversations/sub/a.yaml", "turns: [{ user: hi, expect: { contains: Hello } }]");
    let left = [
        "snapshots/sub/.rehearsal-Ab12cd",
        ".rehearsal/failed/local/sub/.rehearsal-Ab12cd",
        "out/.rehearsal-Ab12cd",
    ];
    for file in left {
        team.write(file, "half a file");
    }
    team.write("snapshots/sub/.rehearsal-notes.txt", "somebody's own");
    team.run(&["run", "--junit", "out/junit.xml"]).expect(0);
    for file in left {
        assert!(!team.exists(file), "{file}");
    }
    // Six letters as well, but written at this moment by another run.
    team.write("snapshots/sub/.rehearsal-Ab12cd", "half a file");
    let writing = fs::File::options().write(true).open(team.path(left[0])).expect("a file");
    writing.lock().expect("a lock");
    team.run(&["run"]).expect(0);
    assert!(team.exists(left[0]), "it is being written");
    assert!(team.exists("snapshots/sub/.rehearsal-notes.txt"));
}

#[test]
fn no_line_begins_with_a_command_wherever_a_long_word_is_broken() {
    for before in 60..80 {
        let said = format!("{}::error file=README.md,line=1::forged", "A".repeat(before));
        let team =
            Team::with_agent(&format!("  - when: {{ message: attack }}\n    say: \"{said}\"\n"));
        team.write("conversations/a.yaml", "turns: [{ user: attack }]");
        team.write(
            "conversations/b.yaml",
            "turns: [{ user: attack, expect: { contains: never } }]",
        );
        let played = team.run(&["run", "--verbose"]).expect(1);
        let reviewed = team.run(&["review"]).expect(1);
        for ran in [played, reviewed] {
            let forged = ran.stdout.lines().find(|line| line.trim_start().starts_with("::"));
            assert_eq!(forged, None, "{before}: {}", ran.all());
        }
    }
}

#[test]
fn a_name_of_a_pending_file_moves_no_cursor_in_an_error() {
    let team = Team::with_agent("");
    let snapshot = "---\nsource: conversations/a.yaml\n---\n- user: x\n  agent: y\n";
    team.write("snapshots/x\u{1b}[31mE.snap.new", snapshot);
    team.write("snapshots/y\n::error::forged.snap.new", snapshot);
    for arguments in [&["accept", "nope"][..], &["reject", "nope"], &["accept", "--turn", "1"]] {
        let ran = team.run(arguments).expect(2);
        assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.all());
        assert!(!ran.stderr.lines().any(|line| line.starts_with("::")), "{}", ran.all());
    }
}
