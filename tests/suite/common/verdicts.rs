//! A team with a case for every verdict, and a server that plays the agent's part in each.

use serde_json::json;

use super::{Team, recorder::Recorder};

/// The day by which these quarantines are judged.
pub const TODAY: (&str, &str) = ("REHEARSAL_NOW", "2026-11-24T12:00:00Z");

/// A team whose cases come out in every way that there is, one conversation at a time; `flaky` is
/// what a flaky case counts. Each is named by the verdict it has; `ways` fails in two ways.
pub fn team(flaky: &str) -> (Team, Recorder) {
    let server = Recorder::unsteady(|message, time| {
        let says = |text: &str| Some(json!({ "response": text }));
        let breaks = || {
            Some(
                json!({ "status": 500, "error_code": "INTERNAL", "error_id": format!("ERR-{time}") }),
            )
        };
        match (message, time) {
            ("vary", 2) | ("waver", 1) => says("No."),
            ("refuse", 1) | ("regress", _) => says("Never."),
            ("refuse", _) => Some(json!({ "response": "No.", "end_conversation": true,
                "handoff": { "destination": "FRONT_DESK", "reason": "lost" } })),
            ("sulk", _) => says("Perhaps."),
            ("break", 2..) => breaks(),
            _ => None,
        }
    });
    let team = Team::remote(&server.base_url).var(TODAY.0, TODAY.1);
    team.set("concurrency = 1");
    team.set("confirm_failures = 2");
    team.set(&format!("flaky = \"{flaky}\""));
    for (name, user, more) in [
        ("errored", "break", "plays: 3\npass: 2\n"),
        ("failed", "regress", ""),
        ("flaky", "waver", ""),
        ("passed", "hours", ""),
        ("quarantined", "sulk", QUARANTINE),
        ("skipped", "later", "skip: Not built yet\n"),
        ("varied", "vary", "plays: 5\npass: 4\n"),
        ("ways", "refuse", "plays: 3\npass: 2\n"),
    ] {
        let text = format!("{more}turns:\n  - user: {user}\n    expect: {{ equals: Yes. }}\n");
        team.write(&format!("conversations/{name}.yaml"), &text);
    }
    (team, server)
}

const QUARANTINE: &str = "quarantine:
  owner: '@anna'
  until: 2026-12-15
  reason: The model hedges.
  issue: https://example.com/issues/42
";
