//! Waiting for what another process or thread does.

use std::{
    panic::Location,
    process::{Child, ExitStatus},
    thread,
    time::{Duration, Instant},
};

/// How long anything may take. It only bounds how late a test fails, so it is far more than a busy
/// machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done` gives a value; `what` says in the failed test what did not happen.
#[track_caller]
pub fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let (caller, begun) = (Location::caller(), Instant::now());
    loop {
        if let Some(value) = done() {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "{caller}: {what} within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until something holds.
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || holds().then_some(()));
}

/// Waits until a process has ended.
#[track_caller]
pub fn wait_for_end(child: &mut Child) -> ExitStatus {
    wait_for("the program did not end", || child.try_wait().expect("a status"))
}
