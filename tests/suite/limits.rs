//! Limits: concurrency and pace are shared by all projects on a host, and what is announced about
//! them is what happens.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use crate::common::{
    Ran, Team,
    recorder::{Recorder, Reply, reply},
};
use serde_json::json;
use tokio::sync::watch;

const PROJECTS: usize = 5;
/// Two in each project.
const CONVERSATIONS: usize = 2 * PROJECTS;

/// A team of several projects, each with conversations of one turn; `config` is that of the run.
fn team(base_url: &str, config: &str) -> Team {
    let team = Team::remote(base_url);
    let mut text = format!("[run]\n{config}\n");
    for number in 0..PROJECTS {
        let _ = write!(
            text,
            "[projects.p{number}]\naccount_id = \"a\"\nproject_id = \"P{number}\"\nbase_url = \"{base_url}\"\n\
             [projects.p{number}.environments.sandbox]\napi_key_env = \"REHEARSAL_TEST_KEY\"\ntoken_env = \"REHEARSAL_TEST_TOKEN\"\n"
        );
        for name in ["a", "b"] {
            let turn = "turns: [{ user: hi, expect: { contains: ok } }]";
            let text = format!("project: p{number}\n{turn}");
            team.write(&format!("conversations/p{number}/{name}.yaml"), &text);
        }
    }
    team.write("rehearsal.toml", &text);
    team
}

/// How many conversations a server has seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    created: usize,
    open: usize,
    most_open: usize,
}

/// A server that answers a message once `at_once` conversations are open, or none is still to come.
fn server(at_once: usize) -> (Recorder, watch::Receiver<Seen>) {
    let (send, seen) = watch::channel(Seen::default());
    let others = seen.clone();
    let server = Recorder::start(move |request| {
        let response = reply(
            200,
            json!({ "conversation_id": "CONV-1", "response": "ok", "end_conversation": false, "success": true }),
        );
        match request.operation() {
            "create" => send.send_modify(|seen| {
                seen.created += 1;
                seen.open += 1;
                seen.most_open = seen.most_open.max(seen.open);
            }),
            "close" => send.send_modify(|seen| seen.open -= 1),
            _ => {
                let mut others = others.clone();
                return Reply::later(async move {
                    let enough =
                        |seen: &Seen| seen.open >= at_once || seen.created == CONVERSATIONS;
                    let _ = others.wait_for(enough).await;
                    response
                });
            }
        }
        response.into()
    });
    (server, seen)
}

#[test]
fn concurrency_is_that_of_a_host_and_key_however_many_projects_there_are() {
    let (server, seen) = server(2);
    let ran = team(&server.base_url, "concurrency = 2").run(&["run"]).expect(0);
    assert!(ran.stdout.contains("2 conversations at once"), "{}", ran.all());
    assert_eq!(seen.borrow().most_open, 2);
}

#[test]
fn the_pace_is_that_of_a_host_and_key_however_many_projects_there_are() {
    let (server, _) = server(1);
    let team = team(&server.base_url, "requests_per_second = 50\nconcurrency = 20");
    let started = Instant::now();
    let ran = team.run(&["run"]).expect(0);
    let requests = u32::try_from(server.requests().len()).expect("few");
    assert_eq!(requests, 30);
    // A pace is a least time, which a slow machine only lengthens.
    let least = Duration::from_millis(20) * (requests - 1);
    assert!(started.elapsed() >= least, "{requests} in {:?}", started.elapsed());
    assert!(ran.stdout.contains("10 conversations at once"), "{}", ran.all());
}

/// A team with an embedded agent and many conversations.
fn embedded(conversations: usize) -> Team {
    let team = Team::with_agent("  - { when: { message: hi }, say: Hello. }\n");
    let config = team.read("rehearsal.toml") + "[run]\nconcurrency = 500\n";
    team.write("rehearsal.toml", &config);
    for number in 0..conversations {
        let turns = "turns: [{ user: hi, expect: { contains: Hello } }]";
        team.write(&format!("conversations/c{number}.yaml"), turns);
    }
    team
}

#[cfg(unix)]
fn with_ulimit(team: &Team, flags: &str) -> Ran {
    let plain = team.command(&["run", "--quiet"]);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", &format!("ulimit {flags} && exec \"$0\" \"$@\"")]);
    command.arg(plain.get_program()).args(plain.get_args());
    command.current_dir(plain.get_current_dir().expect("a folder"));
    Ran::of(command.output().expect("it runs"))
}

#[test]
#[cfg(unix)]
fn a_soft_limit_of_open_files_is_raised_and_a_hard_one_lowers_the_concurrency_and_is_told() {
    let team = embedded(200);
    let ran = with_ulimit(&team, "-S -n 100").expect(0);
    assert!(ran.stdout.contains("200 conversations at once"), "{}", ran.all());
    assert!(ran.stderr.is_empty(), "{}", ran.all());
    let ran = with_ulimit(&team, "-n 264").expect(0);
    let says = "note: 50 conversations at once instead of 500: this process may open no more files";
    assert!(ran.stderr.contains(says), "{}", ran.all());
    assert!(ran.stdout.contains("in local, 50 conversations at once"), "{}", ran.all());
}
