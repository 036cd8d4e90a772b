//! What `${names}` stand for per variant: in `rehearsal.toml`, and above it in a conversation.

use crate::common::Team;

/// An agent that repeats what it is asked to say, and attributes of both variants.
fn team() -> Team {
    let team =
        Team::with_agent("  - { when: { message: 'say (?P<it>.*)' }, say: \"You said ${it}.\" }\n");
    let attributes = "[projects.demo.attributes.downtown]\nprice = 12.50\nterrace = true\nphone = \"020\"\n\
                      [projects.demo.attributes.uptown]\nprice = 14.00\nterrace = false\nphone = \" \"\n";
    team.write("rehearsal.toml", &format!("{}{attributes}", team.read("rehearsal.toml")));
    team
}

#[test]
fn an_attribute_of_the_config_holds_in_every_conversation_as_it_is_written() {
    let team = team();
    let conversation = |variants: &str| {
        format!(
            "variants: {variants}\nturns:\n  - user: say ${{price}} ${{terrace}}\n    \
             expect: {{ equals: 'You said ${{price}} ${{terrace}}.' }}\n"
        )
    };
    team.write("conversations/all.yaml", &conversation("all"));
    team.write("conversations/own.yaml", &conversation("{ uptown: { price: a lot } }"));
    let ran = team.run(&["run", "--verbose"]).expect(0);
    for said in ["You said 12.50 true.", "You said 14.00 false.", "You said a lot false."] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.all());
    }
}

#[test]
fn a_conversation_without_variants_has_the_attributes_of_the_default_one() {
    let team = team();
    let turn = "turns:\n  - user: say ${phone}\n    expect: { contains: said 020 }\n";
    team.write("conversations/default.yaml", turn);
    team.run(&["run"]).expect(0);
}

#[test]
fn a_blank_attribute_is_not_set_and_its_name_is_free_for_a_capture() {
    let team = team();
    let turns = "turns:\n  - user: say ${phone}\n    expect: { contains: said }\n";
    team.write("conversations/blank.yaml", &format!("variants: [uptown]\n{turns}"));
    let ran = team.run(&["check"]).expect(2);
    assert!(ran.all().contains("undefined variable `${phone}`"), "{}", ran.all());
    assert!(ran.all().contains("blank for the variant `uptown`"), "{}", ran.all());

    let capture = "turns:\n  - user: say 030\n    expect: { matches: 'said (?P<phone>[0-9]+)' }\n  \
                   - user: say ${phone}\n    expect: { contains: said 030 }\n";
    team.write("conversations/blank.yaml", &format!("variants: [uptown]\n{capture}"));
    team.run(&["run"]).expect(0);
}
