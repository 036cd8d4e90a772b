//! Who may ask the page of `rehearsal review --web`, and what it is safe from.
#![cfg(unix)]

use crate::common::{
    Team,
    page::{Page, hidden, notice, radio, text},
    three_turns::{ACCEPTED, OLD, PENDING, three_turns as team},
};

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
