//! The programs in `examples/`, run as a reader would run them.

use std::process::Command;

use crate::common::{Ran, Team, cargo};

/// An example, to be run in a folder.
fn example_command(name: &str, folder: &str, arguments: &[&str]) -> Command {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut command = cargo(&["run", "--quiet", "--all-features", "--manifest-path", manifest]);
    command.args(["--example", name, "--"]).args(arguments).current_dir(folder);
    command
}

/// Runs an example in a folder.
fn example(name: &str, folder: &str, arguments: &[&str]) -> Ran {
    Ran::of(example_command(name, folder, arguments).output().expect("cargo runs"))
}

#[test]
fn the_shipped_conversations_pass_in_a_program() {
    let ran = example("print_failures", env!("CARGO_MANIFEST_DIR"), &["billing"]).expect(0);
    assert_eq!(ran.stdout, "3 passed, 0 did not\n");
    assert!(ran.stderr.contains("Passed billing/double-charge@uptown in "), "{}", ran.all());
}

#[test]
fn a_program_prints_what_failed_and_the_library_nothing() {
    let team = Team::with_agent("  - { when: { message: hours }, say: We open at noon. }\n");
    let late = "turns:\n  - user: hours?\n    expect: { contains: midnight }";
    team.write("conversations/late.yaml", late);
    let folder = team.path("");
    let folder = folder.to_str().expect("UTF-8");
    let ran = example("print_failures", folder, &[]).expect(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let [case, mismatch, sum] = lines.as_slice() else { panic!("{}", ran.all()) };
    let said = case.strip_prefix("late@downtown: ").expect("the case is named");
    assert!(said.starts_with("turn 1: ") && said.ends_with("midnight"), "{said}");
    assert_eq!(*mismatch, format!("  conversations/late.yaml:3: {said}"));
    assert_eq!(*sum, "0 passed, 1 did not");
    let ran = example("print_failures", folder, &["nope"]).expect(2);
    assert!(ran.stdout.is_empty() && ran.stderr.starts_with("error: no case"), "{}", ran.all());
}

#[test]
fn a_harness_plays_what_its_settings_say() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let listed = example("harness_with_settings", folder, &["--list"]).expect(0).stdout;
    let names: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    let [downtown, uptown] = ["billing/double-charge@downtown", "billing/double-charge@uptown"];
    assert_eq!(names, [downtown, uptown, "booking/small-party@downtown"]);
    let played = example("harness_with_settings", folder, &["uptown"]).expect(0);
    assert!(played.stdout.contains("test billing/double-charge@uptown"), "{}", played.all());
}

#[test]
fn a_variable_says_otherwise_than_a_setting() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut command = example_command("harness_with_settings", folder, &["--list"]);
    let ran = Ran::of(command.env("REHEARSAL_TAG", "booking").output().expect("cargo runs"));
    assert_eq!(ran.expect(0).stdout, "booking/small-party@downtown: test\n");
    let mut command = example_command("harness_with_settings", folder, &[]);
    command.env("REHEARSAL_ENVIRONMENT", "live").env_remove("POLYAI_LIVE_TOKEN");
    let ran = Ran::of(command.output().expect("cargo runs")).expect(101);
    assert!(ran.stderr.contains("POLYAI_LIVE_TOKEN"), "{}", ran.all());
}
