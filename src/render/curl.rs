//! The command that repeats one request, for the platform's support.

use crate::{
    backend::{Auth, Request},
    text::{json::escape_unsafe, layout::shell_word},
};

/// The words of a `curl` command that repeats a request, one element a line; `None` where nothing
/// answers after the run. Credentials stand in it as variables of the shell.
#[must_use]
pub fn curl(request: &Request, auth: &[Auth]) -> Option<Vec<String>> {
    let url = request.url.as_ref().filter(|_| !auth.is_empty())?;
    // `##[…` would be taken for a command of a CI system, and be written as something else.
    let json = escape_unsafe(request.body.as_str()).replace("##", "#\\u0023");
    let mut words = vec![format!("curl -X POST {}", shell_word(url))];
    words.extend(auth.iter().map(|one| format!("-H \"{}: ${}\"", one.header, one.variable)));
    words.push("-H 'Content-Type: application/json'".to_owned());
    words.push(format!("--data-raw {}", shell_word(&json)));
    Some(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::backend::JsonText;

    #[test]
    fn a_hostile_message_stays_within_its_quotes() {
        let request = Request {
            url: Some("https://api.example/v1/a/p/chat/respond".into()),
            body: JsonText::of(&json!({ "message": "it's $(rm) \u{202e}" })),
        };
        let auth = [("X-API-KEY", "KEY"), ("X-TOKEN", "TOKEN")]
            .map(|(header, variable)| Auth { header: header.into(), variable: variable.into() });
        assert_eq!(
            curl(&request, &auth).expect("it can be repeated").join(" "),
            "curl -X POST https://api.example/v1/a/p/chat/respond -H \"X-API-KEY: $KEY\" \
             -H \"X-TOKEN: $TOKEN\" -H 'Content-Type: application/json' \
             --data-raw '{\"message\":\"it'\\''s $(rm) \\u202e\"}'"
        );
    }
}
