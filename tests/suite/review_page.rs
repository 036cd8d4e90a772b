//! The page of `rehearsal review --web` over real sockets: who may ask, what is decided, and what
//! is refused.
#![cfg(unix)]

use std::thread;

use crate::common::{
    Team,
    page::{Page, hidden, notice, radio, text, titles},
    three_turns::{ACCEPTED, OLD, PENDING, three_turns as team},
};

/// The same with five conversations that only ask for the hours, in two variants, and one that is
/// handed off to the wrong place.
fn larger_team() -> Team {
    let team = team();
    for number in 0..5 {
        let path = format!("conversations/hours/{number}.yaml");
        team.write(&path, "tags: [smoke]\nvariants: all\nturns: [{ user: hours? }]");
        for variant in ["downtown", "uptown"] {
            let old = "---\nsource: x\n---\n- user: hours?\n  agent: We open at one.\n";
            team.write(&format!("snapshots/hours/{number}@{variant}.snap"), old);
        }
    }
    team.write(
        "conversations/desk.yaml",
        "turns:\n  - user: desk\n    expect: { handoff: DESK, snapshot: true }\n",
    );
    team.run(&["run"]).expect(1);
    team
}

#[test]
fn only_who_knows_the_address_is_answered() {
    let team = team();
    let page = Page::of(&team, &[]);
    let token = page.root.trim_matches('/').to_owned();
    assert!(token.len() == 32 && token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");
    assert_ne!(token, Page::of(&team, &[]).root.trim_matches('/'), "another one each time");
    assert_eq!(page.get("").status, 200);

    let host = &page.host;
    let other = if token.ends_with('0') { '1' } else { '0' };
    let wrong = format!("/{}{other}/", &token[..31]);
    for path in ["/", "/style.css", "/favicon.ico", &wrong, &format!("/{token}"), "//", "/../"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = page.send(&request);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("table"), "{}", answer.body);
    }
    assert_eq!(page.get("nothing").status, 404);
    assert_eq!(page.get("decide").status, 404, "a decision is never a mere link");
    let delete = page.send(&format!(
        "DELETE {}decide HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n\r\n",
        page.root
    ));
    assert_eq!(delete.status, 404);
}

#[test]
fn a_name_that_leads_here_by_a_trick_is_not_answered() {
    let team = team();
    let page = Page::of(&team, &[]);
    let port = page.host.rsplit(':').next().expect("a port").to_owned();
    let ask = |hosts: &str| {
        let request = format!("GET {} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n", page.root);
        page.send(&request).status
    };
    assert_eq!(ask(&format!("Host: localhost:{port}\r\n")), 200);
    let strange = [
        format!("Host: evil.example:{port}\r\n"),
        "Host: 127.0.0.1\r\n".to_owned(),
        "Host: 127.0.0.1:1\r\n".to_owned(),
        format!("Host: 127.0.0.1.evil.example:{port}\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n"),
        String::new(),
    ];
    for hosts in strange {
        let status = ask(&hosts);
        assert!(status == 403 || status == 400, "{hosts}: {status}");
    }
}

#[test]
fn only_the_page_itself_may_decide() {
    let team = team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    let mut fields = hidden(&shown, "decide");
    fields.push(("scope".to_owned(), radio(&shown, "everything")));
    fields.push(("decision".to_owned(), "accept".to_owned()));
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let strange = [
        "",
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: null\r\nSec-Fetch-Site: cross-site\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Sec-Fetch-Site: same-origin\r\n",
    ];
    for headers in strange {
        for below in ["decide", "back", "done"] {
            assert_eq!(page.post_from(below, &form, headers).status, 403, "{headers}");
        }
    }
    assert_eq!(team.read(ACCEPTED), OLD);
    let hidden_origin = "Origin: null\r\nSec-Fetch-Site: same-origin\r\n";
    assert_eq!(page.post_from("decide", &form, hidden_origin).status, 303);
    assert!(!team.exists(PENDING));
}

#[test]
fn every_answer_says_that_nothing_comes_from_elsewhere() {
    let team = team();
    let page = Page::of(&team, &[]);
    let script = page.get("script.js");
    assert!(script.header("content-type").is_some_and(|kind| kind.starts_with("text/javascript")));
    let answers = [page.get(""), page.get("style.css"), script, page.get("icon.svg")];
    let refused = [page.get("nothing"), page.post_from("decide", "", "")];
    let links = regex::Regex::new(r#"(?:src|href|action|url)\s*[=(]\s*["']?([^"' >)]*)"#);
    let links = links.expect("a pattern");
    for answer in answers.into_iter().chain(refused) {
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        for link in links.captures_iter(&answer.body) {
            assert!(!link[1].contains("//"), "{}", &link[1]);
        }
        assert!(!answer.body.contains("style=\"") && !answer.body.contains("onclick"));
    }
}

#[test]
fn decisions_are_those_of_the_commands_and_written_when_they_are_made() {
    let (by_page, by_command) = (team(), team());
    let page = Page::of(&by_page, &[]);
    let shown = page.press("", "group", "loosen").body;
    assert_eq!(notice(&shown), "1 change loosened.");
    by_command.run(&["accept", "--turn", "1", "--loosen"]).expect(0);
    assert_eq!(by_page.read(ACCEPTED), by_command.read(ACCEPTED));
    assert_eq!(by_page.read(PENDING), by_command.read(PENDING));

    assert!(text(&shown).contains("1 of 3 decided"), "{}", text(&shown));
    let shown = page.press_on(&shown, "group", "either").body;
    assert_eq!(notice(&shown), "1 change accepted beside the other.");
    by_command.run(&["accept", "--turn", "2", "--as-alternative"]).expect(0);
    assert_eq!(by_page.read(ACCEPTED), by_command.read(ACCEPTED));

    let shown = page.press_on(&shown, "group", "reject").body;
    assert_eq!(notice(&shown), "1 change rejected.");
    by_command.run(&["reject", "--turn", "3"]).expect(0);
    assert_eq!(by_page.read(ACCEPTED), by_command.read(ACCEPTED));
    assert!(!by_page.exists(PENDING) && !by_command.exists(PENDING));

    let done = page.post("done", &[]);
    assert!(text(&done.body).contains("Everything is decided"), "{}", done.body);
    assert_eq!(page.wait(), 0);
}

#[test]
fn what_cannot_be_loosened_says_why_and_stays_pending() {
    let team = team();
    let page = Page::of(&team, &[]);
    let shown = page.get("?group=2").body;
    assert!(text(&shown).contains("not to be loosened"), "{}", text(&shown));
    let shown = page.press("?group=2", "group", "loosen").body;
    assert!(notice(&shown).starts_with("Left visit@downtown, turn 3: 0 of"), "{}", notice(&shown));
    assert_eq!(team.read(ACCEPTED), OLD);
    assert_eq!(page.interrupt(), 1, "something is pending still");
}

#[test]
fn the_same_change_is_one_row_and_each_place_can_be_decided_alone() {
    let team = larger_team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    assert_eq!(titles(&shown), ["desk", "hours?", "table?", "dogs?"]);
    let shown = page.get("?group=1").body;
    assert!(text(&shown).contains("The same in 10 other places"), "{}", text(&shown));
    let second = hidden(&page.get("?group=1&item=2").body, "decide");
    assert!(second.contains(&("item".to_owned(), "2".to_owned())), "{second:?}");

    let shown = page.press("?group=1&item=2", "here", "reject").body;
    assert_eq!(notice(&shown), "1 change rejected.");
    assert!(!team.exists("snapshots/hours/0@uptown.snap.new"));
    assert!(team.exists("snapshots/hours/0@downtown.snap.new"));
    let shown = page.press("?group=1", "group", "accept").body;
    assert_eq!(notice(&shown), "10 changes accepted.");
    assert!(team.read("snapshots/hours/4@uptown.snap").contains("noon"));
    assert!(team.read("snapshots/hours/0@uptown.snap").contains("at one"), "that was rejected");
    assert!(text(&shown).contains("11 of 14 decided"), "{}", text(&shown));
}

#[test]
fn a_handoff_to_the_wrong_place_stands_beside_the_text() {
    let team = larger_team();
    let shown = Page::of(&team, &[]).get("?kind=beside").body;
    assert_eq!(titles(&shown), ["desk"]);
    let text = text(&shown);
    assert!(text.contains("a handoff to BAR"), "{text}");
    assert!(text.contains("no snapshot accepts this"), "{text}");
    assert!(text.contains("conversations/desk.yaml:3"), "{text}");
    assert!(text.contains("demo local downtown"), "{text}");
}

#[test]
fn what_was_put_right_is_no_longer_beside_the_text_after_another_run() {
    let team = larger_team();
    let page = Page::of(&team, &[]);
    assert!(text(&page.get("").body).contains("a handoff to BAR"));
    let agent = team.read("agents/agent.yaml").replace("destination: BAR", "destination: DESK");
    team.write("agents/agent.yaml", &agent);
    team.run(&["run", "desk"]).expect(1);
    let shown = text(&page.get("").body);
    assert!(shown.contains("a handoff to DESK"), "{shown}");
    assert!(!shown.contains("no snapshot accepts this"), "{shown}");
}

#[test]
fn a_filter_narrows_the_list_and_what_everything_means() {
    let team = larger_team();
    let page = Page::of(&team, &[]);
    let list = |query: &str| titles(&page.get(query).body);
    assert_eq!(list("?kind=new"), ["desk"]);
    assert_eq!(list("?kind=order"), Vec::<String>::new());
    assert_eq!(list("?tag=visits"), ["hours?", "table?", "dogs?"]);
    assert_eq!(list("?variant=uptown"), ["hours?"]);
    assert_eq!(list("?text=ALONG"), ["dogs?"]);
    assert_eq!(list("?tag=no-such"), Vec::<String>::new());
    let shown = page.press("?variant=uptown", "group", "accept").body;
    assert_eq!(notice(&shown), "5 changes accepted.");
    assert!(team.exists("snapshots/hours/0@downtown.snap.new"));
    let shown = page.press("?tag=smoke&kind=changed", "group", "accept").body;
    assert_eq!(notice(&shown), "5 changes accepted.");
    let shown = page.press("?tag=visits", "everything", "accept").body;
    assert_eq!(notice(&shown), "3 changes accepted.");
    assert!(team.exists("snapshots/desk@downtown.snap.new"), "it is not listed");
}

#[test]
fn the_rest_of_a_conversation_is_decided_at_once() {
    let team = larger_team();
    let page = Page::of(&team, &[]);
    let shown = page.press("?group=2", "conversation", "accept").body;
    assert_eq!(notice(&shown), "3 changes accepted.");
    assert!(!team.exists(PENDING));
    assert!(team.exists("snapshots/hours/0@downtown.snap.new"));
}

#[test]
fn a_decision_is_taken_back_once_and_only_by_who_saw_it() {
    let team = team();
    let pending = team.read(PENDING);
    let page = Page::of(&team, &[]);
    let first = page.get("").body;
    assert_eq!(notice(&page.take_back_on(&first).body), "There is no decision to take back.");
    let shown = page.press("", "everything", "accept").body;
    assert!(!team.exists(PENDING));
    let other = page.take_back_on(&first).body;
    assert!(notice(&other).starts_with("Nothing was taken back"), "{}", notice(&other));
    assert!(!team.exists(PENDING));
    let back = page.take_back_on(&shown).body;
    assert_eq!(notice(&back), "Taken back: 3 changes.");
    assert_eq!((team.read(ACCEPTED).as_str(), team.read(PENDING)), (OLD, pending));
    assert!(text(&back).contains("0 of 3 decided"), "{}", text(&back));
}

#[test]
fn what_has_changed_underneath_is_refused_and_shown_anew() {
    let team = team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    let changed = team.read(PENDING).replace("for 4", "for 6");
    team.write(PENDING, &changed);
    let after = page.press_on(&shown, "group", "accept").body;
    assert!(notice(&after).contains("no longer what was shown"), "{}", notice(&after));
    assert!(notice(&after).contains("1 change is newly pending"), "{}", notice(&after));
    assert_eq!((team.read(ACCEPTED).as_str(), team.read(PENDING)), (OLD, changed));
    assert!(titles(&after).contains(&"table?".to_owned()));

    let shown = page.get("?text=table").body;
    assert!(text(&shown).contains("for 6") || text(&shown).contains('6'), "{}", text(&shown));
    let shown = page.press_on(&shown, "group", "accept").body;
    assert_eq!(notice(&shown), "1 change accepted.");
    assert!(team.read(ACCEPTED).contains("Your table for 6"));
}

#[test]
fn an_accepted_snapshot_that_was_edited_is_never_written_over() {
    let team = team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    let edited = OLD.replace("for 2 is booked", "for {{number}} is booked");
    team.write(ACCEPTED, &edited);
    let after = page.press_on(&shown, "everything", "accept").body;
    assert!(notice(&after).contains("Left visit@downtown, turn 1"), "{}", notice(&after));
    let accepted = team.read(ACCEPTED);
    assert!(accepted.contains("for {{number}} is booked for Friday"), "{accepted}");
    assert!(accepted.contains("We open at noon"), "the others were as they were shown: {accepted}");
}

#[test]
fn what_another_program_accepted_is_gone_and_what_it_left_is_found() {
    let team = larger_team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    team.run(&["accept", "--exact", "visit@downtown"]).expect(0);
    let revision = hidden(&shown, "back");
    let revision = revision.iter().find(|(name, _)| name == "revision").expect("a revision");
    let news = page.get(&format!("news?revision={}", revision.1));
    assert_eq!(news.status, 200);
    assert!(text(&news.body).contains("3 changes are no longer pending as shown"), "{}", news.body);
    assert!(news.body.contains("data-reload"), "{}", news.body);
    assert_eq!(titles(&page.get("").body), ["desk", "hours?"]);

    let agent = team.read("agents/agent.yaml").replace("at noon", "at two");
    team.write("agents/agent.yaml", &agent);
    team.run(&["run"]).expect(1);
    let shown = page.get("").body;
    assert!(notice(&shown).contains("11 changes are newly pending"), "{}", notice(&shown));
    let group = regex::Regex::new(r#"<li id="g(\d+)" class="open"[^\n]*\n[^\n]*hours"#);
    let group = group.expect("a pattern").captures(&shown).expect("the row")[1].to_owned();
    let shown = page.press(&format!("?group={group}"), "group", "accept").body;
    assert_eq!(notice(&shown), "10 changes accepted.");
    assert!(team.read("snapshots/hours/3@uptown.snap").contains("at two"));
}

#[test]
fn nothing_happens_where_there_is_no_news() {
    let team = team();
    let page = Page::of(&team, &[]);
    let fields = hidden(&page.get("").body, "back");
    let (_, revision) = fields.iter().find(|(name, _)| name == "revision").expect("a revision");
    let news = page.get(&format!("news?revision={revision}"));
    assert_eq!((news.status, news.body.as_str()), (204, ""));
}

#[test]
fn a_window_that_is_behind_decides_nothing_it_has_not_seen() {
    let team = larger_team();
    let page = Page::of(&team, &[]);
    let (one, other) = (page.get("?group=1").body, page.get("?group=1").body);
    page.press_on(&one, "group", "reject");
    let behind = page.press_on(&other, "group", "accept").body;
    assert!(notice(&behind).contains("has changed since it was shown"), "{}", notice(&behind));
    let behind = page.press_on(&other, "everything", "accept").body;
    assert!(notice(&behind).contains("has changed since it was shown"), "{}", notice(&behind));
    assert!(team.read("snapshots/hours/0@uptown.snap").contains("at one"));
    assert!(team.exists("snapshots/desk@downtown.snap.new"));
}

#[test]
fn of_many_decisions_at_once_about_one_change_one_is_made() {
    let team = team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    let notices: Vec<String> = thread::scope(|scope| {
        let press = || notice(&page.press_on(&shown, "group", "either").body);
        let windows: Vec<_> = (0..16).map(|_| scope.spawn(press)).collect();
        windows.into_iter().map(|window| window.join().expect("an answer")).collect()
    });
    let made = notices.iter().filter(|notice| notice.starts_with("1 change accepted"));
    assert_eq!(made.count(), 1, "{notices:?}");
    assert_eq!(team.read(ACCEPTED).matches("for Tuesday, Ana").count(), 1);
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "</p><script>alert(1)</script><img src=x onerror=alert(2)> \"'&amp;";
    let rules = format!(
        "  - when: {{ message: attack }}\n    say: {}\n    handoff: {{ destination: '<b>x' }}\n",
        serde_json::to_string(&format!("{hostile} \u{202e}gnp\u{1b}[31m")).expect("JSON")
    );
    let team = Team::with_agent(&rules);
    let user = "attack <svg onload=alert(3)>\"'";
    team.write(
        "conversations/a.yaml",
        &format!(
            "tags: ['<i>tag']\nturns: [{{ user: {}, expect: {{ handoff: any, snapshot: true }} }}]",
            serde_json::to_string(user).expect("JSON")
        ),
    );
    team.run(&["run"]).expect(1);
    let page = Page::of(&team, &[]);
    let query = "?text=alert&tag=%3Ci%3Etag&kind=%22%3E%3Cscript%3E&variant=&group=0";
    for shown in
        [page.get("").body, page.get(query).body, page.get(&format!("{query}&part=1")).body]
    {
        for forged in ["<script>", "<img", "<svg", "<b>x", "<i>tag", "\u{202e}", "\u{1b}"] {
            assert!(!shown.contains(forged), "{forged}:\n{shown}");
        }
        assert!(text(&shown).contains("<script>alert(1)</script>"), "{}", text(&shown));
        assert!(shown.contains("\\u{202e}"), "{shown}");
    }
    let shown = page.press("", "group", "accept").body;
    assert_eq!(notice(&shown), "1 change accepted.");
    team.run(&["run"]).expect(0);
}

#[test]
fn senseless_requests_change_nothing() {
    let team = team();
    let page = Page::of(&team, &[]);
    let origin = format!("Origin: http://{}\r\n", page.host);
    for form in ["", "decision=accept", "decision=accept&scope=everything", "scope=x.y&decision=x"]
    {
        let answer = page.post_from("decide", form, &origin);
        assert_eq!(answer.status, 303, "{}", answer.body);
    }
    let everything = "decision=accept&scope=everything.0&group=0";
    assert_eq!(page.post_from("decide", everything, &origin).status, 303);
    assert_eq!(page.post_from("decide", &"x".repeat(100_000), &origin).status, 413);
    assert_eq!(page.get("?group=99999999999999999999&item=7&notice=7&%ff").status, 200);
    assert_eq!(page.get(&format!("?text={}", "%20".repeat(5000))).status, 200);
    assert_eq!(team.read(ACCEPTED), OLD);
    assert!(team.exists(PENDING));
}

#[test]
fn the_end_says_whether_something_is_left() {
    let team = team();
    let page = Page::of(&team, &[]);
    let done = page.post("done", &[]);
    assert!(text(&done.body).contains("3 changes are still to be decided"), "{}", done.body);
    assert_eq!(page.wait(), 1);
    let page = Page::of(&team, &["--port", "0", "visit"]);
    page.press("", "everything", "accept");
    assert_eq!(page.interrupt(), 0);
    let ran = team.run(&["review", "--web"]).expect(0);
    assert_eq!(ran.stdout, "nothing is pending\n");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let team = team();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let ran = team.run(&["review", "--web", "--port", &port]).expect(2);
    assert!(ran.stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{}", ran.all());
    team.run(&["review", "--port", &port]).expect(2);
}
