//! How the texts begin that may be a credential.

use std::fmt;

use super::{
    form::{Form, is_plain},
    reading::LEADS,
};

/// The pairs of bytes that a credential may begin with, however it is written.
///
/// Every byte that is written or answered is looked up here, and few pairs are in it: looking at
/// each form of each credential instead took a tenth of a run.
#[derive(Clone)]
pub struct Heads {
    firsts: [bool; 256],
    /// For each first byte the second ones, a bit each; empty where nothing is looked for.
    seconds: Vec<[u64; 4]>,
}

impl Heads {
    /// The beginnings of these.
    pub fn of(forms: &[Form]) -> Self {
        let mut heads = Self::default();
        if forms.is_empty() {
            return heads;
        }
        heads.seconds = vec![[0; 4]; 256];
        // What an escape stands for is not known before it is read.
        LEADS.iter().for_each(|lead| heads.add_all(*lead));
        for form in forms {
            form.accepted(0).for_each(|first| heads.add_form(form, first));
        }
        heads
    }

    fn add_form(&mut self, form: &Form, first: u8) {
        if !is_plain(first) {
            return self.add_all(first);
        }
        form.accepted(1).for_each(|second| self.add(first, second));
        // An escape may follow, or base64 be broken into lines.
        (0..=u8::MAX).filter(|byte| !is_plain(*byte)).for_each(|second| self.add(first, second));
    }

    fn add_all(&mut self, first: u8) {
        (0..=u8::MAX).for_each(|second| self.add(first, second));
    }

    fn add(&mut self, first: u8, second: u8) {
        self.firsts[usize::from(first)] = true;
        self.seconds[usize::from(first)][usize::from(second / 64)] |= 1 << (second % 64);
    }

    /// Where in a text a credential may begin, from `from` on. It has more than one byte.
    pub fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut pairs = text.get(from..)?.windows(2);
        let may_begin = |pair: &[u8]| self.firsts[usize::from(pair[0])] && self.has(pair);
        Some(from + pairs.position(may_begin)?)
    }

    fn has(&self, pair: &[u8]) -> bool {
        let seconds = &self.seconds[usize::from(pair[0])];
        seconds[usize::from(pair[1] / 64)] >> (pair[1] % 64) & 1 == 1
    }
}

impl Default for Heads {
    fn default() -> Self {
        Self { firsts: [false; 256], seconds: Vec::new() }
    }
}

impl fmt::Debug for Heads {
    // They say how credentials begin.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heads").finish_non_exhaustive()
    }
}
