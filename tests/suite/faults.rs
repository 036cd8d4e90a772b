//! Every fault against its outcome: what a run says, its exit status, what reached the server,
//! and that no conversation stayed open. `docs/faults.md` shows the same table.

use std::{fmt::Write as _, path::Path};

use crate::common::{Ran, Team, tls};
use rehearsal::{
    agent::{AgentScript, AgentServer, Faults, RequestCounts, ServedProject},
    source::Problems,
};

/// A fault, the settings it meets, and what is said of it.
struct Row {
    fault: &'static str,
    attempts: usize,
    says: &'static str,
    status: i32,
}

const fn row(fault: &'static str, says: &'static str) -> Row {
    Row { fault, attempts: 1, says, status: 3 }
}

const fn fine(fault: &'static str, attempts: usize, says: &'static str) -> Row {
    Row { fault, attempts, says, status: 0 }
}

const ROWS: &[Row] = &[
    row("create:400", "HTTP 400 CHAT_TIMEOUT"),
    row("create:401", "the platform refused the credentials"),
    row("create:403", "the platform refused the credentials"),
    row("create:404", "check `account_id`, `project_id` and `region`"),
    row("create:429", "too many requests"),
    row("create:500", "a fault of the platform"),
    row("create:503", "HTTP 503"),
    row("create:hang", "no answer within 2s"),
    row("create:reset", "the connection was lost before the answer came"),
    row("create:cut", "the answer was cut off"),
    row("create:not-json", "the answer is not JSON"),
    row("create:no-id", "the answer has no `conversation_id`"),
    row("create:huge", "the answer is larger than 8 MiB"),
    fine("create:503@once", 1, "1 request sent again"),
    fine("create:429+1s@once", 1, "1 request sent again"),
    fine("create:reset@once", 2, "on attempt 2"),
    row("respond:400", "the platform gave the conversation up"),
    row("respond:401", "the platform refused the credentials"),
    row("respond:404", "HTTP 404"),
    row("respond:408", "HTTP 408"),
    row("respond:410", "the conversation is over or unknown"),
    row("respond:429", "HTTP 429"),
    row("respond:500", "HTTP 500"),
    row("respond:503", "HTTP 503"),
    row("respond:503+1s", "HTTP 503"),
    row("respond:hang", "no answer within 2s"),
    row("respond:reset", "the connection was lost before the answer came"),
    row("respond:cut", "the answer was cut off"),
    row("respond:not-json", "the answer is not JSON"),
    row("respond:wrong-id", "for another conversation"),
    row("respond:huge", "the answer is larger than 8 MiB"),
    fine("respond:delay-200ms", 1, "1 passed"),
    fine("respond:no-id", 1, "1 passed"),
    fine("respond:429+1s@2", 1, "1 request sent again"),
    row("respond:503+1s@2", "HTTP 503"),
    row("respond:429@2", "HTTP 429"),
    fine("respond:429@once", 2, "on attempt 2"),
    fine("respond:500@once", 2, "on attempt 2"),
    fine("respond:reset@once", 2, "on attempt 2"),
    fine("respond:hang@once", 2, "on attempt 2"),
    fine("close:500@once", 1, "1 passed"),
    fine("close:500", 1, "may still be open on the platform"),
    fine("close:hang@once", 1, "1 passed"),
    fine("close:reset", 1, "1 passed"),
];

/// How many conversations a large run has.
const CONVERSATIONS: usize = 600;

const CONVERSATION: &str = "turns:\n  - { user: one, expect: { contains: heard one } }\n  - { user: two, expect: { contains: heard two } }\n";

const AGENT: &str = "greeting: [{ say: Hello. }]\nrules: [{ when: { message: '(?P<word>one|two)' }, say: 'heard ${word}' }]\nfallback: { say: what? }\n";

async fn serve(fault: &str) -> AgentServer {
    let team = Team::empty();
    team.write("agent.yaml", AGENT);
    let mut problems = Problems::default();
    let script = AgentScript::read_file(&team.path("agent.yaml"), &mut problems).expect("an agent");
    assert!(problems.is_empty());
    let faults: Faults = fault.parse().expect("a fault");
    AgentServer::start(script, ServedProject::default(), faults.seeded(1), 0).await.expect("a port")
}

fn team(base_url: &str, attempts: usize) -> Team {
    let team = Team::remote(base_url);
    team.set(&format!("attempts = {attempts}"));
    team.write("conversations/a.yaml", CONVERSATION);
    team
}

/// Runs the program without blocking the server that runs beside it.
async fn run(team: Team, arguments: &'static [&'static str]) -> Ran {
    tokio::task::spawn_blocking(move || team.run(arguments)).await.expect("it runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_has_its_outcome() {
    let mut tasks = Vec::new();
    for row in ROWS {
        tasks.push(tokio::spawn(async move {
            let server = serve(row.fault).await;
            let team = team(&server.base_url(), row.attempts);
            if row.fault.contains("hang") {
                team.set("turn_timeout = \"2s\"");
            }
            let ran = run(team, &["run"]).await;
            (row, ran, server.counts())
        }));
    }
    let mut table = String::new();
    for task in tasks {
        let (row, ran, counts) = task.await.expect("no panic");
        let Row { fault, attempts, says, status } = row;
        let ran = ran.expect(*status);
        assert!(ran.words().contains(says), "{fault}: {says}\n{}", ran.all());
        let RequestCounts { create, respond, close, open } = counts;
        // A conversation that nobody knows the id of, or that the platform will not close.
        let lost = matches!(
            *fault,
            "create:reset"
                | "create:reset@once"
                | "create:cut"
                | "create:not-json"
                | "create:no-id"
                | "create:huge"
                | "close:500"
        );
        assert!(open == 0 || lost, "{fault}: {open} left open\n{}", ran.all());
        let _ = writeln!(
            table,
            "| `{fault}` | {attempts} | {says} | {status} | {create} | {respond} | {close} | {open} |"
        );
    }
    let path = Path::new("docs/faults.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let (before, rest) = document.split_once("<!-- outcomes -->\n").expect("a marker");
    let (head, rest) =
        rest.split_once("| --- | --- | --- | --- | --- | --- | --- | --- |\n").expect("a table");
    let (_, after) = rest.split_once("<!-- end -->").expect("a marker");
    let line = "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
    let current = format!("{before}<!-- outcomes -->\n{head}{line}{table}<!-- end -->{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &current).expect("a file");
        return;
    }
    assert!(document == current, "run: UPDATE_DOCS=1 cargo test --test suite faults");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_credentials_stops_the_run_with_one_message() {
    let server = serve("any:401").await;
    let team = team(&server.base_url(), 3);
    for number in 0..20 {
        team.write(&format!("conversations/b{number}.yaml"), CONVERSATION);
    }
    let ran = run(team, &["run"]).await.expect(3);
    assert_eq!(ran.stdout.matches("ERROR ").count(), 1, "{}", ran.all());
    assert!(ran.stdout.contains("1 could not be played, 20 not played"), "{}", ran.all());
    assert!(ran.stdout.contains("run aborted: the platform refused"), "{}", ran.all());
    assert!(server.counts().create <= 4, "{:?}", server.counts());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_many_alike_errors_in_a_row_the_run_stops() {
    let server = serve("create:500").await;
    let team = team(&server.base_url(), 1);
    for number in 0..40 {
        team.write(&format!("conversations/b{number}.yaml"), CONVERSATION);
    }
    let ran = run(team, &["run"]).await.expect(3);
    assert!(ran.stdout.contains("8 cases in a row could not be played"), "{}", ran.all());
    assert!(server.counts().create < 16, "{:?}", server.counts());
}

#[tokio::test(flavor = "multi_thread")]
async fn fail_fast_and_max_requests_end_a_run_early() {
    let server = serve("").await;
    let own = team(&server.base_url(), 1);
    own.write("conversations/0.yaml", "turns: [{ user: one, expect: { contains: WRONG } }]");
    let config = own.read("rehearsal.toml") + "concurrency = 1\n";
    own.write("rehearsal.toml", &config);
    let ran = run(own, &["run", "--fail-fast"]).await.expect(1);
    assert!(ran.stdout.contains("1 failed, 1 not played"), "{}", ran.all());

    let ran = run(team(&server.base_url(), 1), &["run", "--max-requests", "3"]).await.expect(2);
    assert!(ran.stderr.contains("take 4 requests, and the run may send 3"), "{}", ran.all());
    run(team(&server.base_url(), 1), &["run", "--max-requests", "4"]).await.expect(0);

    let faulty = serve("respond:500@2").await;
    let ran = run(team(&faulty.base_url(), 9), &["run", "--max-requests", "6"]).await.expect(3);
    assert!(ran.stdout.contains("limit of --max-requests is reached"), "{}", ran.all());
    let RequestCounts { create, respond, close, open } = faulty.counts();
    assert!(create + respond + close <= 6 && open == 0, "{:?}", faulty.counts());

    let busy = serve("create:503").await;
    let ran = run(team(&busy.base_url(), 2), &["run", "--max-requests", "8"]).await.expect(3);
    assert!(ran.words().contains("HTTP 503"), "{}", ran.all());
    assert_eq!(busy.counts().create, 6, "{}", ran.all());
    assert!(ran.stdout.contains("4 requests sent again"), "{}", ran.all());
    let ran = run(team(&busy.base_url(), 9), &["run", "--max-requests", "5"]).await.expect(3);
    assert!(ran.words().contains("--max-requests is reached; before that, POST"), "{}", ran.all());
    assert!(ran.stdout.contains("4 requests in"), "{}", ran.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_ends_within_its_time() {
    let server = serve("respond:hang@2").await;
    let team = team(&server.base_url(), 1);
    team.set("case_timeout = \"2s\"");
    let ran = run(team, &["run"]).await.expect(3);
    assert!(ran.words().contains("it took longer than 2.0 s (`case_timeout`)"), "{}", ran.all());
    assert_eq!(server.counts(), RequestCounts { create: 1, respond: 2, close: 1, open: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn names_ports_and_certificates_that_do_not_work_are_told_apart() {
    let server = serve("").await;
    let folder = Team::empty();
    let upstream = server.base_url().replace("http://", "");
    let (https, certificate) = tls::in_front_of(upstream, folder.path("")).await;

    let ran = run(team(&https, 1), &["run"]).await.expect(3);
    assert!(ran.words().contains("no trusted TLS connection to localhost"), "{}", ran.all());
    assert!(ran.words().contains("trust store"), "{}", ran.all());
    let trusting = team(&https, 1).var("SSL_CERT_FILE", &certificate.to_string_lossy());
    run(trusting, &["run"]).await.expect(0);

    let ran = run(team("https://nobody.invalid", 1), &["run"]).await.expect(3);
    assert!(ran.words().contains("the name `nobody.invalid` does not resolve"), "{}", ran.all());

    // A listener whose queue is full answers nothing at all.
    let full = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    socket2::SockRef::from(&full).listen(0).expect("a short queue");
    let address = full.local_addr().expect("an address");
    let _waiting: Vec<_> = (0..4)
        .map(|_| {
            std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(50))
        })
        .collect();
    let waiting = team(&format!("http://{address}"), 1);
    waiting.set("connect_timeout = \"1s\"");
    let ran = run(waiting, &["run"]).await.expect(3);
    assert!(ran.words().contains("no connection to 127.0.0.1 within 1s"), "{}", ran.all());
}

/// Many conversations through faults of every kind: every verdict is right.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_large_run_through_faults_ends_with_every_verdict_right() {
    // Numbers without a common divisor, so that faults seldom fall together. They are counted, so
    // that every kind is met.
    let faults = "respond:500@97, respond:reset@101, respond:cut@103, respond:503+0s@107, \
         respond:not-json@109, create:503@47, create:reset@53, create:429+0s@59, close:500@19";
    let server = serve(faults).await;
    let team = team(&server.base_url(), 3);
    team.set("concurrency = 32");
    let is_wrong = |number: usize| number % 100 == 7;
    for number in 0..CONVERSATIONS {
        let text = if is_wrong(number) {
            CONVERSATION.replace("heard two", "heard three")
        } else {
            CONVERSATION.to_owned()
        };
        team.write(&format!("conversations/c{number}.yaml"), &text);
    }
    let ran = tokio::task::block_in_place(|| team.run(&["run", "--json", "run.jsonl"])).expect(1);
    let text = team.read("run.jsonl");
    let events = text.lines().map(|line| serde_json::from_str(line).expect("an event"));
    let events: Vec<serde_json::Value> = events.collect();
    let finished = events.iter().filter(|event| event["event"] == "case_finished");
    for case in finished.clone() {
        let number = case["case"].as_str().expect("a name").trim_start_matches('c').parse().ok();
        let expected = if number.is_some_and(is_wrong) { "failed" } else { "passed" };
        // Three attempts may all meet a fault; that is an error then, and no verdict on the agent.
        match case["verdict"].as_str() {
            Some("errored") => assert_eq!(case["plays"][0]["attempts"], 3, "{case}"),
            verdict => assert_eq!(verdict, Some(expected), "{case}"),
        }
    }
    assert_eq!(finished.count(), CONVERSATIONS + 1, "{}", ran.all());
    let end = events.last().expect("the end");
    assert!(end["retried"].as_u64() > Some(0), "no fault was met: {end}");
    let told = end["maybe_open"].as_array().map_or(0, Vec::len) as u64;
    let told = told + end["maybe_created"].as_u64().unwrap_or(0);
    let open = server.counts().open as u64;
    assert!(open <= told, "{open} left open, of which {told} were told: {end}");
}
