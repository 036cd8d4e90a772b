//! `rehearsal report`: what several runs left becomes one report and one verdict.

use crate::common::Team;

const RULES: &str = "  - { when: { message: hours }, say: We open at noon. }\n";

/// Four cases that pass.
fn team() -> Team {
    let team = Team::with_agent(RULES);
    for name in ["a", "b", "c", "d"] {
        team.write(
            &format!("conversations/{name}.yaml"),
            "turns: [{ user: hours?, expect: { contains: noon } }]",
        );
    }
    team
}

#[test]
fn the_parts_of_a_run_are_joined_into_one_report_and_one_status() {
    let team = team();
    team.run(&["run", "a@", "b@", "--json", "parts/1.jsonl"]).expect(0);
    team.run(&["run", "c@", "d@", "--json", "parts/2.jsonl"]).expect(0);
    let ran = team.run(&["report", "parts", "--junit", "all.xml"]).expect(0);
    assert!(
        ran.stdout.starts_with("4 passed\n4 conversations, 4 turns, 12 requests"),
        "{}",
        ran.all()
    );
    assert_eq!(team.read("all.xml").matches("<testcase ").count(), 4);

    team.write("agents/agent.yaml", &team.read("agents/agent.yaml").replace("noon", "one"));
    team.run(&["run", "c@", "d@", "--json", "parts/2.jsonl"]).expect(1);
    let ran = team.run(&["report", "parts/1.jsonl", "parts/2.jsonl"]).expect(1);
    assert!(ran.stdout.contains("FAILED c@downtown\n"), "{}", ran.all());
    assert!(ran.stdout.contains("2 failed, 2 passed\n"), "{}", ran.all());
    assert!(ran.stdout.trim_end().ends_with("--exact c@downtown d@downtown"), "{}", ran.all());
    let quiet = team.run(&["report", "--quiet", "parts"]).expect(1);
    assert!(!quiet.stdout.contains("FAILED"), "{}", quiet.all());
}

#[test]
fn of_a_case_that_was_played_twice_the_later_time_counts_and_it_says_so() {
    let team = team();
    team.run(&["run", "--json", "z.jsonl"]).expect(0);
    team.write("agents/agent.yaml", &team.read("agents/agent.yaml").replace("noon", "one"));
    team.run(&["run", "a", "--json", "a.jsonl"]).expect(1);
    for paths in [["a.jsonl", "z.jsonl"], ["z.jsonl", "a.jsonl"]] {
        let ran = team.run(&[&["report", "-q"], &paths[..]].concat()).expect(1);
        assert!(ran.stdout.contains("1 failed, 3 passed"), "{}", ran.all());
        let says =
            "1 case was played more than once, and the later time counts: a@downtown in local";
        assert!(ran.stderr.contains(says), "{}", ran.all());
    }
    // Another environment is another case.
    team.run(&["run", "a", "--environment", "sandbox", "--json", "s.jsonl"]).expect(1);
    let ran = team.run(&["report", "-q", "z.jsonl", "s.jsonl"]).expect(1);
    assert!(ran.stdout.contains("1 failed, 4 passed") && ran.stderr.is_empty(), "{}", ran.all());
}

#[test]
fn a_run_that_was_killed_is_read_up_to_there_and_is_not_green() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl"]).expect(0);
    let whole = team.read("run.jsonl");
    let finished = whole.match_indices("\"event\":\"case_finished\"").map(|(at, _)| at);
    // In the middle of the third case's line.
    let cut = finished.clone().nth(2).expect("a line") + 300;
    team.write("cut.jsonl", &whole[..cut]);
    let ran = team.run(&["report", "cut.jsonl", "--junit", "cut.xml"]).expect(3);
    assert!(
        ran.stderr.contains(
            "cut.jsonl: this run was killed; nothing is known of 2 of its 4 cases (it was playing "
        ),
        "{}",
        ran.all()
    );
    assert!(ran.stdout.starts_with("2 passed\n"), "{}", ran.all());
    assert!(team.read("cut.xml").contains("nothing is known of 2 of its cases"));
    // Every other place where it may have been cut; without its last line end it is whole.
    for cut in (0..whole.trim_end().len()).step_by(97).filter(|cut| whole.is_char_boundary(*cut)) {
        team.write("cut.jsonl", &whole[..cut]);
        let status = team.run(&["report", "-q", "cut.jsonl"]).status;
        let expected = if whole[..cut].contains("\n") { 3 } else { 2 };
        assert_eq!(status, expected, "cut at {cut}");
    }
}

#[test]
fn what_is_no_run_is_refused_with_a_sentence() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl"]).expect(0);
    let whole = team.read("run.jsonl");
    team.write("other.jsonl", &whole.replacen("\"schema_version\":2", "\"schema_version\":1", 1));
    team.write("headless.jsonl", whole.split_once('\n').expect("lines").1);
    team.write(
        "broken.jsonl",
        &whole.replacen("\"verdict\":\"passed\"", "\"verdict\":\"maybe\"", 1),
    );
    team.write("empty.jsonl", "");
    team.write("folder/notes.txt", "");
    for (path, says) in [
        (
            "other.jsonl",
            "other.jsonl:1: this has schema_version 1, and this version of Rehearsal reads 2",
        ),
        (
            "headless.jsonl",
            "headless.jsonl:1: this is not an event of a run: the first one must be run_started",
        ),
        ("broken.jsonl", "this is not an event of a run: unknown variant `maybe`"),
        ("empty.jsonl", "empty.jsonl contains no events"),
        ("folder", "there is no .jsonl file in folder"),
        ("nowhere", "cannot read nowhere"),
    ] {
        let ran = team.run(&["report", path, "--junit", "never.xml"]).expect(2);
        assert!(ran.words().contains(says), "{says}: {}", ran.all());
        assert!(team.read("never.xml").contains("errors=\"1\""), "nothing green is left");
    }
    team.run(&["report"]).expect(2);
}

#[test]
fn a_part_that_is_missing_is_not_green() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl"]).expect(0);
    let part = |shard: &str| {
        let with = format!("\"cases\":4,\"shard\":\"{shard}\"");
        team.write(
            &format!("{}.jsonl", &shard[..1]),
            &team.read("run.jsonl").replacen("\"cases\":4", &with, 1),
        );
    };
    part("1/3");
    part("3/3");
    let ran = team.run(&["report", "-q", "1.jsonl", "3.jsonl"]).expect(3);
    assert!(ran.stderr.contains("a part of the run in local is missing: 2/3"), "{}", ran.all());
    part("2/3");
    team.run(&["report", "-q", "1.jsonl", "2.jsonl", "3.jsonl"]).expect(0);
}

#[test]
fn parts_are_counted_environment_by_environment() {
    let team = team();
    for environment in ["local", "sandbox"] {
        for shard in ["1/2", "2/2"] {
            let file = format!("{environment}-{}.jsonl", &shard[..1]);
            team.run(&["run", "--environment", environment, "--shard", shard, "--json", &file]);
        }
    }
    let ran = team.run(&["report", "-q", "local-1.jsonl", "sandbox-2.jsonl", "--junit", "x.xml"]);
    let ran = ran.expect(3);
    assert!(ran.stderr.contains("in local is missing: 2/2"), "{}", ran.all());
    assert!(ran.stderr.contains("in sandbox is missing: 1/2"), "{}", ran.all());
    assert!(team.read("x.xml").contains("errors=\"1\""), "{}", team.read("x.xml"));
    let all = ["local-1.jsonl", "local-2.jsonl", "sandbox-1.jsonl", "sandbox-2.jsonl"];
    team.run(&[&["report", "-q"][..], &all].concat()).expect(0);
}

#[test]
fn parts_that_were_cut_differently_are_not_green() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl"]).expect(0);
    team.run(&["run", "--shard", "1/2", "--json", "1.jsonl"]).expect(0);
    // The other machine plays the first part again in the place of the second.
    let again = team.read("1.jsonl").replace("\"shard\":\"1/2\"", "\"shard\":\"2/2\"");
    team.write("2.jsonl", &again);
    let ran = team.run(&["report", "-q", "1.jsonl", "2.jsonl"]).expect(3);
    assert!(ran.words().contains("in local is in no part"), "{}", ran.all());
}

#[test]
fn a_case_whose_end_is_missing_from_a_whole_run_is_not_green() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl", "--junit", "x.xml"]).expect(0);
    let text = team.read("run.jsonl");
    let is_cut = |line: &&str| !line.contains("case_finished\",\"case\":\"a@");
    let cut: Vec<&str> = text.lines().filter(is_cut).collect();
    team.write("cut.jsonl", &(cut.join("\n") + "\n"));
    let ran = team.run(&["report", "-q", "cut.jsonl", "--junit", "x.xml"]).expect(3);
    assert!(ran.stderr.contains("1 case of this run is missing"), "{}", ran.all());
    assert!(team.read("x.xml").contains("errors=\"1\""), "{}", team.read("x.xml"));
}

#[test]
fn a_file_from_elsewhere_moves_no_cursor() {
    let team = team();
    team.write("conversations/wrong.yaml", "turns: [{ user: x, expect: { contains: never } }]");
    team.run(&["run", "wrong", "--json", "run.jsonl"]).expect(1);
    let forged =
        team.read("run.jsonl").replace("\"failure\":\"", "\"failure\":\"\\u001b[2J\\n::error::x");
    team.write("forged.jsonl", &forged);
    let ran = team.run(&["report", "forged.jsonl"]).expect(1);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains("\n::error"), "{}", ran.all());
}

#[test]
fn shards_with_the_same_selection_belong_to_one_run() {
    let team = team();
    let other = "\n[projects.clinic.environments.desk]\nagent = \"agents/agent.yaml\"\n";
    let config = team.read("rehearsal.toml").replace("default_environment = \"local\"\n", "");
    let sandbox = "[projects.demo.environments.sandbox]\nagent = \"agents/agent.yaml\"\n";
    let config = config.replace(sandbox, "");
    team.write("rehearsal.toml", &format!("default_project = \"demo\"\n{config}{other}"));
    team.write(
        "conversations/e.yaml",
        "project: clinic\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    // Of nine shards of five cases some are empty, and most have one environment only.
    let shards: Vec<String> = (1..=9).map(|number| format!("{number}/9")).collect();
    let files: Vec<String> = (1..=9).map(|number| format!("{number}.jsonl")).collect();
    let mut empty = 0;
    for (shard, file) in shards.iter().zip(&files) {
        let ran = team.run(&["run", "--shard", shard, "--json", file]).expect(0);
        empty += usize::from(ran.stderr.contains("nothing to play in shard"));
    }
    assert!(empty >= 4, "{empty} are empty");
    let report: Vec<&str> =
        ["report", "-q"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let ran = team.run(&report).expect(0);
    assert!(ran.stdout.starts_with("5 passed") && ran.stderr.is_empty(), "{}", ran.all());
    let ran = team.run(&report[..report.len() - 1]).expect(3);
    assert!(ran.words().contains("in desk, local is missing: 9/9"), "{}", ran.all());
}

#[test]
fn shards_of_different_selections_are_never_green() {
    let team = team();
    team.run(&["run", "--shard", "1/2", "--json", "1.jsonl"]).expect(0);
    // As many cases, and others of them.
    team.run(&["run", "a@", "b@", "--shard", "1/2", "--json", "ab.jsonl"]).expect(0);
    team.run(&["run", "c@", "d@", "--shard", "2/2", "--json", "cd.jsonl"]).expect(0);
    team.run(&["run", "--skip", "c@", "--shard", "2/2", "--json", "2.jsonl"]).expect(0);
    for (first, second, sizes) in
        [("1.jsonl", "2.jsonl", ["4 cases", "3 cases"]), ("ab.jsonl", "cd.jsonl", ["2 cases"; 2])]
    {
        let ran = team.run(&["report", "-q", first, second]).expect(3);
        assert!(ran.words().contains("parts of different selections ("), "{}", ran.all());
        assert!(sizes.iter().all(|size| ran.words().contains(size)), "{}", ran.all());
    }
}
