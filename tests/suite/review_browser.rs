//! The review in a real browser: keys and buttons decide, and the files say so.
#![cfg(target_os = "linux")]

use crate::common::{Team, browser::Browser, forty_changes::forty_changes as team, page::Page};
use serde_json::json;

/// The title of the change that is shown, and what the notice says.
const TITLE: &str = "document.querySelector('#list a[aria-current] .title').innerText";
const NOTICE: &str = "document.getElementById('notice').innerText.trim()";
const DECIDED: &str = "document.querySelector('.count').innerText";

/// Presses a key and waits until the page says what came of it.
#[track_caller]
fn press(browser: &Browser, key: &str, notice: &str) {
    browser.press(key);
    browser.wait_for(&format!("{NOTICE} === {}", json!(notice)));
}

#[test]
#[ignore = "needs chromium"]
fn forty_changes_of_which_thirty_are_the_same_take_under_a_dozen_keys() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&page.address);
    assert_eq!(browser.text(DECIDED), "0 of 40 decided");
    assert_eq!(browser.text(TITLE), "The greeting");
    press(&browser, "a", "30 changes accepted.");
    assert!(team.read("snapshots/hello/29@downtown.snap").contains("Welcome. How"));
    assert!(!team.exists("snapshots/hello/29@downtown.snap.new"));
    for left in (0..10).rev() {
        browser.press("a");
        browser.wait_for(&format!("{DECIDED} === '{} of 40 decided'", 40 - left));
    }
    assert_eq!(browser.value("document.title"), "Rehearsal review");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.press("q");
    browser.wait_for("document.body.innerText.includes('Everything is decided.')");
    browser.wait_for("getComputedStyle(document.body).display === 'grid'");
    assert_eq!(page.wait(), 0);
    let ran = team.run(&["run"]).expect(1);
    assert!(ran.stdout.contains("1 failed, 37 passed"), "the handoff is wrong: {}", ran.all());
}

#[test]
#[ignore = "needs chromium"]
fn every_key_does_what_its_button_says() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&page.address);

    browser.press("s");
    browser.wait_for(&format!("{TITLE} === 'A table for 2'"));
    press(&browser, "l", "1 change loosened.");
    assert!(team.read("snapshots/table/2@downtown.snap").contains("A table for 2, {{any}}."));
    press(&browser, "o", "1 change accepted beside the other.");
    let both = team.read("snapshots/table/3@downtown.snap");
    assert!(both.contains("with pleasure") && both.contains("gladly"), "{both}");
    press(&browser, "r", "1 change rejected.");
    assert!(!team.exists("snapshots/table/4@downtown.snap.new"));
    assert!(team.read("snapshots/table/4@downtown.snap").contains("with pleasure"));
    press(&browser, "b", "Taken back: 1 change.");
    assert!(team.exists("snapshots/table/4@downtown.snap.new"));
    assert_eq!(browser.text(TITLE), "A table for 4");

    browser.press("j");
    browser.wait_for(&format!("{TITLE} === 'A table for 5'"));
    browser.press("\u{e013}");
    browser.wait_for(&format!("{TITLE} === 'A table for 4'"));
    browser.press("kkk");
    browser.press("?");
    browser.wait_for("document.getElementById('help').matches(':popover-open')");
    browser.press("a");
    browser.press("?");
    browser.wait_for("!document.getElementById('help').matches(':popover-open')");
    assert_eq!(browser.text(DECIDED), "2 of 40 decided", "nothing is decided behind the help");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(page.interrupt(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn what_a_decision_is_about_is_narrowed_and_widened_by_keys() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&page.address);
    browser.press("1");
    press(&browser, "r", "1 change rejected.");
    assert!(!team.exists("snapshots/hello/00@downtown.snap.new"));
    assert!(team.exists("snapshots/hello/01@downtown.snap.new"));

    browser.press("/hours");
    browser.wait_for("document.querySelectorAll('#list li').length === 1");
    browser.press("\u{e00c}");
    browser.wait_for("document.activeElement === document.body");
    browser.press("c");
    press(&browser, "a", "3 changes accepted.");
    assert!(!team.exists("snapshots/visit@downtown.snap.new"));

    browser.open(&format!("{}?text=table", page.address));
    browser.press("e");
    press(&browser, "a", "7 changes accepted.");
    assert!(team.exists("snapshots/hello/01@downtown.snap.new"), "it is not listed");
    assert_eq!(browser.text(DECIDED), "11 of 40 decided");
}

#[test]
#[ignore = "needs chromium"]
fn buttons_are_reached_and_pressed_by_the_keyboard_and_keep_the_focus() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&page.address);
    let focused = "document.activeElement.dataset.key ?? ''";
    let tabs = (0..40).take_while(|_| {
        browser.press("\u{e004}");
        browser.text(focused) != "a"
    });
    assert!(tabs.count() < 39, "no Tab leads to the button");
    assert_eq!(
        browser.value("getComputedStyle(document.activeElement).outlineStyle"),
        json!("solid"),
        "the focus is seen"
    );
    press(&browser, "\u{e007}", "30 changes accepted.");
    assert_eq!(browser.text(focused), "a");
    press(&browser, "\u{e007}", "1 change accepted.");
    assert_eq!(browser.text(DECIDED), "31 of 40 decided");
    browser.wait_for("document.getElementById('now').innerText.includes('table/3@downtown')");
}

#[test]
#[ignore = "needs chromium"]
fn everything_that_can_be_loosened_is_and_the_rest_stays_with_a_reason() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&format!("{}?group=10", page.address));
    assert_eq!(browser.text(TITLE), "Are dogs welcome?");
    browser.press("l");
    browser.wait_for(&format!("{NOTICE}.startsWith('Not to be loosened: ')"));
    assert_eq!(browser.text(DECIDED), "0 of 40 decided");
    browser.press("el");
    browser.wait_for(&format!("{NOTICE}.includes('Left visit@downtown, turn 3: ')"));
    assert!(team.read("snapshots/table/2@downtown.snap").contains("A table for 2, {{any}}."));
    assert!(team.read("snapshots/visit@downtown.snap").contains("do not allow any pets"));
    assert!(team.exists("snapshots/visit@downtown.snap.new"));
    assert_eq!(browser.text(TITLE), "Are dogs welcome?");
}

#[test]
#[ignore = "needs chromium"]
fn what_is_shown_looks_like_the_conversation() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&format!("{}?text=front", page.address));
    let words = "[...document.querySelectorAll('.diff .words > *')].map((one) => one.outerHTML)";
    assert_eq!(browser.value(words), json!(["<del>I will</del>", "<ins>I'll</ins>"]));
    let shown = browser.text("document.getElementById('change').innerText");
    for part in ["demo", "local", "downtown", "visits", "a handoff to BAR", "visit.yaml:5"] {
        assert!(shown.contains(part), "{part}:\n{shown}");
    }
    let side = |who: &str| {
        let line = format!("document.querySelector('.line.{who}').getBoundingClientRect()");
        browser.value(&format!("{line}.left")).as_f64().expect("a number")
    };
    assert!(side("user") > side("agent"));
}

#[test]
#[ignore = "needs chromium"]
fn it_works_without_the_script() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.forbid_scripts();
    browser.open(&page.address);
    browser.click("button[data-key=a]");
    browser.wait_for_html("30 changes accepted.");
    assert!(!team.exists("snapshots/hello/29@downtown.snap.new"));
    browser.click("button[data-key=b]");
    browser.wait_for_html("Taken back: 30 changes.");
    assert!(team.exists("snapshots/hello/29@downtown.snap.new"));
    browser.click("a[data-key=s]");
    browser.wait_for_html("<h2>table/2@downtown</h2>");
    browser.click("button[data-key=q]");
    browser.wait_for_html("40 changes are still to be decided");
    assert_eq!(page.wait(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn changes_on_disk_are_reported_and_never_overwritten() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.open(&page.address);
    let pending = "snapshots/hello/07@downtown.snap.new";
    let newer = team.read(pending).replace("Welcome. How", "Good evening. How");
    team.write(pending, &newer);
    browser.value("window.dispatchEvent(new Event('focus'))");
    browser.wait_for(&format!("{NOTICE}.includes('1 change is newly pending')"));
    browser.press("a");
    browser.wait_for(&format!("{NOTICE}.includes('Nothing was decided: this has changed')"));
    assert!(team.read("snapshots/hello/00@downtown.snap").contains("Hello. How"));
    browser.wait_for("document.getElementById('list').innerText.includes('Good evening')");
    press(&browser, "a", "29 changes accepted.");
    assert_eq!(team.read(pending), newer);
    assert!(team.read("snapshots/hello/07@downtown.snap").contains("Hello. How"));

    team.run(&["accept", "table"]).expect(0);
    browser.value("window.dispatchEvent(new Event('focus'))");
    browser.wait_for(&format!("{NOTICE}.includes('7 changes are no longer pending as shown')"));
    browser.click("[data-reload]");
    browser.wait_for("!document.getElementById('list').innerText.includes('A table for')");
}

#[test]
#[ignore = "needs chromium"]
fn it_fits_a_phone_and_the_thumb() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    browser.resize(390, 844);
    browser.open(&page.address);
    browser.wait_for("document.documentElement.scrollWidth <= 390");
    assert_eq!(browser.value("document.querySelector('#list').offsetParent"), json!(null));
    let boxes = "[...document.querySelectorAll('.bar button, .bar a')].map((one) => \
                 one.getBoundingClientRect()).every((box) => box.height >= 44 && box.left >= 0 && \
                 box.right <= 390 && box.top > 600 && box.bottom <= 844)";
    assert_eq!(browser.value(boxes), json!(true), "the buttons are in reach and large enough");
    browser.click("label[for=unfold]");
    browser.wait_for("document.querySelector('#list').offsetParent !== null");
    browser.click("#g1 a");
    browser.wait_for("document.querySelector('h2').innerText === 'table/2@downtown'");
    browser.wait_for("document.querySelector('#list').offsetParent === null");
    browser.click(".accept");
    browser.wait_for(&format!("{NOTICE} === '1 change accepted.'"));
    assert!(!team.exists("snapshots/table/2@downtown.snap.new"));
}

#[test]
#[ignore = "needs chromium"]
fn it_is_light_or_dark_as_the_person_prefers() {
    let browser = Browser::start();
    let team = team();
    let page = Page::of(&team, &[]);
    let lightness = |scheme: &str| {
        browser.prefer(scheme);
        browser.open(&page.address);
        let colour = browser.text("getComputedStyle(document.body).backgroundColor");
        let numbers = colour.split(|c: char| !c.is_ascii_digit()).filter(|one| !one.is_empty());
        numbers.map(|one| one.parse::<u32>().expect("a number")).sum::<u32>()
    };
    assert!(lightness("light") > 600 && lightness("dark") < 150);
}

#[test]
#[ignore = "needs chromium"]
fn what_an_agent_says_runs_nowhere() {
    let browser = Browser::start();
    let rules = "  - when: { message: attack }\n    say: \"</p><img src=x \
                 onerror='document.title=1'><script>document.title=2</script>\"\n";
    let team = Team::with_agent(rules);
    team.write("conversations/a.yaml", "turns: [{ user: attack }]");
    team.run(&["run"]).expect(1);
    let page = Page::of(&team, &[]);
    browser.open(&page.address);
    assert_eq!(browser.value("document.querySelectorAll('img').length"), json!(0));
    assert!(browser.text("document.querySelector('.diff').innerText").contains("<script>"));
    press(&browser, "a", "1 change accepted.");
    assert_eq!(browser.text("document.title"), "Rehearsal review");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
