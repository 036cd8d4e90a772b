//! Keeping credentials that were written into a file by mistake out of messages.

use std::sync::LazyLock;

use regex::Regex;

/// A key that sounds like a credential, and the value that follows it.
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let key = r"(?i)([\w.-]*(?:key|token|secret|password|passwd|auth|credential|bearer)[\w.-]*)";
    Regex::new(&format!(r#"{key}["']?\s*[:=]\s*["']?([^"',\s}}]+)"#)).ok()
});

/// An address with a password in it.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"://[^/\s@]+@").ok());

/// Whether a line of a file may hold a credential, so that no excerpt of it is shown.
///
/// The name of an environment variable, which is what belongs there, is none.
#[must_use]
pub fn may_hold(line: &str) -> bool {
    let is_credential =
        |key: &str, value: &str| !(key.ends_with("_env") && is_variable_name(value));
    let assigned = ASSIGNMENT.as_ref().is_some_and(|regex| {
        regex.captures_iter(line).any(|found| is_credential(&found[1], &found[2]))
    });
    assigned || ADDRESS.as_ref().is_some_and(|regex| regex.is_match(line))
}

/// Whether a key of a file sounds as if its value were a credential.
#[must_use]
pub fn is_credential_key(key: &str) -> bool {
    !key.contains(' ') && may_hold(&format!("{key}=value"))
}

/// Whether this can be the name of an environment variable that holds a credential: capitals,
/// digits and `_`.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    text.len() <= 100
        && crate::text::template::is_name(text)
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_credentials_are_known_and_names_of_variables_are_not() {
        for line in [
            r#"api_key = "abc""#,
            "connector_token: abc",
            r#"sandbox = { region = "us-1", "X-API-KEY" = "abc" }"#,
            r#"api_key_env = "sk-live-123", regoin = "x""#,
            r#"base_url = "https://user:secret@example.com""#,
            "api_key = abc",
        ] {
            assert!(may_hold(line), "{line}");
        }
        for line in [
            r#"api_key_env = "POLYAI_API_KEY""#,
            r#"sandbox = { api_key_env = "A_KEY", token_env = "A_TOKEN" }"#,
            "- user: What is the key?",
            r#"base_url = "https://example.com/a@b""#,
        ] {
            assert!(!may_hold(line), "{line}");
        }
    }
}
