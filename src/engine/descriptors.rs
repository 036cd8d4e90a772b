//! How many files, connections among them, this process may have open.

/// What is open beside connections: files, the runtime's own, standard streams.
const OTHERS: usize = 64;

/// Raises the process's limit as far as so many connections need and the system allows; how many
/// there may be.
#[cfg(unix)]
pub(super) fn room_for(connections: usize) -> usize {
    use nix::sys::resource::{Resource::RLIMIT_NOFILE, getrlimit, rlim_t, setrlimit};
    // Where the limit is not known nothing is known to be too much.
    let Ok((soft, hard)) = getrlimit(RLIMIT_NOFILE) else { return usize::MAX };
    let needed = rlim_t::try_from(connections.saturating_add(OTHERS)).unwrap_or(rlim_t::MAX);
    let wanted = needed.min(hard);
    let raised = wanted > soft && setrlimit(RLIMIT_NOFILE, wanted, hard).is_ok();
    let allowed = if raised { wanted } else { soft };
    usize::try_from(allowed).unwrap_or(usize::MAX).saturating_sub(OTHERS)
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub(super) fn room_for(_: usize) -> usize {
    usize::MAX
}
