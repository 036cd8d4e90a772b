//! The words that differ between two texts.

use std::{borrow::Cow, time::Duration};

use similar::{ChangeTag, TextDiff};

use super::{layout::brief, printable::is_unsafe};

/// How long a comparison may take; after that it is less fine.
pub const TIME_LIMIT: Duration = Duration::from_millis(300);

/// How much of a text is compared and shown, in bytes.
const MOST_COMPARED: usize = 16 << 10;

/// Which share of the shorter text must be common for a comparison by words to say anything.
const LEAST_COMMON: f64 = 0.25;

/// Where some words stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// They stand in both texts.
    Kept,
    /// They stood in the old text.
    Removed,
    /// They stand in the new text.
    Added,
}

/// Words that stand together, with where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where they stand.
    pub mark: Mark,
    /// The text, with what does not show written as an escape.
    pub text: String,
}

/// The difference between two untrusted texts, word by word. Where they have next to nothing in
/// common, the old text stands before the new one, each as a whole.
///
/// ```
/// use rehearsal::text::word_diff::{Mark, word_diff};
///
/// let chunks = word_diff("We open at one.", "We open at noon.");
/// let marks: Vec<_> = chunks.iter().map(|chunk| (chunk.mark, chunk.text.as_str())).collect();
/// assert_eq!(
///     marks,
///     [(Mark::Kept, "We open at "), (Mark::Removed, "one"), (Mark::Added, "noon"), (Mark::Kept, ".")]
/// );
/// ```
#[must_use]
pub fn word_diff(old: &str, new: &str) -> Vec<Chunk> {
    let is_cut = old.len().max(new.len()) > MOST_COMPARED;
    let (old, new) = (visible(first(old)), visible(first(new)));
    let (old_words, new_words) = (words(&old), words(&new));
    let diff = TextDiff::configure().timeout(TIME_LIMIT).diff_slices(&old_words, &new_words);
    let mut chunks = Chunks::default();
    for change in diff.iter_all_changes() {
        let mark = match change.tag() {
            ChangeTag::Equal => Mark::Kept,
            ChangeTag::Delete => Mark::Removed,
            ChangeTag::Insert => Mark::Added,
        };
        chunks.push(mark, change.value());
    }
    let mut chunks = chunks.finish();
    if common(&chunks) < LEAST_COMMON * letters(&old).min(letters(&new)) as f64 {
        chunks = whole(&old, &new);
    }
    if is_cut {
        chunks.push(Chunk { mark: Mark::Kept, text: "\n… (the rest is not shown)".to_owned() });
    }
    chunks
}

/// Untrusted text with control characters and what changes the order of reading as escapes.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| is_unsafe(c) && c != '\t';
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.replace("\r\n", "\n").chars() {
        if is_hidden(c) { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Words, runs of spaces, and other characters one by one. What joins two letters or digits, as in
/// `don't` and `7:30`, is part of their word.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            c if c.is_alphanumeric() => word_end(rest),
            c if c.is_whitespace() => rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

/// Where a word ends that a text begins with.
fn word_end(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let mut is_joint = || {
            "'\u{2019}-.,:@_".contains(c)
                && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric())
        };
        if !c.is_alphanumeric() && !is_joint() {
            return at;
        }
    }
    text.len()
}

/// The text that is most like `actual`; nothing where there is none.
#[must_use]
pub fn nearest<'a>(texts: &'a [String], actual: &str) -> &'a str {
    match texts {
        [only] => only,
        _ => {
            let likeness = |text: &str| {
                let start = |text: &str| text.chars().take(400).collect::<String>();
                TextDiff::from_words(&start(text), &start(actual)).ratio()
            };
            let nearest = texts.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            nearest.map_or("", String::as_str)
        }
    }
}

/// The first words that differ between two texts, in a few words: `“noon” instead of “one”`.
#[must_use]
pub fn first_change(old: &str, new: &str) -> String {
    let chunks = word_diff(old, new);
    let mut changed = chunks.iter().skip_while(|chunk| chunk.mark == Mark::Kept);
    let quoted = |chunk: &Chunk| format!("“{}”", brief(&chunk.text, 40));
    match (changed.next(), changed.next()) {
        (Some(old), Some(new)) if (old.mark, new.mark) == (Mark::Removed, Mark::Added) => {
            format!("{} instead of {}", quoted(new), quoted(old))
        }
        (Some(one), _) if one.mark == Mark::Removed => format!("without {}", quoted(one)),
        (Some(one), _) => format!("with {}", quoted(one)),
        (None, _) => "it differs where nothing shows".to_owned(),
    }
}

fn first(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_COMPARED)]
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn common(chunks: &[Chunk]) -> f64 {
    let kept = chunks.iter().filter(|chunk| chunk.mark == Mark::Kept);
    kept.map(|chunk| letters(&chunk.text)).sum::<usize>() as f64
}

fn whole(old: &str, new: &str) -> Vec<Chunk> {
    let chunk = |mark, text: &str| Chunk { mark, text: text.to_owned() };
    let both = [chunk(Mark::Removed, old), chunk(Mark::Added, new)];
    both.into_iter().filter(|chunk| !chunk.text.is_empty()).collect()
}

/// Chunks as they are put together: what is removed stands before what is added in its place, and
/// spaces between words that differ do not part them.
#[derive(Default)]
struct Chunks {
    done: Vec<Chunk>,
    removed: String,
    added: String,
    /// Spaces that stand in both texts, after words that differ.
    spaces: String,
}

impl Chunks {
    fn push(&mut self, mark: Mark, text: &str) {
        let is_between = mark == Mark::Kept
            && !(self.removed.is_empty() && self.added.is_empty())
            && text.trim().is_empty()
            && !text.contains('\n');
        match mark {
            Mark::Kept if is_between => self.spaces.push_str(text),
            Mark::Kept => {
                self.flush();
                self.keep(text);
            }
            Mark::Removed | Mark::Added => {
                let spaces = std::mem::take(&mut self.spaces);
                self.removed.push_str(&spaces);
                self.added.push_str(&spaces);
                let side = if mark == Mark::Removed { &mut self.removed } else { &mut self.added };
                side.push_str(text);
            }
        }
    }

    fn flush(&mut self) {
        let (removed, added) = (std::mem::take(&mut self.removed), std::mem::take(&mut self.added));
        for (mark, text) in [(Mark::Removed, removed), (Mark::Added, added)] {
            if !text.is_empty() {
                self.done.push(Chunk { mark, text });
            }
        }
        let spaces = std::mem::take(&mut self.spaces);
        self.keep(&spaces);
    }

    fn keep(&mut self, text: &str) {
        match self.done.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.mark == Mark::Kept => last.text.push_str(text),
            _ => self.done.push(Chunk { mark: Mark::Kept, text: text.to_owned() }),
        }
    }

    fn finish(mut self) -> Vec<Chunk> {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(old: &str, new: &str) -> String {
        let chunk = |chunk: Chunk| match chunk.mark {
            Mark::Kept => chunk.text,
            Mark::Removed => format!("[-{}-]", chunk.text),
            Mark::Added => format!("[+{}+]", chunk.text),
        };
        word_diff(old, new).into_iter().map(chunk).collect()
    }

    #[test]
    fn words_that_differ_stand_together() {
        assert_eq!(
            written("We open at half past nine today.", "We open at a quarter to ten today."),
            "We open at [-half past nine-][+a quarter to ten+] today."
        );
        assert_eq!(written("", "Hello"), "[+Hello+]");
        assert_eq!(written("Dogs may come.\nBye.", "Dogs come.\nBye."), "Dogs [-may -]come.\nBye.");
        assert_eq!(
            written("At 7:30 pm, Ana.", "At 8:30 pm, Ben!"),
            "At [-7:30-][+8:30+] pm, [-Ana.-][+Ben!+]"
        );
    }

    #[test]
    fn texts_with_nothing_in_common_stand_one_after_the_other() {
        assert_eq!(
            written("We close the house at one.", "Dogs may come along at last."),
            "[-We close the house at one.-][+Dogs may come along at last.+]"
        );
    }

    #[test]
    fn a_text_beyond_measure_is_cut_and_says_so() {
        let long = "x".repeat(1 << 20);
        let chunks = word_diff("", &long);
        assert_eq!(
            chunks.last().map(|chunk| chunk.text.as_str()),
            Some("\n… (the rest is not shown)")
        );
        assert!(chunks.iter().map(|chunk| chunk.text.len()).sum::<usize>() < 20_000);
    }

    #[test]
    fn what_does_not_show_is_written_out() {
        assert_eq!(written("a", "a \u{202e}b"), "a[+ \\u{202e}b+]");
    }
}
