//! What machines read, read by programs that nobody here wrote, whatever an agent says.

use std::fs;

use crate::common::{Ran, Team, foreign, hostile, verdicts};
use serde_json::{Value, json};

#[test]
#[ignore = "needs python3 with jsonschema"]
fn json_lines_are_valid_by_their_schema() {
    let mut events: Vec<Value> = Vec::new();
    for (team, _server) in [hostile::team(), verdicts::team("fail"), verdicts::team("warn")] {
        team.run(&["run", "--json", "run.jsonl"]).expect(1);
        let lines = team.read("run.jsonl");
        events.extend(lines.lines().map(|line| serde_json::from_str(line).expect("JSON")));
    }
    let is_told = |verdict: &str| events.iter().any(|event| event["verdict"] == verdict);
    for verdict in ["passed", "failed", "flaky", "quarantined", "errored", "skipped"] {
        assert!(is_told(verdict), "{verdict}");
    }
    // A field that nobody documented is a mistake here, though no reader may mind it.
    let mut schema: Value =
        serde_json::from_str(&fs::read_to_string("schema/events.schema.json").expect("the schema"))
            .expect("JSON");
    for part in schema["$defs"].as_object_mut().expect("its parts").values_mut() {
        part["additionalProperties"] = json!(false);
    }
    let script = "import json, sys, jsonschema\n\
        schema, events = json.load(sys.stdin)\n\
        jsonschema.Draft202012Validator.check_schema(schema)\n\
        validator = jsonschema.Draft202012Validator(schema)\n\
        broken = dict(events[0], schema_version=9)\n\
        assert not validator.is_valid(broken)\n\
        for event in events: validator.validate(event)\n\
        print(len(events), 'valid')";
    let input = json!([schema, events]).to_string();
    let said = foreign::python("jsonschema", script, &input);
    assert_eq!(said.trim(), format!("{} valid", events.len()));
}

/// The report of a run in which an agent says whatever breaks a format.
fn hostile_junit() -> String {
    let (team, _server) = hostile::team();
    team.run(&["run", "--junit", "junit.xml"]).expect(1);
    team.read("junit.xml")
}

/// The report of a run with every verdict, and every kind of play behind one.
fn junit_of_every_verdict() -> String {
    let (team, _server) = verdicts::team("fail");
    team.run(&["run", "--junit", "junit.xml"]).expect(1);
    team.read("junit.xml")
}

#[test]
fn junit_holds_no_character_that_xml_forbids_or_a_reader_would_not_see() {
    let junit = hostile_junit();
    assert!(junit.contains("\\u{1b}[31mred"), "{junit}");
    assert!(!junit.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')), "{junit}");
}

#[test]
#[ignore = "needs python3 with junitparser"]
fn junit_with_hostile_text_is_read_by_other_parsers() {
    let script = "import sys\n\
        from junitparser.xunit2 import JUnitXml\n\
        for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):\n\
        \x20 print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)\n\
        \x20 for case in suite:\n\
        \x20   facts = {one.name: one.value for one in case.properties() or []}\n\
        \x20   kinds = [type(one).__name__ for one in case.result]\n\
        \x20   print(case.classname, case.name, kinds, facts['environment'], facts.get('tags'))\n\
        \x20   print(' ', case._elem.get('file'), case._elem.get('line'))";
    let said = foreign::python("junitparser", script, &hostile_junit());
    insta::assert_snapshot!(said, @r#"
        demo · sandbox 6 2 1 1
        demo broken ['Error'] sandbox None
          conversations/broken.yaml 1
        demo equals ['Failure'] sandbox a"<b>, smoke
          conversations/equals.yaml 4
        demo fine [] sandbox None
          conversations/fine.yaml None
        demo hand ['Failure'] sandbox None
          conversations/hand.yaml 1
        demo later ['Skipped'] sandbox None
          conversations/later.yaml None
        demo.späte grüße späte grüße/a b&c [] sandbox None
          conversations/späte grüße/a b&c.yaml None
        "#);
}

#[test]
#[ignore = "needs python3 with junitparser"]
fn every_play_that_did_not_pass_is_read_by_other_parsers() {
    let script = "import sys\n\
        from junitparser.xunit2 import JUnitXml\n\
        for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):\n\
        \x20 print(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)\n\
        \x20 for case in suite:\n\
        \x20   kinds = [type(one).__name__ for one in case.result]\n\
        \x20   print(case.name, kinds, [one.type for one in case.result])\n\
        \x20   for plays in (case.flaky_failures, case.flaky_errors, case.rerun_failures, case.rerun_errors):\n\
        \x20     for one in plays(): print('  ', plays.__name__, one.message[:40], bool(one.stack_trace))";
    let said = foreign::python("junitparser", script, &junit_of_every_verdict());
    insta::assert_snapshot!(said);
}

#[test]
fn junit_names_the_line_of_the_conversation_from_the_top_of_the_repository() {
    let repository = Team::with_agent("  - { say: Good day. }\n");
    for file in ["rehearsal.toml", "agents/agent.yaml"] {
        repository.write(&format!("bot/{file}"), &repository.read(file));
    }
    repository.write(
        "bot/conversations/a.yaml",
        "turns:\n  - user: hi\n    expect:\n      contains: good\n      not: { contains: never }\n",
    );
    repository
        .write("bot/conversations/b.yaml", "turns: [{ user: hi, expect: { contains: day } }]");
    let mut command = repository.command(&["run", "--junit", "j.xml"]);
    command.env("GITHUB_WORKSPACE", repository.path("")).current_dir(repository.path("bot"));
    Ran::of(command.output().expect("the program runs")).expect(1);
    let junit = repository.read("bot/j.xml");
    assert!(junit.contains(" file=\"bot/conversations/a.yaml\" line=\"4\">"), "{junit}");
    assert!(junit.contains(" file=\"bot/conversations/b.yaml\">"), "{junit}");
}

/// The schema that Jenkins' xUnit plugin goes by. It knows neither properties, file and line of a
/// test case nor a count of skipped ones in the root, which parsers read; those are taken out before.
#[test]
#[ignore = "needs xmllint and the schema of pytest"]
fn junit_is_valid_by_the_published_schema() {
    for junit in [hostile_junit(), junit_of_every_verdict()] {
        is_valid_for_jenkins(&junit);
    }
}

fn is_valid_for_jenkins(junit: &str) {
    let xsd = foreign::file("junit-10.xsd");
    let properties = regex::Regex::new(r"(?s)(<testcase [^>]*>)\s*<properties>.*?</properties>")
        .expect("a regex");
    let plain = properties.replace_all(junit, "$1");
    let place = regex::Regex::new(r#"(<testcase [^>]*?) file="[^"]*"( line="\d+")?"#);
    let plain = place.expect("a regex").replace_all(&plain, "$1");
    assert!(!plain.contains(" file=\"conversations/"), "{plain}");
    let root = regex::Regex::new(r#"(<testsuites [^>]*?) skipped="\d+""#).expect("a regex");
    let plain = root.replace(&plain, "$1");
    assert!(plain.len() < junit.len());
    foreign::program("xmllint", &["--noout", "--schema", &xsd.to_string_lossy(), "-"], &plain);
}
