//! What a verdict of several plays is worth: every sequence of plays with its weight, which gives
//! the tables of `docs/noise.md` exactly.

use std::fmt::Write as _;

use rehearsal::{
    config::VerdictRule,
    outcome::{Judgement, Standing, Verdict},
};

/// What becomes of a case whose plays each pass with a probability.
#[derive(Default)]
struct Odds {
    passed: f64,
    failed: f64,
    flaky: f64,
    /// How many plays are made on average.
    plays: f64,
}

/// Follows every sequence of plays until it is decided.
fn odds(rule: &VerdictRule, passes: f64) -> Odds {
    let mut odds = Odds::default();
    follow(rule, passes, &mut Vec::new(), 1.0, &mut odds);
    odds
}

fn follow(
    rule: &VerdictRule,
    passes: f64,
    plays: &mut Vec<Standing>,
    weight: f64,
    odds: &mut Odds,
) {
    if let Judgement::Certain(verdict) = Judgement::of(rule, plays) {
        odds.plays += weight * plays.len() as f64;
        match verdict {
            Verdict::Passed => odds.passed += weight,
            Verdict::Failed => odds.failed += weight,
            Verdict::Flaky => odds.flaky += weight,
            other => panic!("{plays:?} cannot be {other:?}"),
        }
        return;
    }
    for (standing, share) in [(Standing::Passed, passes), (Standing::Forgivable, 1.0 - passes)] {
        plays.push(standing);
        follow(rule, passes, plays, weight * share, odds);
        plays.pop();
    }
}

fn rule(pass: u32, plays: u32) -> VerdictRule {
    VerdictRule { plays, pass, ..VerdictRule::ONCE }
}

const RATES: [f64; 6] = [1.0, 0.95, 0.9, 0.8, 0.5, 0.0];

/// A probability as the tables have it.
fn share(share: f64) -> String {
    let text = format!("{share:.3}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "0" => "0".to_owned(),
        "1" => "1".to_owned(),
        some => some.trim_start_matches('0').to_owned(),
    }
}

fn table_of_rules() -> String {
    let mut table =
        "| rule | p = 1 | .95 | .9 | .8 | .5 | 0 | plays at p = 1 | .95 | .9 | .8 | .5 | 0 |\n"
            .to_owned();
    table += &format!("|{}\n", " --- |".repeat(13));
    for (pass, plays) in [(1, 1), (2, 3), (3, 3), (4, 5), (8, 10)] {
        let odds = RATES.map(|rate| odds(&rule(pass, plays), rate));
        let passed = odds.iter().map(|odds| share(odds.passed));
        let made = odds.iter().map(|odds| format!("{:.1}", odds.plays));
        let cells: Vec<String> = passed.chain(made).collect();
        let _ = writeln!(table, "| {pass} of {plays} | {} |", cells.join(" | "));
    }
    table
}

fn table_of_confirmations() -> String {
    let mut table = "| `confirm_failures = 2` at p = | .95 | .8 | .5 | .2 | 0 |\n".to_owned();
    table += &format!("|{}\n", " --- |".repeat(6));
    let rule = VerdictRule { confirm_failures: 2, ..VerdictRule::ONCE };
    let odds = [0.95, 0.8, 0.5, 0.2, 0.0].map(|rate| odds(&rule, rate));
    let failed = odds.iter().map(|odds| match odds.failed {
        small if small > 0.0 && small < 0.001 => {
            format!("{small:.4}").trim_start_matches('0').to_owned()
        }
        other => share(other),
    });
    let failed: Vec<String> = failed.collect();
    let flaky: Vec<String> = odds.iter().map(|odds| share(odds.flaky)).collect();
    let plays: Vec<String> = odds.iter().map(|odds| format!("{:.2}", odds.plays)).collect();
    for (word, cells) in [("failed", failed), ("flaky", flaky), ("plays", plays)] {
        let _ = writeln!(table, "| {word} | {} |", cells.join(" | "));
    }
    table
}

#[test]
fn the_tables_in_the_documents_are_what_every_sequence_of_plays_gives() {
    let tables = [table_of_rules(), table_of_confirmations()];
    let document = std::fs::read_to_string("docs/noise.md").expect("the document");
    for table in tables {
        assert!(document.contains(&table), "docs/noise.md must hold:\n{table}");
    }
}

#[test]
fn suites_of_steady_cases_are_green_as_often_as_the_documents_say() {
    let once = odds(&VerdictRule::ONCE, 0.99).passed;
    assert_eq!(format!("{:.1}", once.powi(50) * 100.0), "60.5");
    assert_eq!(format!("{:.1}", once.powi(200) * 100.0), "13.4");
    let confirmed = odds(&VerdictRule { confirm_failures: 2, ..VerdictRule::ONCE }, 0.99);
    // With `flaky = "warn"` a run is red if any case failed.
    let red = 1.0 - (1.0 - confirmed.failed).powi(200);
    assert_eq!(format!("{:.2}", red * 100.0), "0.02");
    let half = odds(&VerdictRule { confirm_failures: 2, ..VerdictRule::ONCE }, 0.5);
    assert_eq!(format!("{:.1}", (1.0 - half.failed) * 100.0), "87.5");
}

#[test]
fn no_play_is_made_once_the_verdict_is_certain() {
    for (pass, plays) in [(1, 1), (2, 3), (3, 3), (4, 5), (8, 10)] {
        let rule = rule(pass, plays);
        // From the end backwards: what is undecided must depend on what is still to come.
        each_undecided(&rule, &mut Vec::new(), &|made| {
            let with_all = |standing| {
                let mut all = made.to_vec();
                while Judgement::of(&rule, &all) == Judgement::PlayAgain {
                    all.push(standing);
                }
                Judgement::of(&rule, &all)
            };
            assert_eq!(with_all(Standing::Passed), Judgement::Certain(Verdict::Passed), "{made:?}");
            assert_eq!(
                with_all(Standing::Forgivable),
                Judgement::Certain(Verdict::Failed),
                "{made:?}"
            );
        });
    }
}

/// Every sequence of plays that is not decided yet.
fn each_undecided(rule: &VerdictRule, made: &mut Vec<Standing>, check: &dyn Fn(&[Standing])) {
    if Judgement::of(rule, made) != Judgement::PlayAgain {
        return;
    }
    check(made);
    for standing in [Standing::Passed, Standing::Forgivable] {
        made.push(standing);
        each_undecided(rule, made, check);
        made.pop();
    }
}

#[test]
fn plays_that_could_not_be_played_count_for_neither_side() {
    use Standing::{Errored, Forgivable, Passed, Unforgivable};
    let two_of_three = rule(2, 3);
    let of = |plays: &[Standing]| Judgement::of(&two_of_three, plays);
    assert_eq!(of(&[Errored]), Judgement::PlayAgain);
    assert_eq!(of(&[Errored, Passed, Passed]), Judgement::Certain(Verdict::Passed));
    assert_eq!(of(&[Errored, Forgivable, Forgivable]), Judgement::Certain(Verdict::Failed));
    assert_eq!(of(&[Errored, Passed, Forgivable]), Judgement::Certain(Verdict::Errored));
    assert_eq!(of(&[Errored, Errored]), Judgement::Certain(Verdict::Errored));
    assert_eq!(of(&[Errored, Unforgivable]), Judgement::Certain(Verdict::Failed));
}

#[test]
fn what_is_quarantined_neither_passes_nor_fails_a_case() {
    use Standing::{Errored, Forgivable, New, Passed, Quarantined, Unforgivable};
    let once = |plays: &[Standing]| Judgement::of(&VerdictRule::ONCE, plays);
    assert_eq!(once(&[Quarantined]), Judgement::Certain(Verdict::Quarantined));
    assert_eq!(once(&[Unforgivable]), Judgement::Certain(Verdict::Failed));
    let confirmed = VerdictRule { confirm_failures: 2, ..VerdictRule::ONCE };
    let of = |plays: &[Standing]| Judgement::of(&confirmed, plays);
    assert_eq!(of(&[Quarantined]), Judgement::Certain(Verdict::Quarantined), "it is not confirmed");
    assert_eq!(of(&[New]), Judgement::Certain(Verdict::Failed), "no play would accept it");
    assert_eq!(of(&[Errored]), Judgement::Certain(Verdict::Errored));
    assert_eq!(of(&[Forgivable, Unforgivable]), Judgement::Certain(Verdict::Failed));
    let four_of_five = rule(4, 5);
    let of = |plays: &[Standing]| Judgement::of(&four_of_five, plays);
    assert_eq!(
        of(&[Passed, Passed, Passed, Quarantined, Passed]),
        Judgement::Certain(Verdict::Passed)
    );
    assert_eq!(
        of(&[Passed, Passed, Quarantined, Quarantined]),
        Judgement::Certain(Verdict::Quarantined)
    );
    assert_eq!(of(&[Forgivable, Quarantined, Forgivable]), Judgement::Certain(Verdict::Failed));
}
