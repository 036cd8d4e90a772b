//! A team whose agent says whatever breaks a format, if anything does.

use serde_json::json;

use super::{
    Team,
    recorder::{Recorder, reply},
};

/// What breaks a format, if anything does.
pub const HOSTILE: &str = "\u{1b}[31mred\u{1b}]8;;http://x\u{7} ]]> <!-- <script>alert('a')</script> \
    </script><img src=x onerror=\"document.title='owned'\"> &amp; & ' \" `\n```\n::error file=a,line=1::forged\n\
    ##[error]forged %0A\r\n| a | b |\n# Title\n<details>\n@everyone \0 nul \u{8}\u{b}\u{c}\u{9b}2J \u{fffe}\u{ffff}\u{1fffe} \
    \u{202e}rtl\u{2066}\u{200b}\u{2028} \u{e0041} 🦜 {{any}} ${x} \\u0000 ";

/// A run against an agent that says what is hostile, as an accepted, a wrong and a late answer,
/// and as an error.
pub fn team() -> (Team, Recorder) {
    let server = Recorder::start(|request| {
        let said = HOSTILE.repeat(3);
        match (request.operation(), request.body["message"].as_str()) {
            ("respond", Some("break")) => {
                reply(500, json!({ "error_code": said, "error_message": said, "error_id": said }))
            }
            ("respond", Some("hand")) => reply(
                200,
                json!({ "conversation_id": "CONV-1", "response": said, "end_conversation": true,
                    "handoff": { "destination": said, "reason": said } }),
            ),
            _ => reply(200, json!({ "conversation_id": "CONV-1", "response": said })),
        }
    });
    let team = Team::remote(&server.base_url);
    team.write("conversations/equals.yaml", "tags: ['a\"<b>', smoke]\nturns:\n  - user: '<b>one</b> ]]> ::error::x'\n    expect: { equals: \"nothing like <it> ]]>\" }\n  - user: two\n");
    team.write("conversations/hand.yaml", "turns: [{ user: hand }, { user: left }]");
    team.write("conversations/broken.yaml", "turns: [{ user: break }]");
    team.write(
        "conversations/fine.yaml",
        "greeting: { contains: red }\nturns: [{ user: fine, expect: { contains: red } }]",
    );
    team.write(
        "conversations/later.yaml",
        "skip: '<script>alert(1)</script> ]]> ::error::x'\nturns: [{ user: x }]",
    );
    team.write(
        "conversations/späte grüße/a b&c.yaml",
        "turns: [{ user: fine, expect: { contains: red } }]",
    );
    (team, server)
}
