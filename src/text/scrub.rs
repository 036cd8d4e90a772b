//! Keeping credentials out of whatever is written.

use std::borrow::Cow;

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
    secrets: Vec<SecretString>,
}

impl Scrubber {
    /// Looks for these.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets = secrets.into_iter().filter(|one| one.expose_secret().len() >= SHORTEST);
        Self { secrets: secrets.cloned().collect() }
    }

    /// Looks for what `other` looks for as well.
    pub fn extend(&mut self, other: &Self) {
        self.secrets.extend(other.secrets.iter().cloned());
    }

    /// The text without any credential.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            if text.contains(secret.expose_secret()) {
                text = Cow::Owned(text.replace(secret.expose_secret(), SCRUBBED));
            }
        }
        text
    }
}
