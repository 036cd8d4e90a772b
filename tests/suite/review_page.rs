//! The page of `rehearsal review --web` over real sockets: what is shown and decided.
#![cfg(unix)]

use crate::common::{
    page::{Page, hidden, notice, text, titles},
    three_turns::{ACCEPTED, OLD, PENDING, larger_team, three_turns as team},
};

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
fn a_wrong_handoff_is_shown_beside_the_text() {
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
