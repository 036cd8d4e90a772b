//! Reading many conversations, on every core.

use std::{
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::{
    config::Config,
    conversation::{self, Conversation, Discovered},
    source::{Diagnostic, Problems, SourceFile},
};

/// Fewer files than this are read sooner than another thread is started.
const WORTH_A_THREAD: usize = 32;

/// How many files a thread takes at a time.
const AT_A_TIME: usize = 16;

/// Reads one conversation file; whatever is wrong with it goes to `problems`.
pub fn read_conversation(
    found: &Discovered,
    config: &Config,
    problems: &mut Problems,
) -> Option<Conversation> {
    match SourceFile::read(&found.path) {
        Ok(file) => conversation::read(&file, &found.name, config, problems),
        Err(error) => {
            let file = SourceFile::new(&found.path, "");
            problems.push(Diagnostic::of_file(&file, error.to_string()));
            None
        }
    }
}

/// Reads all of these conversations and keeps of each what `keep` makes of it, in their order.
pub fn read_conversations<T: Send>(
    found: &[Discovered],
    config: &Config,
    problems: &mut Problems,
    keep: impl Fn(Conversation) -> T + Sync,
) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(found.len() / WORTH_A_THREAD).max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut problems = Problems::default();
        let mut kept = Vec::new();
        loop {
            let start = next.fetch_add(AT_A_TIME, Ordering::Relaxed);
            if start >= found.len() {
                return (kept, problems);
            }
            for (at, one) in found.iter().enumerate().skip(start).take(AT_A_TIME) {
                if let Some(conversation) = read_conversation(one, config, &mut problems) {
                    kept.push((at, keep(conversation)));
                }
            }
        }
    };
    let mut all = Vec::with_capacity(found.len());
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others = others
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        for (kept, found) in std::iter::once(own).chain(others) {
            all.extend(kept);
            problems.extend(found);
        }
    });
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, kept)| kept).collect()
}
