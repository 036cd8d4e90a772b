//! What chance may excuse is a property of each kind of mismatch: every kind against several
//! plays, a confirmed failure and a quarantine.

use std::collections::BTreeSet;

use jiff::civil::date;
use rehearsal::{
    config::VerdictRule,
    conversation::{Quarantine, TurnNumber},
    outcome::{Judgement, Play, PlayVerdict, Standing, Verdict},
};
use serde_json::{Value, json};

/// What a kind of mismatch may be excused by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Excuse {
    /// Another play that passes, or a quarantine.
    Chance,
    /// A quarantine alone: no other play would pass.
    QuarantineAlone,
    Nothing,
}

/// Every kind, as JSON has it.
fn kinds() -> Vec<(Excuse, Value)> {
    use Excuse::{Chance, Nothing, QuarantineAlone};
    vec![
        (Chance, json!({ "kind": "equals", "expected": "a", "actual": "b" })),
        (Chance, json!({ "kind": "contains", "expected": "a" })),
        (Chance, json!({ "kind": "matches", "pattern": "a" })),
        (
            Chance,
            json!({ "kind": "any", "alternatives": [[{ "kind": "contains", "expected": "a" }]] }),
        ),
        (Chance, json!({ "kind": "changed", "accepted": ["a"], "actual": "b" })),
        (Chance, json!({ "kind": "within", "limit_ms": 1.0, "actual_ms": 2.0 })),
        // A capture that failed is as bad as the mismatch beside it that says so.
        (Chance, json!({ "kind": "not_captured", "name": "reference" })),
        (
            Chance,
            json!({ "kind": "blank_expectation", "name": "reference", "written": "${reference}" }),
        ),
        (QuarantineAlone, json!({ "kind": "new", "actual": "b" })),
        (Nothing, json!({ "kind": "not", "matcher": "contains", "unwanted": "a", "found": "a" })),
        (Nothing, json!({ "kind": "forbid", "pattern": "a", "found": "a" })),
        (
            Nothing,
            json!({ "kind": "handoff", "expected": "none", "actual": { "destination": "A" } }),
        ),
        (Nothing, json!({ "kind": "end_conversation", "expected": false })),
        (Nothing, json!({ "kind": "empty_answer" })),
    ]
}

/// A play in which these do not hold in turn 1.
fn play(mismatches: &[Value]) -> Play {
    let mismatches: Vec<Value> = (mismatches.iter())
        .map(|kind| {
            let mut mismatch = kind.clone();
            mismatch["turn"] = json!(1);
            mismatch["message"] = json!("turn 1: something");
            mismatch
        })
        .collect();
    let verdict = if mismatches.is_empty() { "passed" } else { "failed" };
    let play = json!({
        "play": 1, "verdict": verdict, "started": "2026-11-24T12:00:00Z", "duration_ms": 1.0,
        "attempts": 1, "requests": 3, "repeated_requests": 0, "turns": [],
        "mismatches": mismatches, "not_reached": [],
    });
    serde_json::from_value(play).expect("a play")
}

fn quarantine(turn: Option<usize>) -> Quarantine {
    Quarantine {
        turn: turn.map(TurnNumber::new),
        owner: "@anna".to_owned(),
        until: date(2026, 12, 15),
        reason: "It varies.".to_owned(),
        issue: None,
    }
}

fn verdict(rule: &VerdictRule, plays: &[Play], quarantines: &[Quarantine]) -> Judgement {
    let standings: Vec<Standing> =
        plays.iter().map(|play| Standing::of(play, quarantines)).collect();
    Judgement::of(rule, &standings)
}

#[test]
fn the_table_has_every_kind_of_the_schema() {
    let schema = std::fs::read_to_string("schema/events.schema.json").expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let wanted = &schema["$defs"]["mismatch"]["properties"]["kind"]["enum"];
    let wanted: BTreeSet<&str> =
        wanted.as_array().expect("kinds").iter().filter_map(Value::as_str).collect();
    let kinds = kinds();
    let here: BTreeSet<&str> = kinds.iter().filter_map(|(_, kind)| kind["kind"].as_str()).collect();
    assert_eq!(here, wanted);
}

#[test]
fn several_plays_forgive_chance_and_nothing_else() {
    let two_of_three = VerdictRule { plays: 3, pass: 2, ..VerdictRule::ONCE };
    for (excuse, kind) in kinds() {
        let plays = [play(std::slice::from_ref(&kind)), play(&[]), play(&[])];
        let expected = match excuse {
            Excuse::Chance | Excuse::QuarantineAlone => Verdict::Passed,
            Excuse::Nothing => Verdict::Failed,
        };
        assert_eq!(verdict(&two_of_three, &plays, &[]), Judgement::Certain(expected), "{kind}");
        let at_once = verdict(&two_of_three, &plays[..1], &[]);
        assert_eq!(
            at_once == Judgement::Certain(Verdict::Failed),
            excuse == Excuse::Nothing,
            "{kind}"
        );
    }
}

#[test]
fn only_what_is_chance_is_confirmed() {
    let confirmed = VerdictRule { confirm_failures: 2, ..VerdictRule::ONCE };
    for (excuse, kind) in kinds() {
        let failed = play(std::slice::from_ref(&kind));
        let first = verdict(&confirmed, std::slice::from_ref(&failed), &[]);
        let expected = match excuse {
            Excuse::Chance => Judgement::Confirm,
            Excuse::QuarantineAlone | Excuse::Nothing => Judgement::Certain(Verdict::Failed),
        };
        assert_eq!(first, expected, "{kind}");
        // What comes while a failure is confirmed counts as anywhere else.
        let other = play(&[json!({ "kind": "contains", "expected": "a" })]);
        let then = verdict(&confirmed, &[other, failed], &[]);
        let expected = match excuse {
            Excuse::Chance | Excuse::QuarantineAlone => Judgement::Confirm,
            Excuse::Nothing => Judgement::Certain(Verdict::Failed),
        };
        assert_eq!(then, expected, "{kind}");
    }
}

#[test]
fn a_quarantine_covers_what_can_be_forgiven_in_its_turn() {
    for (excuse, kind) in kinds() {
        let plays = [play(std::slice::from_ref(&kind))];
        let of = |turn| verdict(&VerdictRule::ONCE, &plays, &[quarantine(turn)]);
        let expected = match excuse {
            Excuse::Chance | Excuse::QuarantineAlone => Verdict::Quarantined,
            Excuse::Nothing => Verdict::Failed,
        };
        assert_eq!(of(None), Judgement::Certain(expected), "{kind}");
        assert_eq!(of(Some(1)), Judgement::Certain(expected), "{kind}");
        assert_eq!(of(Some(2)), Judgement::Certain(Verdict::Failed), "{kind} in another turn");
    }
}

#[test]
fn one_thing_that_cannot_be_forgiven_outweighs_all_that_can() {
    let kinds = kinds();
    let forgivable = kinds.iter().filter(|(excuse, _)| *excuse == Excuse::Chance);
    let all: Vec<Value> = forgivable.map(|(_, kind)| kind.clone()).collect();
    assert_eq!(Standing::of(&play(&all), &[]), Standing::Forgivable);
    for (_, kind) in kinds.iter().filter(|(excuse, _)| *excuse == Excuse::Nothing) {
        let mut all = all.clone();
        all.push(kind.clone());
        assert_eq!(
            Standing::of(&play(&all), &[quarantine(None)]),
            Standing::Unforgivable,
            "{kind}"
        );
    }
}

#[test]
fn a_turn_that_was_not_reached_is_forgiven_only_where_a_capture_failed() {
    let unplayed = json!([{ "turn": 2, "user": "next", "line": 3 }]);
    let play = |not_captured: Option<&str>, mismatches: &[Value]| {
        let mut play = serde_json::to_value(play(mismatches)).expect("JSON");
        play["not_reached"] = unplayed.clone();
        play["verdict"] = json!("failed");
        if let Some(name) = not_captured {
            play["not_captured"] = json!(name);
        }
        let play: Play = serde_json::from_value(play).expect("a play");
        assert_eq!(play.verdict, PlayVerdict::Failed);
        play
    };
    let missed = json!({ "kind": "matches", "pattern": "(?P<reference>BK-[0-9]+)" });
    assert_eq!(
        Standing::of(&play(Some("reference"), std::slice::from_ref(&missed)), &[]),
        Standing::Forgivable
    );
    assert_eq!(Standing::of(&play(Some("reference"), &[]), &[]), Standing::Forgivable);
    assert_eq!(
        Standing::of(&play(None, std::slice::from_ref(&missed)), &[]),
        Standing::Unforgivable
    );
    let silence = json!({ "kind": "empty_answer" });
    let both = play(Some("reference"), &[missed, silence]);
    assert_eq!(Standing::of(&both, &[]), Standing::Unforgivable);
}
