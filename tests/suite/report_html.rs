//! The page of a run, looked at by a validator and in a real browser.

use std::{fs, path::Path};

use crate::common::{Team, browser::Browser, foreign, hostile};

/// Two variants, two failures, one skipped: a small run that has everything.
fn team() -> Team {
    let team = Team::with_agent(
        r#"
  - when: { message: hours }
    say: We open at noon, and close at ten.
  - when: { message: twice }
    say: I will put you through.
    handoff: { destination: FRONT_DESK }
    end_conversation: true
"#,
    );
    team.write("conversations/billing/twice.yaml", "tags: [smoke]\nturns:\n  - user: hours?\n    expect: { contains: noon }\n  - user: twice\n    expect: { contains: through, handoff: BILLING }\n");
    team.write(
        "conversations/hours.yaml",
        "tags: [info]\nvariants: all\nturns: [{ user: hours?, expect: { contains: noon } }]",
    );
    team.write(
        "conversations/wrong.yaml",
        "turns: [{ user: hours?, expect: { equals: 'We open at one, and close at ten.' } }]",
    );
    team.write("conversations/later.yaml", "skip: Not built yet\nturns: [{ user: hello }]");
    team
}

#[test]
fn the_page_tells_the_run_without_scripts() {
    let team = team();
    team.run(&["run", "--html", "out/report.html"]).expect(1);
    let html = team.read("out/report.html");
    for part in [
        "<h1>2 of 5 conversations failed</h1>",
        "<b>billing/twice</b> <i>downtown</i>",
        "turn 2: the agent handed off to FRONT_DESK",
        "We open at <del>one</del>, and close at ten.",
        "We open at <ins>noon</ins>, and close at ten.",
        "<dt>correlation id</dt><dd>rehearsal-",
        "<dt>conversation id</dt><dd>CONV-",
        "conversations/billing/twice.yaml:6",
        "rehearsal run --environment local --exact billing/twice@downtown",
        "<div id=\"billing/twice@downtown/2\" class=\"x\">",
        "href=\"#billing/twice@downtown\"",
        "Not built yet",
        "a handoff to FRONT_DESK",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    // It needs nothing but itself.
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn a_failed_turn_carries_what_support_asks_for() {
    let (team, _server) = hostile::team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    let html = team.read("r.html");
    for part in [
        "<dt>error_id</dt>",
        "<dt>as curl</dt><dd>curl -X POST",
        "$REHEARSAL_TEST_KEY",
        "<dt>time</dt>",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

/// A page of a team's folder, in a browser.
fn open(team: &Team, below: &str) -> Browser {
    let browser = Browser::start();
    browser.open(&format!("file://{}", team.path(below).display()));
    browser
}

#[test]
#[ignore = "needs chromium"]
fn search_filters_and_links_work_in_the_browser() {
    let team = team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    let browser = open(&team, "r.html#hours@uptown/1");
    let is_open = |id: &str| browser.value(&format!("document.getElementById('{id}').open"));
    assert_eq!((is_open("hours@uptown"), is_open("hours@downtown")), (true.into(), false.into()));
    assert_eq!(browser.value("document.getElementById('filter').hidden"), false);

    let shows = |change: &str, ids: &str| {
        let browser = open(&team, "r.html");
        browser.value(&format!(
            "(() => {{ const form = document.getElementById('filter'); {change}; \
             form.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
        ));
        let shown = "[...document.querySelectorAll('details.c:not([hidden])')]\
             .map((one) => one.id).sort().join(' ')";
        browser.wait_for(&format!("{shown} === '{ids}'"));
    };
    shows("form.q.value = 'PUT YOU through'", "billing/twice@downtown");
    shows("form.v.value = 'vuptown'", "hours@uptown");
    shows("form.t.value = 'tinfo'", "hours@downtown hours@uptown");
    shows(
        "form.querySelector('[value=p]').checked = false",
        "billing/twice@downtown later@downtown wrong@downtown",
    );
}

#[test]
#[ignore = "needs chromium"]
fn the_button_that_opens_or_closes_all_says_which_of_it_it_does() {
    let team = team();
    team.run(&["run", "--html", "r.html", "twice", "wrong"]).expect(1);
    let browser = open(&team, "r.html");
    let says = "document.querySelector('[name=open]').textContent";
    let open = "[...document.querySelectorAll('details.c')].map((one) => one.open).join()";
    // What failed is open from the beginning.
    assert_eq!((browser.text(says), browser.text(open)), ("close all".into(), "true,true".into()));
    browser.click("[name=open]");
    assert_eq!((browser.text(says), browser.text(open)), ("open all".into(), "false,false".into()));
    browser.click("details.c summary");
    assert_eq!((browser.text(says), browser.text(open)), ("open all".into(), "true,false".into()));
    browser.click("[name=open]");
    assert_eq!((browser.text(says), browser.text(open)), ("close all".into(), "true,true".into()));
    browser.click("details.c summary");
    browser.wait_for(&format!("{says} === 'open all'"));
}

#[test]
fn what_an_agent_says_is_escaped() {
    let (team, _server) = hostile::team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    let html = team.read("r.html");
    let unsafe_ones =
        |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{2028}\u{fffe}".contains(c));
    assert!(!html.contains(unsafe_ones), "{html}");
}

#[test]
#[ignore = "needs chromium"]
fn what_an_agent_says_stays_text_in_the_browser() {
    let (team, _server) = hostile::team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    let browser = open(&team, "r.html");
    let found =
        "[document.images.length, document.scripts.length, document.title.includes('owned')]";
    assert_eq!(browser.value(found), serde_json::json!([0, 1, false]));
}

#[test]
#[ignore = "needs tidy"]
fn every_page_is_valid_html() {
    let (hostile, _server) = hostile::team();
    for team in [team(), hostile] {
        team.run(&["run", "--html", "r.html"]).expect(1);
        assert_valid(&team.read("r.html"));
    }
    assert_valid(&killed().read("r.html"));
}

#[track_caller]
fn assert_valid(html: &str) {
    // Elements that a script fills are empty on purpose.
    let arguments = ["-q", "-e", "--drop-empty-elements", "no", "--mute-id", "yes"];
    assert_eq!(foreign::program("tidy", &arguments, html), "");
}

#[test]
fn the_page_of_many_conversations_stays_small() {
    let team = team();
    fs::remove_dir_all(team.path("conversations")).expect("the folder");
    let turn =
        "  - { user: hours of this place on an ordinary day?, expect: { contains: noon } }\n";
    for number in 0..500 {
        let name = format!("conversations/folder-{}/c{number}.yaml", number % 9);
        team.write(&name, &format!("turns:\n{}", turn.repeat(5)));
    }
    let answer = "We open at noon, and close at ten. ".repeat(8);
    let agent = team.read("agents/agent.yaml");
    team.write(
        "agents/agent.yaml",
        &agent.replace("We open at noon, and close at ten.", answer.trim()),
    );
    team.run(&["run", "--quiet", "--html", "r.html"]).expect(0);
    let size = fs::metadata(team.path("r.html")).expect("the page").len();
    assert!(size < 2_500_000, "{size}");
}

/// A team with the reports of a run that was killed while the agent was thinking.
fn killed() -> Team {
    let team = team();
    team.run(&["run", "--html", "r.html", "hours"]).expect(0);
    assert!(team.read("r.html").contains("All 2 conversations passed"));
    let agent = team.read("agents/agent.yaml");
    team.write("agents/agent.yaml", &agent.replace("say: We open", "wait: 30s\n    say: We open"));
    let run = ["run", "--html", "r.html", "--json", "r.jsonl"];
    team.kill_when(&run, "what is skipped was not written", || {
        team.says("r.jsonl", "\"case_finished\"")
    });
    team
}

#[test]
fn a_run_that_was_killed_leaves_a_page_that_says_so() {
    let team = killed();
    let html = team.read("r.html");
    assert!(html.contains("<h1>The run did not end</h1>"), "{html}");
    team.run(&["report", "r.jsonl", "--html", "joined.html"]).expect(3);
    let html = team.read("joined.html");
    assert!(html.contains("nothing is known of 4 conversations"), "{html}");
    assert!(Path::new(&team.path("joined.html")).exists());
}
