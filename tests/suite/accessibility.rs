//! Both pages for people who see few colours or little contrast, or read with a keyboard.
#![cfg(target_os = "linux")]

use crate::common::{
    Team, browser::Browser, foreign, forty_changes::forty_changes, hostile, page::Page,
};

/// The report of a run that has everything: failures, errors, turns that were not reached.
fn report() -> (Team, String) {
    let (team, server) = hostile::team();
    team.run(&["run", "--html", "r.html"]).expect(1);
    drop(server);
    let address = format!("file://{}", team.path("r.html").display());
    (team, address)
}

/// How an element looks but for its colours, which are forced when they are painted.
fn looks(browser: &Browser, element: &str) -> String {
    browser.text(&format!(
        "(() => {{ const style = getComputedStyle({element}); \
         return ['outlineStyle', 'borderTopStyle', 'borderTopWidth', 'fontWeight', \
         'textDecorationLine'].map((name) => style[name]).join(); }})()"
    ))
}

#[test]
#[ignore = "needs chromium and axe-core"]
fn axe_finds_no_barrier_in_the_report_in_either_colour_scheme() {
    let (axe, browser) = (foreign::axe(), Browser::start());
    let (_team, address) = report();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.open(&address);
        browser.value("document.querySelectorAll('details').forEach((one) => one.open = true)");
        assert!(browser.value("document.querySelectorAll('.n').length").as_u64() > Some(0));
        let barriers = browser.barriers(&axe);
        assert!(barriers.is_empty(), "{scheme}: {}", barriers.join("\n\n"));
    }
}

#[test]
#[ignore = "needs chromium and axe-core"]
fn axe_finds_no_barrier_in_the_review_in_either_colour_scheme() {
    let (axe, browser) = (foreign::axe(), Browser::start());
    let team = forty_changes();
    let page = Page::of(&team, &[]);
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.open(&page.address);
        let barriers = browser.barriers(&axe);
        assert!(barriers.is_empty(), "{scheme}: {}", barriers.join("\n\n"));
    }
}

#[test]
#[ignore = "needs chromium"]
fn what_is_chosen_shows_where_colours_are_forced() {
    let browser = Browser::start();
    browser.force_colours();
    let team = forty_changes();
    let page = Page::of(&team, &[]);
    browser.open(&page.address);
    for (chosen, other) in [
        ("#list a[aria-current]", "#list a:not([aria-current])"),
        (".scopes input:checked + span", ".scopes input:not(:checked) + span"),
    ] {
        let of = |selector| looks(&browser, &format!("document.querySelector('{selector}')"));
        assert_ne!(of(chosen), of(other), "{chosen}");
    }
    // In the report a link leads to a turn, and a filter leaves some of the conversations.
    let (_team, address) = report();
    browser.open(&format!("{address}#equals/1"));
    let of = |id: &str| looks(&browser, &format!("document.getElementById('{id}')"));
    assert_ne!(of("equals/1"), of("equals/0"), "the turn that a link leads to");
}
