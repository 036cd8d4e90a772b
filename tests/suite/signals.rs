//! Signals: what is listed on the second one, and what stays ignored.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{Mutex, mpsc},
};

use crate::common::{
    Ran, Team, by_way_of, interruptible,
    recorder::{Recorder, reply},
};
use serde_json::json;

/// An agent that answers one operation only once the sender is dropped.
fn held(operation: &'static str) -> (Recorder, mpsc::Sender<()>, mpsc::Receiver<()>) {
    let (release, released) = mpsc::channel::<()>();
    let (arrive, arrived) = mpsc::channel();
    let gate = Mutex::new((arrive, released));
    let server = Recorder::start(move |request| {
        if request.operation() == operation {
            let gate = gate.lock().expect("no test panicked");
            let _ = gate.0.send(());
            let _ = gate.1.recv();
        }
        reply(
            200,
            json!({ "conversation_id": "CONV-1", "response": "ok", "end_conversation": false, "success": true }),
        )
    });
    (server, release, arrived)
}

fn team(server: &Recorder) -> Team {
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: hi, expect: { contains: ok } }]");
    team
}

fn piped(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::piped()).stderr(Stdio::piped())
}

fn kill(child: &Child, signal: &str) {
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
}

#[test]
fn a_conversation_without_an_id_yet_is_named_on_the_second_signal() {
    let (server, release, arrived) = held("create");
    let team = team(&server);
    let mut command = interruptible(&team.command(&["run"]));
    let mut child = piped(&mut command).spawn().expect("it starts");
    arrived.recv().expect("create arrives");
    kill(&child, "-INT");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("stopping") {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("a line") > 0, "it ends too early");
    }
    kill(&child, "-INT");
    let mut listed = String::new();
    stderr.read_to_string(&mut listed).expect("text");
    let status = child.wait().expect("it ends");
    drop(release);
    assert_eq!(status.code(), Some(130), "{listed}");
    let id = &server.requests()[0].headers["x-polyai-correlation-id"];
    let id = id.to_str().expect("text");
    assert!(listed.contains(&format!("  demo/sandbox: {id}")), "{listed}");
}

#[test]
fn a_signal_that_the_parent_ignores_stays_ignored() {
    let (server, release, arrived) = held("respond");
    let team = team(&server);
    let mut command = by_way_of(&["nohup"], &team.command(&["run"]));
    let child = piped(&mut command).spawn().expect("it starts");
    arrived.recv().expect("respond arrives");
    kill(&child, "-HUP");
    drop(release);
    let ran = Ran::of(child.wait_with_output().expect("it ends")).expect(0);
    assert!(!ran.stderr.contains("stopping"), "{}", ran.all());
}
