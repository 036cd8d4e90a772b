//! What the library exports, as its documentation shows it: every item with its fields, methods and traits.
//!
//! `cargo public-api` reads rustdoc's JSON instead, whose format each of its versions knows only from a few
//! nightly compilers; the pages are there with every stable one.

use std::{fmt::Write, fs, path::PathBuf};

use crate::common::{Ran, cargo};

/// The folder with the pages of the crate, made anew.
fn documentation() -> PathBuf {
    let mut command = cargo(&["doc", "--no-deps", "--all-features", "--message-format", "json"]);
    // As in `.ci/run`, so that it is there already.
    command.env("RUSTDOCFLAGS", "-D warnings").current_dir(env!("CARGO_MANIFEST_DIR"));
    let ran = Ran::of(command.output().expect("cargo runs")).expect(0);
    let messages = ran.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let files = messages.flat_map(|message: serde_json::Value| {
        let files = message["filenames"].as_array().cloned().unwrap_or_default();
        files.into_iter().map(|file| PathBuf::from(file.as_str().expect("a path")))
    });
    let is_index = |file: &PathBuf| file.ends_with("doc/rehearsal/index.html");
    let index = files.into_iter().find(is_index).expect("the crate's page");
    index.parent().expect("its folder").to_owned()
}

/// What stands between two words, each time.
fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).map(move |rest| rest.split(end).next().unwrap_or_default())
}

/// HTML without its tags.
fn text(html: &str) -> String {
    let untagged = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let text: String = untagged.collect();
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, plain)| text.replace(entity, plain))
}

/// A page without what is only there to be folded up: "Show 16 fields".
fn unfolded(page: &str) -> String {
    let parts = page.split("<summary").enumerate();
    let shown = parts.map(|(number, part)| match part.split_once("</summary>") {
        Some((_, shown)) if number > 0 => shown,
        _ => part,
    });
    shown.collect()
}

/// An item's declaration, and what is implemented for it.
fn item(page: &str) -> String {
    let declaration = between(page, "item-decl\"><code>", "</code></pre>").next().expect("an item");
    let declaration = unfolded(declaration);
    // What every type has is no decision of ours.
    let ours = page.split("id=\"synthetic-implementations\"").next().unwrap_or_default();
    let mut out = text(&declaration.replace("</div>", "\n"));
    let (inherent, of_traits) =
        ours.split_once("id=\"trait-implementations\"").unwrap_or((ours, ""));
    for member in between(inherent, "<h4 class=\"code-header\">", "</h4>") {
        let _ = write!(out, "\n    {}", words(member));
    }
    for of_trait in between(of_traits, "<h3 class=\"code-header\">", "</h3>") {
        let of_trait = words(of_trait);
        // The compiler's own mark of a derived `PartialEq`.
        if !of_trait.starts_with("impl StructuralPartialEq") {
            let _ = write!(out, "\n{of_trait}");
        }
    }
    out
}

/// A declaration in one line.
fn words(html: &str) -> String {
    text(html).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
#[ignore = "needs the documentation, which takes cargo a while"]
fn the_library_exports_what_is_agreed_and_nothing_else() {
    let folder = documentation();
    let all = fs::read_to_string(folder.join("all.html")).expect("a page");
    let lists = between(&all, "<ul class=\"all-items\">", "</ul>");
    let mut pages: Vec<&str> = lists.flat_map(|list| between(list, "href=\"", "\"")).collect();
    pages.sort_unstable_by_key(|page| page.split('.').nth(1));
    let pages = pages.iter().map(|page| fs::read_to_string(folder.join(page)).expect("a page"));
    let exported: Vec<String> = pages.map(|page| item(&page)).collect();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(exported.join("\n\n"));
    });
}
