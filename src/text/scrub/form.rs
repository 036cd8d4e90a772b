//! The forms of a credential that are looked for.

use secrecy::{ExposeSecret, SecretString};

use super::reading::{LEADS, readings};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a credential looks like, escapes aside.
#[derive(Clone, Debug)]
pub enum Form {
    /// As it is.
    Plain(SecretString),
    /// What is certain of its base64 somewhere within a longer text.
    Base64(SecretString),
}

/// Every form of a credential.
pub fn forms(secret: &str) -> Vec<Form> {
    let mut forms = vec![Form::Plain(secret.into())];
    for alignment in 0..3 {
        forms.push(Form::Base64(base64(secret.as_bytes(), alignment).into()));
    }
    forms
}

/// The characters of the base64 of a text that depend on these bytes alone, which stand behind
/// so many others in their group of three.
fn base64(bytes: &[u8], behind: usize) -> String {
    let bits = |index: usize| {
        let bit = |at: usize| {
            let byte =
                at.checked_sub(behind * 8).and_then(|at| Some(bytes.get(at / 8)? >> (7 - at % 8)));
            usize::from(byte.unwrap_or_default() & 1)
        };
        (index * 6..index * 6 + 6).fold(0, |bits, at| bits << 1 | bit(at))
    };
    let whole = (behind * 8).div_ceil(6)..(behind + bytes.len()) * 8 / 6;
    whole.map(|index| char::from(ALPHABET[bits(index)])).collect()
}

/// Whether a byte stands for nothing but itself.
pub fn is_plain(byte: u8) -> bool {
    !LEADS.contains(&byte) && !byte.is_ascii_control()
}

impl Form {
    /// How long it is when nothing of it is escaped.
    pub fn len(&self) -> usize {
        self.text().len()
    }

    /// The bytes that its character at an index may be written as, escapes aside.
    pub fn accepted(&self, index: usize) -> impl Iterator<Item = u8> {
        let wanted = self.text().get(index).copied();
        let alike = match (self, wanted) {
            (Self::Base64(_), Some(b'+')) => Some(b'-'),
            (Self::Base64(_), Some(b'/')) => Some(b'_'),
            _ => None,
        };
        wanted.into_iter().chain(alike)
    }

    /// Whether it is the same as another.
    pub fn is(&self, other: &Self) -> bool {
        self.text() == other.text()
    }

    /// How much of the beginning of a text is this.
    pub fn found(&self, text: &[u8]) -> Option<usize> {
        // Plain characters can be read in one way alone, which most often ends soon.
        let mut plain = 0;
        for (byte, wanted) in text.iter().zip(self.text()).take_while(|(byte, _)| is_plain(**byte))
        {
            if !self.accepts(*byte, *wanted) {
                return None;
            }
            plain += 1;
        }
        let mut ends = vec![plain];
        for wanted in self.text().iter().skip(plain) {
            ends = self.further(text, ends, *wanted);
            if ends.is_empty() {
                return None;
            }
        }
        ends.into_iter().max()
    }

    /// Where a text can be after one more character.
    fn further(&self, text: &[u8], mut from: Vec<usize>, wanted: u8) -> Vec<usize> {
        let mut ends = Vec::new();
        while let Some(at) = from.pop() {
            for (byte, length) in readings(text.get(at..).unwrap_or_default()) {
                if self.accepts(byte, wanted) {
                    ends.push(at + length);
                } else if at > 0 && self.passes_over(byte) {
                    from.push(at + length);
                }
            }
        }
        ends.sort_unstable();
        ends.dedup();
        ends
    }

    fn accepts(&self, byte: u8, wanted: u8) -> bool {
        match (self, byte) {
            (Self::Base64(_), b'-') => wanted == b'+',
            (Self::Base64(_), b'_') => wanted == b'/',
            _ => byte == wanted,
        }
    }

    /// Long base64 is broken into lines.
    fn passes_over(&self, byte: u8) -> bool {
        matches!((self, byte), (Self::Base64(_), b'\n' | b'\r'))
    }

    fn text(&self) -> &[u8] {
        let (Self::Plain(text) | Self::Base64(text)) = self;
        text.expose_secret().as_bytes()
    }
}
