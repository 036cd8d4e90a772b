//! The commands as a person or a script uses them: statuses, files, sentences.

use crate::common::{
    Ran, Team,
    info_team::{RULES, info_team as team},
};
use serde_json::Value;

#[test]
fn list_shows_names_and_cost_and_plays_nothing() {
    let ran = team().run(&["list"]).expect(0);
    insta::assert_snapshot!(ran.stdout, @"
    info/address@downtown  1 turn
    info/address@uptown    1 turn
    info/hours@downtown    1 turn
    later@downtown         skipped

    4 cases (1 skipped) in local: 3 conversations, 9 requests
    ");
}

#[test]
fn selections_are_the_same_for_every_command() {
    let team = team();
    let names = |arguments: &[&str]| {
        let ran = team.run(&[&["list"], arguments].concat()).expect(0);
        let lines = ran.stdout.lines().take_while(|line| !line.is_empty());
        lines.map(|line| line.split("  ").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let address = ["info/address@downtown", "info/address@uptown"];
    assert_eq!(names(&["address"]), address);
    assert_eq!(names(&["--tag", "smoke"]), address);
    assert_eq!(names(&["--exact", "info/address@uptown"]), address[1..]);
    assert_eq!(names(&["--variant", "uptown"]), address[1..]);
    assert_eq!(
        names(&["info", "later", "--skip", "address"]),
        ["info/hours@downtown", "later@downtown"]
    );
    let ran = team.run_with(&[("REHEARSAL_VARIANT", "uptown")], &["list"]).expect(0);
    assert!(ran.stdout.starts_with("info/address@uptown"), "{}", ran.all());
}

#[test]
fn a_selection_of_nothing_is_refused_with_a_sentence() {
    let team = team();
    for (arguments, says) in [
        (&["adress"][..], "there is none among 4 whose name contains `adress`"),
        (&["--exact", "info/address"], "whose name is exactly `info/address`"),
        (&["--tag", "slow"], "with the tag `slow`"),
        (
            &["--exact", "info/address", "--variant", "uptown"],
            "did you mean `info/address@uptown`?",
        ),
        (&["--exact", "info/address", "--tag", "slow"], "`rehearsal list` shows the names"),
        (&["--variant", "uptwon"], "did you mean `uptown`?"),
        (&["--project", "dmeo"], "did you mean `demo`?"),
        (&["--environment", "live"], "there is no environment `live`"),
    ] {
        for command in ["run", "list"] {
            let ran = team.run(&[&[command], arguments].concat()).expect(2);
            assert!(ran.stderr.contains(says), "{says}\n{}", ran.all());
            assert_eq!(ran.stdout, "");
        }
    }
}

#[test]
fn a_run_of_nothing_but_skipped_conversations_is_not_green() {
    let ran = team().run(&["run", "later"]).expect(2);
    assert!(ran.stdout.contains("nothing was played"), "{}", ran.all());
}

#[test]
fn without_conversations_or_config_there_is_a_sentence() {
    let team = Team::empty();
    let ran = team.run(&["run"]).expect(2);
    assert!(ran.stderr.contains("`rehearsal init` writes one"), "{}", ran.all());
    let team = Team::with_agent(RULES);
    let ran = team.run(&["run"]).expect(2);
    assert!(ran.stderr.contains("there are no conversations in"), "{}", ran.all());
    team.run(&["check"]).expect(2);
}

#[test]
fn nothing_is_played_while_there_is_a_mistake_and_all_are_shown() {
    let team = team();
    team.write("conversations/a.yaml", "turns: [{ usr: hello }]");
    team.write("conversations/b.yaml", "turn: []");
    for command in ["run", "list", "check"] {
        let ran = team.run(&[command]).expect(2);
        assert!(ran.stderr.contains("has no key `usr`"), "{}", ran.all());
        assert!(ran.stderr.contains("has no key `turn`"), "{}", ran.all());
        assert!(ran.stderr.contains("mistakes in 2 files"), "{}", ran.all());
    }
}

#[test]
fn the_config_is_found_from_a_folder_below() {
    let team = team();
    let output = team.command(&["run"]).current_dir(team.path("conversations/info")).output();
    Ran::of(output.expect("it runs")).expect(0);
}

#[test]
fn json_lines_tell_what_happened_and_agree_with_the_status() {
    let team = team();
    team.write(
        "conversations/wrong.yaml",
        "turns: [{ user: hours?, expect: { contains: midnight, handoff: ANY_DESK } }]",
    );
    let ran = team.run(&["run", "--json", "-"]).expect(1);
    let events: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    let finished: Vec<&Value> =
        events.iter().filter(|event| event["event"] == "case_finished").collect();
    assert_eq!(finished.len(), 5);
    let wrong = finished.iter().find(|event| event["case"] == "wrong@downtown").expect("the case");
    assert_eq!(wrong["verdict"], "failed");
    let play = &wrong["plays"][0];
    assert_eq!(play["mismatches"][0]["kind"], "contains");
    assert_eq!(play["mismatches"][0]["expected"], "midnight");
    assert_eq!(play["mismatches"][0]["line"], 1);
    assert_eq!(play["mismatches"][1]["kind"], "handoff");
    assert!(play["conversation_id"].as_str().is_some_and(|id| id.starts_with("CONV-")));
    let skipped =
        finished.iter().find(|event| event["case"] == "later@downtown").expect("the case");
    assert_eq!(
        (skipped["verdict"].as_str(), skipped["reason"].as_str()),
        (Some("skipped"), Some("Not built yet"))
    );
    assert_eq!(events.first().expect("events")["event"], "run_started");
    let last = events.last().expect("events");
    assert_eq!(
        (last["event"].as_str(), last["exit_status"].as_u64()),
        (Some("run_finished"), Some(1))
    );

    team.run(&["run", "--json", "out.jsonl"]).expect(1);
    assert_eq!(team.read("out.jsonl").lines().count(), events.len());
    team.run(&["run", "--json", "rehearsal.toml/out.jsonl"]).expect(2);
}

#[test]
fn accept_and_reject_decide_pending_snapshots() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours? }]");
    team.write("conversations/b.yaml", "turns: [{ user: address? }]");
    team.run(&["accept"]).expect(0);
    team.run(&["run"]).expect(1);
    let ran = team.run(&["accept", "c"]).expect(2);
    assert!(ran.stderr.contains("pending are: a@downtown, b@downtown"), "{}", ran.all());
    team.run(&["accept", "--exact", "a@downtown"]).expect(0);
    team.run(&["reject", "b@"]).expect(0);
    assert_eq!(
        team.read("snapshots/a@downtown.snap"),
        "---\nsource: conversations/a.yaml\n---\n- user: hours?\n  agent: We open at noon.\n"
    );
    assert!(!team.exists("snapshots/a@downtown.snap.new"));
    assert!(
        !team.exists("snapshots/b@downtown.snap") && !team.exists("snapshots/b@downtown.snap.new")
    );
    team.run(&["run", "a@"]).expect(0);
}

#[test]
fn a_changed_word_does_not_cost_the_placeholders_of_its_turn() {
    let team = Team::with_agent("  - say: Deal 23 ends at 18:45, Ana.");
    team.write("conversations/a.yaml", "turns: [{ user: offers? }]");
    team.write(
        "snapshots/a@downtown.snap",
        "---\nsource: conversations/a.yaml\n---\n- user: offers?\n  agent: \"Offer {{number}} ends at {{time}}, {{any}}.\"\n",
    );
    let ran = team.run(&["run"]).expect(1);
    let shown = "- Offer {{number}} ends at {{time}}, {{any}}.";
    assert!(ran.all().contains(shown), "{}", ran.all());
    assert!(ran.all().contains("+ Deal {{number}} ends at {{time}}, Ana."), "{}", ran.all());
    team.run(&["accept"]).expect(0);
    assert!(
        team.read("snapshots/a@downtown.snap").contains("Deal {{number}} ends at {{time}}, Ana.")
    );
    team.run(&["run"]).expect(0);
}

#[test]
fn help_is_there_for_every_command() {
    for command in ["run", "list", "check", "accept", "reject", "close", "init", "serve", "schema"]
    {
        let ran = Team::empty().run(&[command, "--help"]).expect(0);
        assert!(ran.stdout.contains("Usage: rehearsal"), "{}", ran.all());
    }
}

#[test]
fn a_misspelt_filter_beside_a_right_one_is_refused() {
    let team = team();
    for arguments in [&["hours", "adress"][..], &["--exact", "info/hours@downtown", "nobody"]] {
        let ran = team.run(&[&["run"], arguments].concat()).expect(2);
        assert!(ran.stderr.contains("no case is selected"), "{}", ran.all());
    }
    let ran = team.run(&["run", "conversations/info/hours.yaml"]).expect(2);
    assert!(ran.stderr.contains("did you mean `info/hours@downtown`?"), "{}", ran.all());
    let ran = team.run(&["run", ""]).expect(2);
    assert!(ran.stderr.contains("the filter is empty"), "{}", ran.all());
}

#[test]
fn a_project_without_the_environment_matters_only_when_it_is_selected() {
    let team = team();
    let other = "\n[projects.clinic.environments.live]\nagent = \"agents/agent.yaml\"\n";
    let config = format!("default_project = \"demo\"\n{}{other}", team.read("rehearsal.toml"));
    team.write("rehearsal.toml", &config);
    team.write(
        "conversations/clinic.yaml",
        "project: clinic\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.run(&["run", "--exact", "info/hours@downtown"]).expect(0);
    let ran = team.run(&["run"]).expect(2);
    assert!(ran.stderr.contains("no environment `local` in the project `clinic`"), "{}", ran.all());
    team.run(&["run", "clinic", "--environment", "live"]).expect(2);
    team.run(&["run", "--project", "clinic", "--environment", "live"]).expect(0);
}

#[test]
fn a_reader_that_goes_away_is_no_mistake_and_a_full_disk_is_one() {
    let team = team();
    for command in ["schema config", "check", "list", "run", "accept"] {
        let script = format!("{} {command} | true", env!("CARGO_BIN_EXE_rehearsal"));
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(team.path(""))
            .output();
        let ran = Ran::of(output.expect("sh runs")).expect(0);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.all());
    }
    if std::path::Path::new("/dev/full").exists() {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
        let output = team.command(&["schema", "config"]).stdout(full).output();
        let ran = Ran::of(output.expect("it runs")).expect(2);
        assert!(ran.stderr.contains("cannot write to standard output"), "{}", ran.all());
    }
}

#[test]
fn the_commands_that_are_shown_name_what_they_need() {
    let team = Team::with_agent(RULES);
    team.write("conversations/-dash.yaml", "turns: [{ user: hours? }]");
    let config = team.read("rehearsal.toml");
    team.write("other.toml", &config);
    let ran = team.run(&["run", "--config", "other.toml"]).expect(1);
    assert!(
        ran.words().contains("rehearsal accept --config other.toml --exact -- -dash@downtown"),
        "{}",
        ran.all()
    );
    team.run(&["accept", "--config", "other.toml", "--exact", "--", "-dash@downtown"]).expect(0);
}

#[test]
fn a_damaged_pending_snapshot_is_not_accepted() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: hours? }]");
    let good = "---\nsource: conversations/a.yaml\n---\n- user: hours?\n  agent: x\n";
    team.write("snapshots/a@downtown.snap", good);
    team.write("snapshots/a@downtown.snap.new", "garbage {{{");
    let ran = team.run(&["accept"]).expect(2);
    assert!(ran.stderr.contains("is damaged"), "{}", ran.all());
    assert_eq!(team.read("snapshots/a@downtown.snap"), good);
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_and_things_that_are_no_files_are_named() {
    let team = team();
    std::os::unix::fs::symlink("..", team.path("conversations/loop")).expect("a link");
    std::fs::create_dir(team.path("conversations/folder.yaml")).expect("a folder");
    let ran = team.run(&["check"]).expect(2);
    assert!(ran.stderr.contains("this link leads back"), "{}", ran.all());
    assert!(ran.stderr.contains("is not a file"), "{}", ran.all());
    assert_eq!(ran.stderr.matches("error:").count(), 3, "{}", ran.all());
}

#[test]
fn check_names_variants_that_the_embedded_agent_does_not_know() {
    let team = team();
    let config = team.read("rehearsal.toml").replace("\"VARIANT-2\"", "\"VARIANT-9\"");
    team.write("rehearsal.toml", &config);
    let ran = team.run(&["check"]).expect(0);
    let says = "this agent has no variant `VARIANT-9`, which is `uptown` of `demo`";
    assert!(ran.words().contains(says), "{}", ran.all());
    assert_eq!(ran.stderr.matches("has no variant").count(), 1, "{}", ran.all());
}

#[test]
fn an_error_is_one_line_for_scripts_and_fits_a_terminal() {
    let team = Team::with_agent(RULES);
    team.write("conversations/a.yaml", "turns: [{ user: x }]");
    let arguments = ["run", "--environment", "a-name-that-no-environment-of-this-project-has"];
    let piped = team.run(&arguments).expect(2);
    assert_eq!(piped.stderr.lines().count(), 1, "{}", piped.all());
    let shown = team.press("", &arguments).expect(2);
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert!(lines.len() > 1 && lines.iter().all(|line| line.trim_end().len() <= 80), "{lines:?}");
    assert_eq!(shown.stdout.split_whitespace().collect::<Vec<_>>().join(" "), piped.stderr.trim());
}

#[test]
fn a_long_case_name_has_its_message_on_the_next_line() {
    let team = Team::with_agent(RULES);
    let name = "a-conversation-with-a-name-that-leaves-no-room-beside-it";
    let reason = "the agent has to learn first how a booking is moved to another day";
    team.write(
        &format!("conversations/{name}.yaml"),
        &format!("skip: {reason}\nturns: [{{ user: x }}]"),
    );
    team.write("conversations/short.yaml", "turns: [{ user: x, expect: { contains: bookings } }]");
    let ran = team.run(&["run"]).expect(0);
    assert!(
        ran.stdout.contains(&format!("skip {name}@downtown\n     {reason}\n")),
        "{}",
        ran.all()
    );
    assert!(ran.stdout.contains("  ok short@downtown  1 turn"), "{}", ran.all());
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.all());
}
