//! The page of a run, looked at by a validator and in a real browser.

use std::{fs, path::Path, process::Command};

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

/// The page as the browser has it after its scripts ran, and after `more` did.
fn in_browser(team: &Team, page: &str, fragment: &str, more: &str) -> Option<String> {
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"].iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    }) else {
        return foreign::missing("chromium");
    };
    let html = team.read(page).replace("</body>", &format!("<script>{more}</script></body>"));
    team.write("in-browser.html", &html);
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", team.path("browser").display()))
        .args(["--virtual-time-budget=4000", "--dump-dom"])
        .arg(format!("file://{}{fragment}", team.path("in-browser.html").display()))
        .output()
        .expect("the browser runs");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// The opening tag of a case.
fn case<'a>(dom: &'a str, id: &str) -> &'a str {
    let at = dom.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is not in {dom}"));
    let start = dom[..at].rfind('<').expect("a tag");
    &dom[start..start + dom[start..].find('>').expect("its end")]
}

#[track_caller]
fn assert_valid(html: &str) {
    // Elements that a script fills are empty on purpose.
    let arguments = ["-q", "-e", "--drop-empty-elements", "no", "--mute-id", "yes"];
    if let Some(said) = foreign::program("tidy", &arguments, html) {
        assert_eq!(said, "");
    }
}

#[test]
fn the_page_tells_the_run_without_scripts() {
    let team = team();
    team.run(&["run", "--html", "out/report.html"]).expect(1);
    let html = team.read("out/report.html");
    assert_valid(&html);
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

#[test]
fn search_filters_and_links_work_in_the_browser() {
    let team = team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    let Some(dom) = in_browser(&team, "r.html", "#hours@uptown/1", "") else { return };
    assert!(case(&dom, "hours@uptown").contains(" open"), "{dom}");
    assert!(!case(&dom, "hours@downtown").contains(" open"), "{dom}");
    assert!(!dom.contains("<form id=\"filter\" hidden"), "{dom}");

    let shown = |more: &str| {
        let script = format!(
            "const form = document.getElementById('filter'); {more}; \
             form.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             setTimeout(() => document.title = [...document.querySelectorAll('details.c:not([hidden])')]\
             .map((one) => one.id).sort().join(' '), 1000)"
        );
        let dom = in_browser(&team, "r.html", "", &script).expect("the browser");
        let title = dom.split("<title>").nth(1).expect("a title");
        title.split("</title>").next().expect("its end").to_owned()
    };
    assert_eq!(shown("form.q.value = 'PUT YOU through'"), "billing/twice@downtown");
    assert_eq!(shown("form.v.value = 'vuptown'"), "hours@uptown");
    assert_eq!(shown("form.t.value = 'tinfo'"), "hours@downtown hours@uptown");
    assert_eq!(
        shown("form.querySelector('[value=p]').checked = false"),
        "billing/twice@downtown later@downtown wrong@downtown"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_button_that_opens_or_closes_all_says_which_of_it_it_does() {
    let Some(browser) = Browser::start() else { return };
    let team = team();
    team.run(&["run", "--html", "r.html", "twice", "wrong"]).expect(1);
    browser.open(&format!("file://{}", team.path("r.html").display()));
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
fn what_an_agent_says_stays_text_in_the_browser() {
    let (team, _server) = hostile::team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    let html = team.read("r.html");
    assert_valid(&html);
    let unsafe_ones =
        |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{2066}\u{2028}\u{fffe}".contains(c));
    assert!(!html.contains(unsafe_ones));
    let probe = "document.title = [document.images.length, document.scripts.length, document.title.includes('owned')].join()";
    let Some(dom) = in_browser(&team, "r.html", "", probe) else { return };
    assert!(dom.contains("<title>0,2,false</title>"), "{}", &dom[..500]);
}

#[test]
fn a_run_of_two_thousand_conversations_stays_small() {
    let team = team();
    fs::remove_dir_all(team.path("conversations")).expect("the folder");
    let turn =
        "  - { user: hours of this place on an ordinary day?, expect: { contains: noon } }\n";
    for number in 0..2000 {
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
    assert!(size < 10_000_000, "{size}");
    let probe = "document.title = document.querySelectorAll('.tiles a').length";
    let Some(dom) = in_browser(&team, "r.html", "", probe) else { return };
    assert!(dom.contains("<title>2000</title>"));
}

#[test]
fn a_run_that_was_killed_leaves_a_page_that_says_so() {
    let team = team();
    team.run(&["run", "--html", "r.html", "hours"]).expect(0);
    assert!(team.read("r.html").contains("All 2 conversations passed"));
    let agent = team.read("agents/agent.yaml");
    team.write("agents/agent.yaml", &agent.replace("say: We open", "wait: 30s\n    say: We open"));
    let run = ["run", "--html", "r.html", "--json", "r.jsonl"];
    team.kill_when(&run, "what is skipped was not written", || {
        team.says("r.jsonl", "\"case_finished\"")
    });
    let html = team.read("r.html");
    assert_valid(&html);
    assert!(html.contains("<h1>The run did not end</h1>"), "{html}");
    team.run(&["report", "r.jsonl", "--html", "joined.html"]).expect(3);
    let html = team.read("joined.html");
    assert!(html.contains("nothing is known of 4 conversations"), "{html}");
    assert!(Path::new(&team.path("joined.html")).exists());
}
