//! What PolyAI's support needs to look at one request: the command that repeats it.

use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;

use crate::{
    chat::{Operation, SEGMENT},
    config::region::studio,
    text::{layout::shell_word, printable::is_unsafe},
};

/// Where a case's requests went, and the variables that hold what they were signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address of `create`.
    pub create: String,
    /// The address of `respond`.
    pub respond: String,
    /// The name of the variable with the API key.
    pub api_key_env: String,
    /// The name of the variable with the connector's token.
    pub token_env: String,
    /// The page of the project's conversations in Agent Studio, where PolyAI hosts it.
    pub conversations: Option<String>,
}

impl Endpoint {
    /// The page of a conversation in Agent Studio.
    #[must_use]
    pub fn conversation_url(&self, conversation_id: &str) -> Option<String> {
        // An address that ends with dots leads to another page.
        if matches!(conversation_id, "" | "." | "..") {
            return None;
        }
        let page = self.conversations.as_ref()?;
        Some(format!("{page}/{}", utf8_percent_encode(conversation_id, SEGMENT)))
    }
}

/// The page of a project's conversations in Agent Studio; `None` for a host that is not PolyAI's.
#[must_use]
pub fn conversations_page(base_url: &str, account_id: &str, project_id: &str) -> Option<String> {
    let segment = |text| utf8_percent_encode(text, SEGMENT);
    let (studio, account, project) = (studio(base_url)?, segment(account_id), segment(project_id));
    Some(format!("{studio}/{account}/{project}/conversations"))
}

/// The words of a `curl` command that repeats a request, a line of the command each. Credentials
/// stand in it as variables of the shell.
#[must_use]
pub fn curl(endpoint: &Endpoint, operation: Operation, body: &[u8]) -> Vec<String> {
    let url = if operation == Operation::Create { &endpoint.create } else { &endpoint.respond };
    // `##[…` would be taken for a command of a CI system, and be written as something else.
    let json = escape_unsafe(&String::from_utf8_lossy(body)).replace("##", "#\\u0023");
    vec![
        format!("curl -X {} {}", operation.method(), shell_word(url)),
        format!("-H \"X-API-KEY: ${}\"", endpoint.api_key_env),
        format!("-H \"X-TOKEN: ${}\"", endpoint.token_env),
        "-H 'Content-Type: application/json'".to_owned(),
        format!("--data-raw {}", shell_word(&json)),
    ]
}

/// Writes what a terminal would act on as `\uXXXX`; outside of texts JSON holds nothing such.
#[must_use]
pub fn escape_unsafe(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_message_stays_within_its_quotes() {
        let endpoint = Endpoint {
            create: "https://api.example/v1/a/p/chat/create".to_owned(),
            respond: "https://api.example/v1/a/p/chat/respond".to_owned(),
            api_key_env: "KEY".to_owned(),
            token_env: "TOKEN".to_owned(),
            conversations: None,
        };
        let body = "{\"message\":\"it's $(rm) \u{202e}\"}";
        assert_eq!(
            curl(&endpoint, Operation::Respond, body.as_bytes()).join(" "),
            "curl -X POST https://api.example/v1/a/p/chat/respond -H \"X-API-KEY: $KEY\" \
             -H \"X-TOKEN: $TOKEN\" -H 'Content-Type: application/json' \
             --data-raw '{\"message\":\"it'\\''s $(rm) \\u202e\"}'"
        );
    }
}
