//! A conversation in Agent Studio, one click away from where it failed.

use crate::common::{
    Ran, Team,
    recorder::{Recorder, reply},
    tls,
};
use serde_json::{Value, json};

/// What PolyAI's hosts are given, for a key in the variable that is read by default.
const CONFIG: &str = r#"[projects.demo]
account_id = "acme uk/1"
project_id = "PROJECT-1"
region = "uk-1"

[projects.demo.environments.sandbox]
token_env = "REHEARSAL_TEST_TOKEN"
"#;

const CONVERSATION: &str = "turns: [{ user: hello, expect: { contains: never } }]";

const URL: &str =
    "https://studio.uk.poly.ai/acme%20uk%2F1/PROJECT-1/conversations/CONV%2F1%20a%3Fb";

/// An agent whose conversations have an id that an address cannot hold as it is.
fn agent() -> Recorder {
    Recorder::start(|_| {
        let id = "CONV/1 a?b";
        reply(200, json!({ "conversation_id": id, "response": "Good day.", "success": true }))
    })
}

/// The region's host, played by a server on this machine behind a proxy.
async fn in_the_region(team: Team, server: &Recorder) -> (Team, Ran) {
    let upstream = server.base_url.trim_start_matches("http://").to_owned();
    let host = "api.uk-1.platform.polyai.app";
    let (proxy, certificate) = tls::proxy_to(host, upstream, &team.path("")).await;
    let team = team
        .var("HTTPS_PROXY", &proxy)
        .var("SSL_CERT_FILE", &certificate.to_string_lossy())
        .var("POLY_API_KEY", "fake-key-for-tests");
    let reports = ["--json", "r.jsonl", "--junit", "r.xml", "--html", "r.html"];
    let run = move || {
        let ran = team.run(&[&["run"], &reports[..]].concat()).expect(1);
        (team, ran)
    };
    tokio::task::spawn_blocking(run).await.expect("the run ends")
}

fn finished(team: &Team) -> Value {
    let json = team.read("r.jsonl");
    let line = json.lines().find(|line| line.contains("\"case_finished\"")).expect("a case");
    serde_json::from_str(line).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_case_links_to_its_conversation_in_the_agent_studio_of_its_region() {
    let server = agent();
    let team = Team::empty().var("REHEARSAL_TEST_TOKEN", "fake-token-for-tests");
    team.write("rehearsal.toml", CONFIG).write("conversations/a.yaml", CONVERSATION);
    let (team, ran) = in_the_region(team, &server).await;
    let key = server.requests()[0].headers["x-api-key"].clone();
    assert_eq!(key, "fake-key-for-tests", "the key is that of POLY_API_KEY");
    assert!(ran.stdout.lines().any(|line| line.trim() == URL), "{}", ran.all());
    assert_eq!(finished(&team)["plays"][0]["conversation_url"], URL);
    let html = team.read("r.html");
    assert!(html.contains(&format!("<a href=\"{URL}\" rel=\"noreferrer\">{URL}</a>")), "{html}");
    let junit = team.read("r.xml");
    assert!(junit.contains(&format!("<property name=\"conversation_url\" value=\"{URL}\"/>")));
    // The reports of a joined run have it as well.
    team.run(&["report", "r.jsonl", "--html", "joined.html"]).expect(1);
    assert!(team.read("joined.html").contains(URL));
}

#[test]
fn no_conversation_of_a_host_that_is_not_polyais_links_to_agent_studio() {
    let server = agent();
    let custom = Team::remote(&server.base_url);
    let embedded = Team::with_agent("  - { say: Good day. }\n");
    for team in [custom, embedded] {
        team.write("conversations/a.yaml", CONVERSATION);
        let ran = team.run(&["run", "--json", "r.jsonl", "--html", "r.html"]).expect(1);
        assert_eq!(finished(&team).get("conversation_url"), None);
        for text in [&ran.stdout, &team.read("r.html")] {
            assert!(!text.contains("Studio") && !text.contains("poly.ai"), "{text}");
        }
    }
}
