//! Who shares a limit. The platform counts what comes with an API key, whichever project it is
//! for, so concurrency and pace hold per host and key.
//!
//! All embedded agents are one host. Where projects ask for different limits, the strictest holds. A run
//! begins as many cases of each limit as it allows, and never opens more connections than the process
//! may have.

use std::sync::Arc;

use super::descriptors;
use crate::{config::RunSettings, player::Limiter};

/// How many conversations are in flight where nothing is configured.
const REMOTE_CONCURRENCY: usize = 4;
const EMBEDDED_CONCURRENCY: usize = 32;

/// What answers the cases of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LimitScope {
    /// An embedded agent, in this process.
    Embedded,
    /// The platform.
    Platform {
        /// What its limits go by: the host and the key.
        limit_key: String,
    },
}

impl LimitScope {
    fn usual_concurrency(&self) -> usize {
        match self {
            Self::Embedded => EMBEDDED_CONCURRENCY,
            Self::Platform { .. } => REMOTE_CONCURRENCY,
        }
    }

    /// How many file descriptors a connection takes: two where both ends are in this process.
    fn descriptors(&self) -> usize {
        match self {
            Self::Embedded => 2,
            Self::Platform { .. } => 1,
        }
    }
}

/// The limits of a run.
#[derive(Debug)]
pub(super) struct Limits {
    /// One for each host and key.
    pub limiters: Vec<Arc<Limiter>>,
    /// The index of the limiter of each target, in the order of the targets.
    pub of_targets: Vec<usize>,
    /// Where less is in flight than the configuration says: why.
    pub notice: Option<String>,
}

/// A limit, and who shares it.
struct SharedLimit {
    peer: LimitScope,
    targets: usize,
    concurrency: Option<usize>,
    requests_per_second: Option<f64>,
}

impl SharedLimit {
    /// Where targets that share a limit ask for different ones, the strictest holds for all.
    fn join(&mut self, settings: &RunSettings) {
        self.targets += 1;
        self.concurrency = strictest(self.concurrency, settings.concurrency, usize::min);
        let pace = settings.requests_per_second;
        self.requests_per_second = strictest(self.requests_per_second, pace, f64::min);
    }

    fn concurrency(&self) -> usize {
        self.concurrency.unwrap_or_else(|| self.peer.usual_concurrency()).max(1)
    }

    /// The most file descriptors that it takes: each target keeps its connections, and while one
    /// goes back to its target another may be opened.
    fn descriptors(&self) -> usize {
        let connections = self.concurrency().saturating_mul(self.targets + 1);
        connections.saturating_mul(self.peer.descriptors())
    }
}

fn strictest<T>(one: Option<T>, other: Option<T>, least: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(least(one, other)),
        (one, other) => one.or(other),
    }
}

/// The limits of targets, each with what answers it and its settings.
pub(super) fn share<'a>(
    targets: impl Iterator<Item = (&'a LimitScope, &'a RunSettings)>,
) -> Limits {
    let mut limits: Vec<SharedLimit> = Vec::new();
    let mut of_targets = Vec::new();
    for (peer, settings) in targets {
        let known = limits.iter().position(|limit| limit.peer == *peer);
        let at = known.unwrap_or(limits.len());
        if known.is_none() {
            let peer = peer.clone();
            limits.push(SharedLimit {
                peer,
                targets: 0,
                concurrency: None,
                requests_per_second: None,
            });
        }
        limits[at].join(settings);
        of_targets.push(at);
    }
    let notice = fit(&mut limits);
    let limiter = |limit: &SharedLimit| {
        Arc::new(Limiter::new(limit.concurrency(), limit.requests_per_second))
    };
    Limits { limiters: limits.iter().map(limiter).collect(), of_targets, notice }
}

/// Makes room for as many connections as they may need, and where there is not so much lets
/// fewer conversations be in flight: without a descriptor each waits for another to be closed.
fn fit(limits: &mut [SharedLimit]) -> Option<String> {
    let needed = limits.iter().map(SharedLimit::descriptors).fold(0, usize::saturating_add);
    let allowed = descriptors::room_for(needed);
    if allowed >= needed {
        return None;
    }
    let all = |limits: &[SharedLimit]| limits.iter().map(SharedLimit::concurrency).sum::<usize>();
    let wanted = all(limits);
    let share = allowed as f64 / needed as f64;
    for limit in limits.iter_mut() {
        limit.concurrency = Some((limit.concurrency() as f64 * share) as usize);
    }
    Some(format!(
        "{} conversations at once instead of {wanted}: this process may open no more files \
         (`ulimit -n`)",
        all(limits)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(concurrency: Option<usize>, requests_per_second: Option<f64>) -> RunSettings {
        RunSettings { concurrency, requests_per_second, ..RunSettings::default() }
    }

    #[test]
    fn targets_share_a_limit_where_host_and_key_are_the_same() {
        let platform =
            |host: &str, key: &str| LimitScope::Platform { limit_key: format!("{host}#{key}") };
        let peers = [
            platform("api.us.poly.ai:443", "key-a"),
            platform("api.us.poly.ai:443", "key-a"),
            platform("api.us.poly.ai:443", "key-b"),
            platform("api.uk.poly.ai:443", "key-a"),
            LimitScope::Embedded,
            LimitScope::Embedded,
        ];
        let all = settings(None, None);
        let limits = share(peers.iter().map(|peer| (peer, &all)));
        assert_eq!(limits.of_targets, [0, 0, 1, 2, 3, 3]);
        let concurrency: Vec<usize> =
            limits.limiters.iter().map(|limit| limit.concurrency()).collect();
        assert_eq!(concurrency, [4, 4, 4, 32]);
    }

    #[test]
    fn of_different_limits_the_strictest_holds() {
        let settings =
            [settings(Some(9), None), settings(None, Some(5.0)), settings(Some(7), None)];
        let mut limit = SharedLimit {
            peer: LimitScope::Embedded,
            targets: 0,
            concurrency: None,
            requests_per_second: None,
        };
        settings.iter().for_each(|settings| limit.join(settings));
        assert_eq!((limit.concurrency(), limit.requests_per_second), (7, Some(5.0)));
    }
}
