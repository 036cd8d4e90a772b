//! What a run leaves for people and machines: the last lines, JUnit, JSON lines, joined reports.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::common::{
    Team,
    recorder::{Recorder, reply},
};
use rehearsal::{
    outcome::{CaseOutcome, Event, RunInfo, Summary},
    render::{Format, Guard, Outputs},
    text::Scrubber,
};
use serde_json::json;

const RULES: &str = r#"
  - when: { message: hours }
    say: We open at noon.
  - when: { message: twice }
    say: I will put you through.
    handoff: { destination: FRONT_DESK }
    end_conversation: true
"#;

/// Two cases that pass, one that fails, one that is skipped.
fn team() -> Team {
    let team = Team::with_agent(RULES);
    team.write(
        "conversations/billing/twice.yaml",
        "turns:\n  - user: twice\n    expect: { contains: through, handoff: BILLING }\n",
    );
    team.write(
        "conversations/hours.yaml",
        "tags: [smoke, info]\nvariants: all\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.write("conversations/later.yaml", "skip: Not built yet\nturns: [{ user: hello }]");
    team
}

#[test]
fn the_last_lines_say_what_came_of_the_run_and_how_to_play_again_what_failed() {
    let ran = team().run(&["run"]).expect(1);
    let last = ran.stdout.rsplit("\n\n").take(2).collect::<Vec<_>>();
    let last = format!("{}\n\n{}", last[1], last[0]);
    crate::common::filters().bind(|| {
        insta::assert_snapshot!(last, @"
        skip   later@downtown  Not built yet

        1 failed, 2 passed, 1 skipped
        3 conversations, 3 turns, 8 requests in [duration]
        answers: median [duration], 95 % within [duration]
        in local, 3 conversations at once
        play again what failed:
          rehearsal run --environment local --rerun-failed
        ");
    });
}

#[test]
fn the_command_that_plays_again_does() {
    let team = team();
    let ran = team.run(&["run", "--skip", "later"]).expect(1);
    let command = "rehearsal run --environment local --rerun-failed --skip later";
    assert!(
        ran.stdout.ends_with(&format!("play again what failed:\n  {command}\n")),
        "{}",
        ran.all()
    );
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let again = team.run(&arguments).expect(1);
    assert!(again.stdout.contains("\n1 failed\n"), "{}", again.all());

    let in_ci = team.run_with(&[("CI", "true")], &["run"]).expect(1);
    let command = "rehearsal run --environment local --exact billing/twice@downtown";
    assert!(in_ci.stdout.trim_end().ends_with(command), "{}", in_ci.all());
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    assert!(team.run(&arguments).expect(1).stdout.contains("\n1 failed\n"));
}

#[test]
fn failures_that_have_left_the_screen_are_shown_again_together() {
    let team = team();
    let few = team.run(&["run", "billing"]).expect(1).stdout;
    assert_eq!(few.matches("FAILED billing/twice").count(), 1, "{few}");
    team.write("rehearsal.toml", &(team.read("rehearsal.toml") + "[run]\nconcurrency = 1\n"));
    for number in 0..30 {
        team.write(
            &format!("conversations/more/{number}.yaml"),
            "turns: [{ user: hours, expect: { contains: noon } }]",
        );
    }
    let many = team.run(&["run"]).expect(1).stdout;
    assert_eq!(many.matches("FAILED billing/twice").count(), 2, "{many}");
    assert!(many.contains("what failed, once more:"), "{many}");
    // With nothing between them they are together already.
    let quiet = team.run(&["run", "--quiet"]).expect(1).stdout;
    assert_eq!(quiet.matches("FAILED billing/twice").count(), 1, "{quiet}");
}

#[test]
fn quiet_leaves_out_what_passed_and_verbose_shows_every_request() {
    let team = team();
    let quiet = team.run(&["run", "--quiet"]).expect(1).stdout;
    assert!(!quiet.contains("  ok "), "{quiet}");
    assert!(quiet.contains("FAILED billing/twice") && quiet.contains("2 passed"), "{quiet}");
    let verbose = team.run(&["run", "--verbose", "hours@uptown"]).expect(0);
    crate::common::filters().bind(|| {
        insta::assert_snapshot!(verbose.stdout, @"
          ok hours@uptown  1 turn, [duration]
              agent  Hello. How can I help?
                     [duration], [correlation_id]
           1  user   hours?
              agent  We open at noon.
                     [duration], [correlation_id]
              [conversation_id]


        1 passed
        1 conversation, 1 turn, 3 requests in [duration]
        answers: median [duration], 95 % within [duration]
        in local, 1 conversation at once
        ");
    });
    team.run(&["run", "--quiet", "--verbose"]).expect(2);
}

#[test]
fn junit_has_a_test_case_for_every_case() {
    let team = team();
    team.run(&["run", "--junit", "out/junit.xml"]).expect(1);
    let mut settings = crate::common::filters();
    settings.add_filter(r#" (time|timestamp)="[^"]*""#, "");
    settings.add_filter(r#"name="started" value="[^"]*""#, r#"name="started" value="[time]""#);
    settings.bind(|| insta::assert_snapshot!(team.read("out/junit.xml")));
}

#[test]
fn reports_do_not_depend_on_which_case_was_over_first() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl", "--junit", "run.xml", "--html", "run.html"]).expect(1);
    let lines = team.read("run.jsonl");
    let (over, others): (Vec<&str>, Vec<&str>) =
        lines.lines().partition(|line| line.contains("\"case_finished\""));
    let (first, last) = (others[0], others[others.len() - 1]);
    let backwards = over.iter().rev().copied();
    let lines: Vec<&str> = [first].into_iter().chain(backwards).chain([last]).collect();
    team.write("turned.jsonl", &lines.join("\n"));
    team.run(&["report", "-q", "turned.jsonl", "--junit", "turned.xml", "--html", "turned.html"])
        .expect(1);
    assert_eq!(over.len(), 4);
    assert_eq!(team.read("turned.xml"), team.read("run.xml"));
    assert_eq!(team.read("turned.html"), team.read("run.html"));
}

#[test]
fn junit_tells_an_earlier_attempt_from_the_verdict() {
    let sent = AtomicUsize::new(0);
    let server = Recorder::start(move |request| match request.operation() {
        "create" => reply(200, json!({ "conversation_id": "CONV-1", "response": "Hello." })),
        "respond" if sent.fetch_add(1, Ordering::SeqCst) == 0 => {
            reply(500, json!({ "error_code": "INTERNAL", "error_id": "ERR-7" }))
        }
        _ => reply(200, json!({ "conversation_id": "CONV-1", "response": "You said: hi" })),
    });
    let team = Team::remote(&server.base_url);
    team.write("rehearsal.toml", &(team.read("rehearsal.toml") + "[run]\nattempts = 2\n"));
    team.write("conversations/a.yaml", "turns: [{ user: hi, expect: { contains: hi } }]");
    let ran = team.run(&["run", "--junit", "junit.xml"]).expect(0);
    assert!(ran.words().contains("retry a passed on attempt 2: HTTP 500"), "{}", ran.all());
    let junit = team.read("junit.xml");
    let flaky = junit.split("<flakyError").nth(1).unwrap_or_default();
    for part in ["HTTP 500", "error_id: ERR-7", "curl -X POST", "$REHEARSAL_TEST_KEY"] {
        assert!(flaky.contains(part), "{part}: {junit}");
    }
}

#[test]
fn reports_of_which_a_case_is_missing_are_not_green() {
    let team = team();
    team.run(&["run", "--json", "run.jsonl", "hours"]).expect(0);
    let lines = team.read("run.jsonl");
    let line = lines.lines().find(|line| line.contains("\"case_finished\"")).expect("a case");
    let case: CaseOutcome = serde_json::from_str(line).expect("an outcome");
    let mut summary = Summary::default();
    summary.add(&case);
    let outputs = Outputs::default()
        .with(Format::JUnit, Some(team.path("junit.xml")))
        .with(Format::Html, Some(team.path("page.html")));
    let opened = outputs.open(Guard::default()).expect("nothing is replaced");
    let mut reporters = opened.reporters(&Scrubber::default()).expect("both are built in");
    let mut run = RunInfo::default();
    run.cases = 2;
    reporters.on_event(Event::RunStarted { run: &run });
    reporters.on_event(Event::CaseFinished { outcome: &Arc::new(case) });
    reporters.on_event(Event::RunFinished { summary: &summary });
    assert!(reporters.finish().is_empty(), "they can be written");
    let junit = team.read("junit.xml");
    assert!(junit.contains("nothing is known of 1 of its cases"), "{junit}");
    let page = team.read("page.html");
    assert!(page.contains("nothing is known of 1 conversation"), "{page}");
    assert!(!page.contains("The conversation passed"), "{page}");
}

#[test]
fn a_killed_run_leaves_reports_that_are_not_green() {
    let team = team();
    team.run(&["run", "--junit", "junit.xml", "hours"]).expect(0);
    assert!(!team.read("junit.xml").contains("<error"));
    team.write(
        "agents/agent.yaml",
        &team.read("agents/agent.yaml").replace("say: We open", "wait: 30s\n    say: We open"),
    );
    let run = ["run", "--json", "run.jsonl", "--junit", "junit.xml", "hours"];
    team.kill_when(&run, "the run did not start", || team.says("run.jsonl", "\"run_started\""));
    assert!(team.read("junit.xml").contains("the run did not end"), "{}", team.read("junit.xml"));
}

#[test]
#[cfg(unix)]
fn a_report_that_cannot_be_written_takes_no_other_with_it() {
    let team = team();
    let ran = team.run(&["run", "--html", "/dev/full", "--junit", "junit.xml", "hours"]).expect(3);
    assert!(ran.stderr.contains("cannot write /dev/full: No space left"), "{}", ran.all());
    assert!(ran.stderr.contains("the run was played"), "{}", ran.all());
    let junit = team.read("junit.xml");
    assert!(junit.contains("tests=\"2\"") && !junit.contains("<error"), "{junit}");
}

#[test]
#[cfg(unix)]
fn a_run_that_was_played_but_not_written_has_the_status_of_its_verdict_and_never_0() {
    let team = team();
    let ran = team.run(&["run", "--json", "/dev/full", "hours"]).expect(3);
    assert!(ran.stderr.contains("cannot write /dev/full"), "{}", ran.all());
    team.write("conversations/wrong.yaml", "turns: [{ user: hi, expect: { equals: never } }]");
    team.run(&["run", "--json", "/dev/full", "wrong"]).expect(1);
    for (case, status) in [("hours", 3), ("wrong", 1)] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
        let output = team.command(&["run", case]).stdout(full).output().expect("it runs");
        let ran = crate::common::Ran::of(output).expect(status);
        assert!(ran.stderr.contains("cannot write to standard output"), "{}", ran.all());
    }
}

#[test]
#[cfg(unix)]
fn a_link_and_a_pipe_are_written_to_and_not_replaced() {
    let team = team();
    team.run(&["run", "--junit", "real.xml", "hours@uptown"]).expect(0);
    std::os::unix::fs::symlink("real.xml", team.path("link.xml")).expect("a link");
    team.run(&["run", "--junit", "link.xml", "hours"]).expect(0);
    assert!(team.path("link.xml").is_symlink());
    assert!(team.read("real.xml").contains("tests=\"2\""), "{}", team.read("real.xml"));

    let pipe = team.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let reader = std::thread::spawn(move || std::fs::read_to_string(pipe).expect("a report"));
    team.run(&["run", "--junit", "pipe", "hours"]).expect(0);
    let read = reader.join().expect("it reads");
    assert!(read.matches("<?xml").count() == 1 && read.contains("tests=\"2\""), "{read}");
}

#[test]
fn a_report_replaces_nothing_that_is_not_a_report() {
    let team = team();
    for arguments in [
        &["run", "--junit", "same", "--html", "./same"][..],
        &["run", "--json", "same", "--junit", "same"],
        &["run", "--junit", "-"],
        &["run", "--html", "rehearsal.toml"],
    ] {
        team.run(arguments).expect(2);
    }
    assert!(!team.exists("same") && !team.exists("-"));
    assert!(team.read("rehearsal.toml").contains("[projects"));
    team.run(&["run", "--json", "run.jsonl", "--junit", "junit.xml"]);
    let before = team.read("run.jsonl");
    team.run(&["report", "run.jsonl", "--html", "./run.jsonl"]).expect(2);
    assert_eq!(team.read("run.jsonl"), before);
    // What cannot be read leaves nothing green of an earlier report.
    team.run(&["report", "gone.jsonl", "--junit", "junit.xml"]).expect(2);
    assert!(team.read("junit.xml").contains("errors=\"1\""), "{}", team.read("junit.xml"));
}
