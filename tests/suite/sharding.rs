//! A run on several machines: every case on exactly one of them, and no machine red for nothing.

use std::collections::BTreeSet;

use crate::common::{Ran, Team};

fn team(conversations: usize) -> Team {
    let team = Team::with_agent("\n  - when: { message: hello }\n    say: Good day.\n");
    for number in 0..conversations {
        let text = "turns: [{ user: hello, expect: { contains: Good day } }]";
        team.write(&format!("conversations/area-{}/case-{number}.yaml", number % 3), text);
    }
    team
}

/// The names in the output of `list`.
fn listed(ran: &Ran) -> Vec<String> {
    let lines = ran.stdout.lines().take_while(|line| !line.is_empty());
    lines.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

#[test]
fn the_shards_of_a_run_hold_every_case_once() {
    let team = team(30);
    let all: Vec<String> = listed(&team.run(&["list"]).expect(0));
    let mut seen = Vec::new();
    for shard in ["1/4", "2/4", "3/4", "4/4"] {
        let ran = team.run(&["list", "--shard", shard]).expect(0);
        assert_eq!(listed(&ran), listed(&team.run(&["list", "--shard", shard]).expect(0)));
        seen.extend(listed(&ran));
    }
    assert_eq!(seen.len(), all.len());
    assert_eq!(seen.iter().collect::<BTreeSet<_>>(), all.iter().collect());

    let played = team.run(&["run", "--shard", "2/4"]).expect(0);
    let names = listed(&team.run(&["list", "--shard", "2/4"]).expect(0));
    assert!(names.iter().all(|name| played.stdout.contains(&format!("ok {name} "))));
    assert!(played.stdout.contains(&format!("{} passed", names.len())), "{}", played.all());
}

#[test]
fn durations_of_an_earlier_run_make_shards_alike() {
    let team = team(9);
    let line = |case: usize, milliseconds: usize| {
        format!(
            r#"{{"event":"case_finished","case":"area-{}/case-{case}@downtown","plays":[{{"duration_ms":{milliseconds}}}]}}"#,
            case % 3
        )
    };
    let lines: Vec<String> =
        (0..9).map(|case| line(case, if case == 4 { 8_000 } else { 1_000 })).collect();
    team.write("run.jsonl", &format!("{{\"event\":\"run_started\"}}\n{}\n", lines.join("\n")));
    let list = |shard: &str| {
        listed(&team.run(&["list", "--shard", shard, "--durations", "run.jsonl"]).expect(0))
    };
    let (first, second) = (list("1/2"), list("2/2"));
    assert_eq!(first, ["area-1/case-4@downtown"], "the long one fills a shard alone");
    assert_eq!(second.len(), 8);

    let real = team.run(&["run", "--json", "real.jsonl"]).expect(0);
    assert!(real.stdout.contains("9 passed"));
    for shard in ["1/2", "2/2"] {
        team.run(&["run", "--shard", shard, "--durations", "real.jsonl"]).expect(0);
    }
}

#[test]
fn a_shard_that_holds_nothing_says_so_and_is_green() {
    let team = team(1);
    let mut empty = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let ran = team.run(&["run", "--json", "events.jsonl", "--shard", shard]).expect(0);
        let status = r#""exit_status":0"#;
        assert!(team.read("events.jsonl").contains(status), "{}", team.read("events.jsonl"));
        if !ran.stdout.contains("1 passed") {
            empty += 1;
            let says =
                format!("nothing to play in shard {shard}: the 1 selected case is in others");
            assert!(ran.stderr.contains(&says), "{}", ran.all());
        }
        team.run(&["list", "--shard", shard]).expect(0);
    }
    assert_eq!(empty, 2);
}

#[test]
fn a_shard_is_red_where_nothing_is_selected_or_everything_is_skipped() {
    let team = team(1);
    team.run(&["run", "--shard", "1/1", "nowhere"]).expect(2);
    team.write("conversations/area-0/case-0.yaml", "skip: Later\nturns: [{ user: hello }]");
    for shard in ["1/2", "2/2"] {
        team.run(&["run", "--shard", shard]).expect(2);
    }
}

#[test]
fn wrong_shards_and_durations_say_what_to_write() {
    let team = team(2);
    let ran = team.run(&["run", "--shard", "0/3"]).expect(2);
    assert!(ran.stderr.contains("write K/N, such as 2/5"), "{}", ran.all());
    team.run(&["run", "--durations", "run.jsonl"]).expect(2);
    let ran = team.run(&["run", "--shard", "1/2", "--durations", "run.jsonl"]).expect(2);
    assert!(ran.words().contains("--durations run.jsonl: cannot read it"), "{}", ran.all());
    team.write("run.jsonl", "{}\nnot json\n");
    let ran = team.run(&["run", "--shard", "1/2", "--durations", "run.jsonl"]).expect(2);
    assert!(ran.words().contains("line 2 is not JSON"), "{}", ran.all());
    team.write("run.jsonl", "{\"event\":\"run_started\"}\n");
    let ran = team.run(&["run", "--shard", "1/2", "--durations", "run.jsonl"]).expect(2);
    assert!(ran.words().contains("it has no finished case"), "{}", ran.all());
}
