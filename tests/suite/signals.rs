//! Signals: what is listed on the second one, and what stays ignored.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use crate::common::{
    Ran, Team, by_way_of, interruptible,
    recorder::{Recorder, Reply, reply},
    send_signal,
};
use serde_json::json;
use tokio::sync::watch;

/// An agent that answers one operation only once the sender is dropped.
fn held(operation: &'static str) -> (Recorder, watch::Sender<()>) {
    let (release, held) = watch::channel(());
    let server = Recorder::start(move |request| {
        let response = reply(
            200,
            json!({ "conversation_id": "CONV-1", "response": "ok", "end_conversation": false, "success": true }),
        );
        if request.operation() != operation {
            return response.into();
        }
        let mut held = held.clone();
        Reply::later(async move {
            while held.changed().await.is_ok() {}
            response
        })
    });
    (server, release)
}

fn team(server: &Recorder) -> Team {
    let team = Team::remote(&server.base_url);
    team.write("conversations/a.yaml", "turns: [{ user: hi, expect: { contains: ok } }]");
    team
}

fn piped(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::piped()).stderr(Stdio::piped())
}

#[test]
fn a_conversation_without_an_id_yet_is_named_on_the_second_signal() {
    let (server, _release) = held("create");
    let team = team(&server);
    let mut command = interruptible(&team.command(&["run"]));
    let mut child = piped(&mut command).spawn().expect("it starts");
    server.wait_for("create", 1);
    send_signal(&child, "-INT");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("stopping") {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("a line") > 0, "it ends too early");
    }
    send_signal(&child, "-INT");
    let mut listed = String::new();
    stderr.read_to_string(&mut listed).expect("text");
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(130), "{listed}");
    let id = &server.requests()[0].headers["x-polyai-correlation-id"];
    let id = id.to_str().expect("text");
    assert!(listed.contains(&format!("  demo/sandbox: {id}")), "{listed}");
}

#[test]
fn a_signal_that_the_parent_ignores_stays_ignored() {
    let (server, release) = held("respond");
    let team = team(&server);
    let mut command = by_way_of(&["nohup"], &team.command(&["run"]));
    let child = piped(&mut command).spawn().expect("it starts");
    server.wait_for("respond", 1);
    send_signal(&child, "-HUP");
    drop(release);
    let ran = Ran::of(child.wait_with_output().expect("it ends")).expect(0);
    assert!(!ran.stderr.contains("stopping"), "{}", ran.all());
}
