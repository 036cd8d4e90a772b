//! Who shares a limit. The platform counts what comes with an API key, whichever project it is
//! for, so concurrency and pace hold per host and key.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::descriptors;
use crate::{config::RunSettings, replay::Traffic};

/// How many conversations are in flight where nothing is configured.
const REMOTE_CONCURRENCY: usize = 4;
const EMBEDDED_CONCURRENCY: usize = 32;

/// Who answers the cases of a project.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    /// An embedded agent, in this process.
    Embedded,
    /// The platform.
    Platform {
        /// The host and its port.
        host: String,
        /// What requests are signed with.
        api_key: SecretString,
    },
}

impl Peer {
    fn shares_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Embedded, Self::Embedded) => true,
            (
                Self::Platform { host, api_key },
                Self::Platform { host: other, api_key: other_key },
            ) => host == other && api_key.expose_secret() == other_key.expose_secret(),
            _ => false,
        }
    }

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
    pub lanes: Vec<Arc<Traffic>>,
    /// The lane of each project, in the order of the projects.
    pub of_projects: Vec<usize>,
    /// Where less is in flight than the configuration says: why.
    pub notice: Option<String>,
}

/// A limit, and who shares it.
struct Lane {
    peer: Peer,
    projects: usize,
    concurrency: Option<usize>,
    requests_per_second: Option<f64>,
}

impl Lane {
    /// Where projects that share a limit ask for different ones, the strictest holds for all.
    fn join(&mut self, settings: &RunSettings) {
        self.projects += 1;
        self.concurrency = strictest(self.concurrency, settings.concurrency, usize::min);
        let pace = settings.requests_per_second;
        self.requests_per_second = strictest(self.requests_per_second, pace, f64::min);
    }

    fn concurrency(&self) -> usize {
        self.concurrency.unwrap_or_else(|| self.peer.usual_concurrency()).max(1)
    }

    /// The most file descriptors that it takes: each project keeps its connections, and while one
    /// goes back to its project another may be opened.
    fn descriptors(&self) -> usize {
        let connections = self.concurrency().saturating_mul(self.projects + 1);
        connections.saturating_mul(self.peer.descriptors())
    }
}

fn strictest<T>(one: Option<T>, other: Option<T>, least: fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(least(one, other)),
        (one, other) => one.or(other),
    }
}

/// The limits of projects, each with who answers it and its settings.
pub(super) fn share<'a>(projects: impl Iterator<Item = (&'a Peer, &'a RunSettings)>) -> Limits {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut of_projects = Vec::new();
    for (peer, settings) in projects {
        let known = lanes.iter().position(|lane| lane.peer.shares_with(peer));
        let at = known.unwrap_or(lanes.len());
        if known.is_none() {
            let peer = peer.clone();
            lanes.push(Lane { peer, projects: 0, concurrency: None, requests_per_second: None });
        }
        lanes[at].join(settings);
        of_projects.push(at);
    }
    let notice = fit(&mut lanes);
    let traffic =
        |lane: &Lane| Arc::new(Traffic::new(lane.concurrency(), lane.requests_per_second));
    Limits { lanes: lanes.iter().map(traffic).collect(), of_projects, notice }
}

/// Makes room for as many connections as the lanes may need, and where there is not so much lets
/// fewer conversations be in flight: without a descriptor each waits for another to be closed.
fn fit(lanes: &mut [Lane]) -> Option<String> {
    let needed = lanes.iter().map(Lane::descriptors).fold(0, usize::saturating_add);
    let allowed = descriptors::room_for(needed);
    if allowed >= needed {
        return None;
    }
    let all = |lanes: &[Lane]| lanes.iter().map(Lane::concurrency).sum::<usize>();
    let wanted = all(lanes);
    let share = allowed as f64 / needed as f64;
    for lane in lanes.iter_mut() {
        lane.concurrency = Some((lane.concurrency() as f64 * share) as usize);
    }
    Some(format!(
        "{} conversations at once instead of {wanted}: this process may open no more files \
         (`ulimit -n`)",
        all(lanes)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(concurrency: Option<usize>, requests_per_second: Option<f64>) -> RunSettings {
        RunSettings { concurrency, requests_per_second, ..RunSettings::default() }
    }

    #[test]
    fn projects_share_a_limit_where_host_and_key_are_the_same() {
        let platform = |host: &str, key| Peer::Platform {
            host: host.into(),
            api_key: SecretString::from(key),
        };
        let peers = [
            platform("api.us.poly.ai:443", "key-a"),
            platform("api.us.poly.ai:443", "key-a"),
            platform("api.us.poly.ai:443", "key-b"),
            platform("api.uk.poly.ai:443", "key-a"),
            Peer::Embedded,
            Peer::Embedded,
        ];
        let all = settings(None, None);
        let limits = share(peers.iter().map(|peer| (peer, &all)));
        assert_eq!(limits.of_projects, [0, 0, 1, 2, 3, 3]);
        let concurrency: Vec<usize> = limits.lanes.iter().map(|lane| lane.concurrency()).collect();
        assert_eq!(concurrency, [4, 4, 4, 32]);
    }

    #[test]
    fn of_different_limits_the_strictest_holds() {
        let settings =
            [settings(Some(9), None), settings(None, Some(5.0)), settings(Some(7), None)];
        let mut lane = Lane {
            peer: Peer::Embedded,
            projects: 0,
            concurrency: None,
            requests_per_second: None,
        };
        settings.iter().for_each(|settings| lane.join(settings));
        assert_eq!((lane.concurrency(), lane.requests_per_second), (7, Some(5.0)));
    }
}
