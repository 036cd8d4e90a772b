//! What a piece of text may stand for: a character as it is, or as an address, markup, JSON or a
//! shell escapes it, also where one of them has escaped what another one wrote.

/// How often what was escaped may have been escaped again.
const DEEPEST: usize = 4;

/// The characters that begin an escape.
pub const LEADS: &[u8] = b"%&\\+'";

/// The names that HTML has for characters that a credential may hold.
const NAMED: &[(&str, u8)] = &[
    ("amp", b'&'),
    ("apos", b'\''),
    ("ast", b'*'),
    ("bsol", b'\\'),
    ("colon", b':'),
    ("comma", b','),
    ("commat", b'@'),
    ("dollar", b'$'),
    ("equals", b'='),
    ("excl", b'!'),
    ("gt", b'>'),
    ("lowbar", b'_'),
    ("lpar", b'('),
    ("lsqb", b'['),
    ("lt", b'<'),
    ("num", b'#'),
    ("percnt", b'%'),
    ("period", b'.'),
    ("plus", b'+'),
    ("quest", b'?'),
    ("quot", b'"'),
    ("rpar", b')'),
    ("rsqb", b']'),
    ("semi", b';'),
    ("sol", b'/'),
    ("verbar", b'|'),
];

/// What the beginning of a text may stand for: each byte with the length of its writing. The first
/// is the byte itself.
pub fn readings(text: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let first = text.first().map(|byte| (*byte, 1));
    let further = move |(byte, length): &(u8, usize)| {
        let (next, more) = unescaped(*byte, text.get(*length..)?)?;
        Some((next, length + more))
    };
    std::iter::successors(first, further).take(DEEPEST + 1)
}

/// What `lead` and the beginning of `rest` stand for together, and how much of `rest` that is.
fn unescaped(lead: u8, rest: &[u8]) -> Option<(u8, usize)> {
    match lead {
        b'%' => Some((hexadecimal(rest.get(..2)?)?, 2)),
        b'&' => entity(rest),
        b'\\' => backslash(rest),
        // A form writes a space like this.
        b'+' => Some((b' ', 0)),
        // How a shell escapes a quote inside single quotes.
        b'\'' => rest.starts_with(b"\\''").then_some((b'\'', 3)),
        _ => None,
    }
}

fn entity(rest: &[u8]) -> Option<(u8, usize)> {
    let (byte, length) = match rest {
        [b'#', b'x' | b'X', digits @ ..] => {
            let length = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            (hexadecimal(&digits[..length])?, length + 2)
        }
        [b'#', digits @ ..] => {
            let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (number(&digits[..length], 10)?, length + 1)
        }
        _ => {
            let named = |(name, _): &&(&str, u8)| rest.starts_with(name.as_bytes());
            let (name, byte) = NAMED.iter().filter(named).max_by_key(|(name, _)| name.len())?;
            // Without a semicolon this is text.
            let ends = rest.get(name.len()) == Some(&b';');
            return ends.then_some((*byte, name.len() + 1));
        }
    };
    Some((byte, length + usize::from(rest.get(length) == Some(&b';'))))
}

fn backslash(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'u', b'0', b'0', digits @ ..] => Some((hexadecimal(digits.get(..2)?)?, 5)),
        [b'x', digits @ ..] => Some((hexadecimal(digits.get(..2)?)?, 3)),
        [b'n', ..] => Some((b'\n', 1)),
        [b'r', ..] => Some((b'\r', 1)),
        [byte, ..] if byte.is_ascii_punctuation() || *byte == b' ' => Some((*byte, 1)),
        _ => None,
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    number(digits, 16)
}

/// A number of at least one digit that is a byte.
fn number(digits: &[u8], radix: u32) -> Option<u8> {
    // The standard library would take a sign for a part of the number.
    let all = digits.iter().all(u8::is_ascii_alphanumeric);
    let text = std::str::from_utf8(digits).ok().filter(|_| all)?;
    u8::from_str_radix(text, radix).ok()
}
