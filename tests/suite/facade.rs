//! A run in a program: what it returns, how it ends, and what counts as an error.

use std::sync::{Arc, Mutex};

use rehearsal::{Error, Event, PlayVerdict, RunOutcome, Selection, Suite, Verdict};
use serde_json::json;

use crate::common::{
    Team,
    recorder::{Recorder, Reply, reply},
};

fn team() -> Team {
    let team = Team::with_agent("  - { when: { message: hours }, say: We open at noon. }\n");
    team.write(
        "conversations/hours.yaml",
        "tags: [smoke]\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.write(
        "conversations/late.yaml",
        "turns:\n  - user: hours?\n    expect: { contains: midnight }",
    );
    team
}

/// The suite of a team, without what the process says of snapshots and environments.
fn suite(team: &Team) -> Suite {
    let suite = Suite::load(team.path("")).expect("a configuration");
    suite.select(Selection::new().environment("local").variant("downtown"))
}

/// A suite whose agent is a server.
fn remote(server: &Recorder) -> (Team, Suite) {
    let team = Team::remote(&server.base_url);
    // However busy the machine is, no message is given up.
    let config = team.read("rehearsal.toml").replace("2s", "10m");
    team.write("rehearsal.toml", &config);
    let turns =
        "turns: [{ user: one, expect: { contains: ok } }, { user: two, expect: { contains: ok } }]";
    team.write("conversations/a.yaml", turns);
    let suite = Suite::load(team.path("rehearsal.toml")).expect("a configuration");
    let suite = suite.select(Selection::new().environment("sandbox"));
    let suite = suite.var("REHEARSAL_TEST_KEY", "fake-key-for-tests");
    (team, suite.var("REHEARSAL_TEST_TOKEN", "fake-token-for-tests"))
}

/// An agent that never answers a message.
fn silent() -> Arc<Recorder> {
    Arc::new(Recorder::start(|request| match request.operation() {
        "respond" => Reply::Never,
        _ => reply(200, json!({ "conversation_id": "CONV-1", "response": "ok", "success": true }))
            .into(),
    }))
}

/// Ready once a message has arrived.
async fn message_arrives(server: Arc<Recorder>) {
    let waiting = tokio::task::spawn_blocking(move || server.wait_for("respond", 1));
    waiting.await.expect("it arrives");
}

#[tokio::test]
async fn a_run_returns_what_failed_typed_and_in_words() {
    let team = team();
    let run = suite(&team).run().await.expect("it is played");
    assert!(!run.passed());
    assert_eq!((run.summary.passed, run.summary.failed), (1, 1));
    let failing: Vec<_> = run.failing().collect();
    let [late] = failing.as_slice() else { panic!("{failing:?}") };
    assert_eq!((late.case.as_str(), late.verdict), ("late@downtown", Verdict::Failed));
    let play = &late.plays[0];
    assert_eq!(play.verdict, PlayVerdict::Failed);
    assert_eq!(play.turns[1].response, "We open at noon.");
    let mismatch = &play.mismatches[0];
    assert_eq!((mismatch.turn.get(), mismatch.key(), mismatch.line()), (1, "contains", Some(3)));
    let words = late.explanation().expect("it failed");
    assert!(words.starts_with("FAILED late@downtown\n") && words.contains("midnight"), "{words}");
    let hours = run.cases.iter().find(|case| case.case.as_str() == "hours@downtown");
    assert_eq!(hours.expect("it was played").explanation(), None);
    assert_eq!(run.close_commands(), Vec::<String>::new());
}

#[tokio::test]
async fn what_passes_is_selected_and_said_to_pass() {
    let team = team();
    let smoke = Selection::new().environment("local").tag("smoke").skip("late");
    let suite = Suite::load(team.path("")).expect("a configuration").select(smoke);
    let names = suite.cases().expect("files without mistakes");
    assert_eq!(names.iter().map(ToString::to_string).collect::<Vec<_>>(), ["hours@downtown"]);
    assert!(suite.run().await.expect("it is played").passed());
}

#[tokio::test]
async fn playing_nothing_is_an_error_and_not_a_pass() {
    let team = team();
    let load = || Suite::load(team.path("")).expect("a configuration");
    let refused = |result: Result<RunOutcome, Error>, part: &str| match result {
        Err(Error::Selection(error)) => assert!(error.to_string().contains(part), "{error}"),
        other => panic!("{other:?}"),
    };
    refused(load().select(Selection::new().filter("nope")).run().await, "`nope`");
    refused(load().select(Selection::new().environment("nope")).run().await, "`nope`");
    refused(load().select(Selection::new().tag("")).run().await, "empty");
    team.write("conversations/hours.yaml", "skip: Not built yet\nturns: [{ user: hours? }]");
    refused(load().select(Selection::new().filter("hours")).run().await, "skipped");
    assert!(matches!(Suite::load(team.path("nowhere")), Err(Error::Read(_))));
}

#[tokio::test]
async fn all_mistakes_in_all_files_are_reported_at_once() {
    let team = team();
    let config = team.read("rehearsal.toml");
    team.write("rehearsal.toml", &config.replace("[expect]", "[expects]"));
    team.write("conversations/wrong.yaml", "turn: []");
    let error = suite(&team).run().await.expect_err("nothing is played");
    let Error::Mistakes(mistakes) = &error else { panic!("{error:?}") };
    let all = error.to_string();
    assert!(mistakes.len() > 1 && all.contains("expects") && all.contains("wrong.yaml"), "{all}");
    assert!(matches!(suite(&team).cases(), Err(Error::Mistakes(_))));
}

#[tokio::test]
async fn credentials_may_be_given_to_the_run_alone() {
    let server =
        Recorder::agent(|_| Some(json!({ "conversation_id": "CONV-1", "response": "ok" })));
    let (team, suite) = remote(&server);
    let without = Suite::load(team.path("")).expect("a configuration").run().await;
    let Err(Error::Start(error)) = without else { panic!("{without:?}") };
    assert!(error.to_string().contains("REHEARSAL_TEST_KEY"), "{error}");
    assert!(server.operations().is_empty());
    assert!(!format!("{suite:?}").contains("fake-"), "{suite:?}");
    assert_eq!(suite.run().await.expect("it is played").cases.len(), 1);
    assert_eq!(server.requests()[0].headers["x-api-key"], "fake-key-for-tests");
}

#[tokio::test]
async fn what_happens_is_told_while_it_happens() {
    let team = team();
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&told);
    let tell = move |event: Event<'_>| {
        events.lock().expect("no test panicked").push(match event {
            Event::RunStarted { run } => format!("{} cases", run.cases),
            Event::CaseStarted { case } => format!("{case} begins"),
            Event::CaseFinished { outcome } => format!("{} {:?}", outcome.case, outcome.verdict),
            Event::RunFinished { summary } => format!("{} failed", summary.failed),
            _ => return,
        });
    };
    suite(&team).on_event(tell).run().await.expect("it is played");
    let mut told = told.lock().expect("no test panicked").clone();
    assert_eq!(
        (told.first().unwrap().as_str(), told.last().unwrap().as_str()),
        ("2 cases", "1 failed")
    );
    told.sort();
    let cases = ["hours@downtown Passed", "hours@downtown begins", "late@downtown Failed"];
    assert_eq!(told[2..5], cases);
}

#[tokio::test]
async fn a_run_that_is_stopped_closes_what_is_open() {
    let server = silent();
    let (_team, suite) = remote(&server);
    let suite = suite.stop_when(message_arrives(Arc::clone(&server)));
    let run = suite.run().await.expect("it began");
    assert!(run.summary.interrupted && !run.passed());
    assert_eq!(run.cases[0].verdict, Verdict::Errored);
    assert_eq!(server.operations(), ["create", "respond", "close"]);
    assert_eq!(run.close_commands(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_closes_what_is_open() {
    let server = silent();
    let (_team, suite) = remote(&server);
    tokio::select! {
        run = suite.run() => panic!("it cannot be over: {run:?}"),
        () = message_arrives(Arc::clone(&server)) => {}
    }
    let closing = Arc::clone(&server);
    let closed = tokio::task::spawn_blocking(move || closing.wait_for("close", 1)).await;
    closed.expect("it is closed");
    assert_eq!(server.operations(), ["create", "respond", "close"]);
}

#[tokio::test]
async fn a_panic_of_the_callers_function_leaves_nothing_open() {
    let server =
        Recorder::agent(|_| Some(json!({ "conversation_id": "CONV-1", "response": "ok" })));
    let (team, suite) = remote(&server);
    team.write("conversations/b.yaml", "turns: [{ user: one, expect: { contains: ok } }]");
    let suite = suite.on_event(|event| {
        assert!(!matches!(event, Event::CaseFinished { .. }), "a mistake of the caller's");
    });
    let panicked = tokio::spawn(suite.run()).await.expect_err("the panic goes on");
    let panic = panicked.into_panic();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"a mistake of the caller's"));
    assert!(server.count("create") > 0);
    assert_eq!(server.count("create"), server.count("close"));
}

#[test]
fn a_run_without_a_runtime_is_an_error() {
    let team = team();
    let mut run = Box::pin(suite(&team).run());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = run.as_mut().poll(&mut context);
    assert!(matches!(polled, std::task::Poll::Ready(Err(Error::NoRuntime))), "{polled:?}");
}
