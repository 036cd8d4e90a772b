//! The page of `rehearsal review --web` while files change, and in several windows at once.
#![cfg(unix)]

use std::thread;

use crate::common::{
    page::{Page, hidden, notice, text, titles},
    three_turns::{ACCEPTED, OLD, PENDING, larger_team, three_turns as team},
};

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
fn a_decision_on_changed_files_is_refused_and_shown_again() {
    let team = team();
    let page = Page::of(&team, &[]);
    let shown = page.get("").body;
    let changed = team.read(PENDING).replace("for 4", "for 6");
    team.write(PENDING, &changed);
    let after = page.press_on(&shown, "group", "accept").body;
    assert!(notice(&after).contains("changed since it was shown"), "{}", notice(&after));
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
