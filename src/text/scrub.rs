//! Keeping credentials out of whatever is written.

mod form;
mod heads;
mod reading;
mod structured;

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

use self::{
    form::{Form, forms},
    heads::Heads,
};

/// What stands in the place of a credential.
const SCRUBBED: &str = "[credential]";

/// The shortest credential, in bytes: a shorter one would be found in ordinary words.
pub const SHORTEST: usize = 4;

/// Knows the credentials of a run, and takes them out of texts: as they are, as addresses, JSON,
/// markup and shells escape them, and as base64.
///
/// The client takes them out of every answer; whatever is written passes here once more.
///
/// ```
/// use rehearsal::text::Scrubber;
///
/// let scrubber = Scrubber::new([&"sk/fake=123".to_owned().into()]);
/// assert_eq!(scrubber.scrub("the key is sk%2Ffake&#x3D;123!"), "the key is [credential]!");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    /// The longest first: one may begin with another.
    forms: Vec<Form>,
    heads: Heads,
}

impl Scrubber {
    /// Looks for these.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let secrets = secrets.into_iter().map(ExposeSecret::expose_secret);
        let secrets = secrets.filter(|one| one.len() >= SHORTEST);
        let mut scrubber = Self { forms: secrets.flat_map(forms).collect(), ..Self::default() };
        scrubber.sort();
        scrubber
    }

    /// Looks for what `other` looks for as well.
    pub fn extend(&mut self, other: &Self) {
        self.forms.extend(other.forms.iter().cloned());
        self.sort();
    }

    fn sort(&mut self) {
        self.forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let mut known: Vec<Form> = Vec::new();
        for form in self.forms.drain(..) {
            if !known.iter().any(|other| other.is(&form)) {
                known.push(form);
            }
        }
        self.heads = Heads::of(&known);
        self.forms = known;
    }

    /// The text without any credential.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let bytes = text.as_bytes();
        let (mut scrubbed, mut kept, mut at) = (String::new(), 0, 0);
        while let Some(start) = self.heads.next(bytes, at) {
            let Some(length) = self.found(&bytes[start..]) else {
                at = start + 1;
                continue;
            };
            scrubbed.push_str(text.get(kept..start).unwrap_or_default());
            scrubbed.push_str(SCRUBBED);
            (kept, at) = (start + length, start + length);
        }
        if kept == 0 {
            return Cow::Borrowed(text);
        }
        scrubbed.push_str(text.get(kept..).unwrap_or_default());
        Cow::Owned(scrubbed)
    }

    /// How much of the beginning of a text is a credential.
    fn found(&self, text: &[u8]) -> Option<usize> {
        self.forms.iter().find_map(|form| form.found(text))
    }
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

    #[test]
    fn a_credential_is_found_in_every_escape_and_also_where_one_has_escaped_another() {
        let secret = "sk/live+a=&\"b";
        for written in [
            "sk%2Flive%2Ba%3D%26%22b",
            "sk%2flive%2ba%3d%26%22b",
            "sk%252Flive%252Ba%253D%2526%2522b",
            "%73%6B%2F%6C%69%76%65%2B%61%3D%26%22%62",
            "sk&#x2F;live&#x2B;a&#x3D;&amp;&quot;b",
            "sk&#47;live&#43;a&#061;&#38;&#34;b",
            "sk&amp;#x2f;live&amp;#x2b;a&amp;#x3d;&amp;amp;&amp;quot;b",
            "sk&sol;live&plus;a&equals;&amp;&quot;b",
            r#"sk\/live\u002Ba\u003d\u0026\"b"#,
            r#"sk\\/live+a=&\\\"b"#,
            r"sk\u0026#x2F;live+a\u0026#x3D;&\u0022b",
        ] {
            assert_eq!(scrub(&[secret], &format!("a {written} b")), "a [credential] b");
        }
    }

    #[test]
    fn a_credential_is_found_in_the_base64_of_a_longer_text_wherever_it_begins() {
        // Its base64 holds both characters in which the alphabets differ.
        let secret = "sk/live+abc=??>>~~12";
        let mut found = String::new();
        for before in ["", "a", "ab", "abc", "user:", "X-API-KEY: "] {
            for after in ["", "z", "yz", ":tail"] {
                let standard = base64(format!("{before}{secret}{after}").as_bytes());
                let url_safe = standard.replace('+', "-").replace('/', "_");
                let lines = format!("{}\r\n{}", &standard[..12], &standard[12..]);
                for text in [&standard, &url_safe, url_safe.trim_end_matches('='), &lines] {
                    let scrubbed = scrub(&[secret], text);
                    assert!(scrubbed.contains("[credential]"), "{before}|{after}: {text}");
                    // All that is left belongs to its neighbours, but for a few bits.
                    let most = (before.len() + after.len()) * 4 / 3 + 8;
                    assert!(scrubbed.len() <= most + SCRUBBED.len(), "{scrubbed}");
                }
                found += &standard;
            }
        }
        assert!(found.contains('+') && found.contains('/'), "{found}");
    }

    /// As `base64` of coreutils writes it, without its line breaks.
    fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for group in bytes.chunks(3) {
            let word = (0..3)
                .fold(0_usize, |word, at| word << 8 | usize::from(*group.get(at).unwrap_or(&0)));
            for digit in 0..4 {
                let is_there = digit <= group.len();
                let index = word >> (18 - 6 * digit) & 63;
                text.push(if is_there { char::from(DIGITS[index]) } else { '=' });
            }
        }
        text
    }

    #[test]
    fn a_short_credential_is_found_and_leaves_json_and_markup_as_they_were() {
        let scrubber = |secret: &str| Scrubber::new([&SecretString::from(secret)]);
        assert_eq!(scrub(&["1234"], "PIN 1234!"), "PIN [credential]!");
        assert_eq!(scrub(&["123"], "PIN 123!"), "PIN 123!");
        let json = r#"{"case":"a case","ms":1234.5,"said":["1234"]}"#;
        assert_eq!(
            scrubber("1234").scrub_json(json),
            r#"{"case":"a case","ms":1234.5,"said":["[credential]"]}"#
        );
        assert_eq!(
            scrubber("case").scrub_json(json),
            r#"{"case":"a [credential]","ms":1234.5,"said":["1234"]}"#
        );
        let html = r#"<details id="details"><b>details</b></details>"#;
        assert_eq!(
            scrubber("details").scrub_markup(html),
            r#"<details id="[credential]"><b>[credential]</b></details>"#
        );
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "100% sure & so on: a\\b, it's \"here\", &copy; %zz &#; &#xZZ; \\u00 +%";
        assert!(matches!(
            Scrubber::new([&SecretString::from("fake-key-for-tests")]).scrub(text),
            Cow::Borrowed(_)
        ));
    }
}
