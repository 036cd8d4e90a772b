//! Suites of which not everything stays in memory: the rest is read again when it is played.

use crate::common::Team;
use rehearsal::{
    config::Config,
    source::Problems,
    suite::{self, Planned, Selection},
};

/// A conversation so long that nothing read after it is kept, and a usual one.
fn team() -> Team {
    let team = Team::with_agent(
        "\n  - when: { message: Where }\n    say: We are at ${address}.\n  - when: { message: bye }\n    say: Goodbye.\n",
    );
    let turns = "  - user: hello\n".repeat(12_000);
    team.write("conversations/a-long.yaml", &format!("skip: Too long\nturns:\n{turns}"));
    team.write(
        "conversations/b.yaml",
        "variants:\n  downtown: { where: 12 Harbour Street }\n  uptown: { where: 98 Hill Road }\n\
         turns:\n  - user: Where are you?\n    expect: { contains: '${where}' }\n  - user: bye\n",
    );
    team
}

fn planned(team: &Team) -> (Config, Vec<Planned>) {
    let mut problems = Problems::default();
    let config = Config::read(&team.path("rehearsal.toml"), &mut problems);
    let config = config.expect("a file").expect("a configuration");
    let cases = suite::plan(&config, &Selection::default(), problems).expect("a plan").cases;
    (config, cases)
}

#[test]
fn a_conversation_that_is_read_again_is_played_in_its_variants_and_with_their_attributes() {
    let team = team();
    team.run_with(&[("INSTA_UPDATE", "always")], &["run"]).expect(0);
    let ran = team.run(&["run"]).expect(0);
    assert!(ran.stdout.contains("2 passed, 1 skipped"), "{}", ran.all());

    let (config, cases) = planned(&team);
    let uptown = cases.iter().find(|case| case.name.as_str() == "b@uptown").expect("the case");
    let case = uptown.open(&config).expect("the conversation");
    assert_eq!(case.attributes.get("where").map(String::as_str), Some("98 Hill Road"));
    assert_eq!(case.variant.map(|variant| variant.id), Some("VARIANT-2".to_owned()));
}

#[test]
fn a_conversation_that_became_invalid_during_the_run_is_an_error() {
    let team = team();
    let (config, cases) = planned(&team);
    let case = cases.last().expect("a case");
    team.write("conversations/b.yaml", "turns:\n  - usr: Where are you?\n");
    let mistake = case.open(&config).expect_err("a mistake").to_string();
    assert!(mistake.contains("b.yaml:2:5: a turn has no key `usr`"), "{mistake}");
    std::fs::remove_file(team.path("conversations/b.yaml")).expect("it was there");
    let mistake = case.open(&config).expect_err("a mistake").to_string();
    assert!(mistake.contains("there is no file"), "{mistake}");
}

#[test]
fn a_mistake_in_any_of_many_files_is_told_before_anything_is_played() {
    let team = Team::with_agent("\n  - when: { message: hello }\n    say: Good day.\n");
    for number in 0..200 {
        let key = if number % 50 == 7 { "usr" } else { "user" };
        let text = format!("turns: [{{ {key}: hello }}]");
        team.write(&format!("conversations/c{number:03}.yaml"), &text);
    }
    for command in ["run", "list", "check"] {
        let ran = team.run(&[command]).expect(2);
        let told: Vec<&str> =
            ran.stderr.lines().filter_map(|line| line.trim().strip_prefix("--> ")).collect();
        let places = ["c007", "c057", "c107", "c157"];
        assert!(told.len() >= places.len(), "{}", ran.all());
        let files = places.map(|place| told.iter().position(|line| line.contains(place)));
        assert!(files.iter().all(Option::is_some) && files.is_sorted(), "{told:?}");
    }
}
