//! Keeping credentials out of whatever is written.

use std::borrow::Cow;

use memchr::memmem;
use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a credential.
const SCRUBBED: &str = "[credential]";

/// Credentials shorter than this are not looked for: they would be found in ordinary words.
const SHORTEST: usize = 8;

/// Knows the credentials of a run, and takes them out of texts.
///
/// The client takes them out of every answer; whatever is written passes here once more.
///
/// ```
/// use rehearsal::text::Scrubber;
///
/// let scrubber = Scrubber::new([&"sk-fake-123".to_owned().into()]);
/// assert_eq!(scrubber.scrub("the key is sk-fake-123!"), "the key is [credential]!");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    /// In every form in which they may be written, the longest first.
    secrets: Vec<SecretString>,
}

impl Scrubber {
    /// Looks for these.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets = secrets.into_iter().map(ExposeSecret::expose_secret);
        let secrets = secrets.filter(|one| one.len() >= SHORTEST).flat_map(written);
        let mut scrubber = Self { secrets: secrets.map(SecretString::from).collect() };
        scrubber.sort();
        scrubber
    }

    /// Looks for what `other` looks for as well.
    pub fn extend(&mut self, other: &Self) {
        self.secrets.extend(other.secrets.iter().cloned());
        self.sort();
    }

    /// The longest first: one may begin with another.
    fn sort(&mut self) {
        self.secrets.sort_by_key(|one| std::cmp::Reverse(one.expose_secret().len()));
        self.secrets.dedup_by(|a, b| a.expose_secret() == b.expose_secret());
    }

    /// The text without any credential.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            if memmem::find(text.as_bytes(), secret.as_bytes()).is_some() {
                text = Cow::Owned(text.replace(secret, SCRUBBED));
            }
        }
        text
    }
}

/// The forms in which a credential may be written: as it is, and as JSON, HTML, XML and a shell
/// escape it.
fn written(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    let json = serde_json::to_string(secret).unwrap_or_default();
    let escaped = json.trim_matches('"').to_owned();
    forms.push(escaped.replace('/', "\\/"));
    forms.push(escaped);
    let markup = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let markup = markup.replace('"', "&quot;");
    forms.push(markup.replace('\'', "&#39;"));
    forms.push(markup.replace('\'', "&apos;"));
    forms.push(secret.replace('\'', "'\\''"));
    forms.retain(|form| !form.is_empty());
    forms.sort();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(secrets: &[&str], text: &str) -> String {
        let secrets: Vec<SecretString> = secrets.iter().map(|one| (*one).into()).collect();
        Scrubber::new(&secrets).scrub(text).into_owned()
    }

    #[test]
    fn a_credential_is_found_as_json_writes_it() {
        assert_eq!(scrub(&["sk/live+abc=="], r"key sk\/live+abc== end"), "key [credential] end");
        assert_eq!(
            scrub(&[r#"se"cret\key"#], r#"{"k":"se\"cret\\key"}"#),
            r#"{"k":"[credential]"}"#
        );
    }

    #[test]
    fn a_credential_is_found_as_markup_and_a_shell_write_it() {
        let secret = "tok&en<12>'34\"56";
        for written in [
            "a tok&amp;en&lt;12&gt;&#39;34&quot;56 b",
            "a tok&amp;en&lt;12&gt;&apos;34&quot;56 b",
            r#"a tok&en<12>'\''34"56 b"#,
        ] {
            assert_eq!(scrub(&[secret], written), "a [credential] b");
        }
    }

    #[test]
    fn a_credential_that_begins_with_another_is_taken_out_whole() {
        assert_eq!(scrub(&["abcdefgh", "abcdefghijk"], "x abcdefghijk y"), "x [credential] y");
    }
}
