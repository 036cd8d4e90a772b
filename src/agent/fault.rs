//! Misbehaving on purpose, so that people and tests can see what a run says then.
//!
//! A fault is written `<operation>:<fault>` or `<operation>:<fault>@<how often>`; several are
//! separated by commas. The first one that is due happens.
//!
//! | part | values |
//! | --- | --- |
//! | operation | `create`, `respond`, `close`, `any` |
//! | fault | a status from 400 to 599 (`429+2s` with `Retry-After`), `hang`, `delay-300ms`, and, after the message was heard: `reset`, `cut`, `not-json`, `wrong-id`, `no-id`, `huge` |
//! | how often | `once`, `5` for every 5th request of the operation, `10%` for some at random; always, without |
//!
//! ```
//! use rehearsal::agent::Faults;
//!
//! assert!("respond:503@5, create:429+2s@10%, close:hang".parse::<Faults>().is_ok());
//! assert!("respond:teapot".parse::<Faults>().is_err());
//! ```

use std::{
    str::FromStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::operation::ApiOperation;
use crate::source::conform::parse_duration;

/// What goes wrong, and how often.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<FaultRule>,
    random: Mutex<fastrand::Rng>,
}

#[derive(Debug)]
struct FaultRule {
    operation: Option<ApiOperation>,
    fault: Fault,
    often: Frequency,
    seen: AtomicUsize,
}

/// One way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Refuses with a status, before the message is heard.
    Status { status: u16, retry_after: Option<Duration> },
    /// Never answers.
    Hang,
    /// Answers later.
    Delay(Duration),
    /// Hears the message and resets the connection.
    Reset,
    /// Hears the message and breaks off in the middle of the answer.
    Cut,
    /// Hears the message and answers with a page.
    NotJson,
    /// Hears the message and answers for another conversation.
    WrongId,
    /// Hears the message and leaves the conversation's id out.
    NoId,
    /// Hears the message and answers with 9 MiB.
    Huge,
}

#[derive(Clone, Copy, Debug)]
enum Frequency {
    Always,
    Once,
    Every(usize),
    Percent(f64),
}

/// A fault that is not written as it should be.
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown fault `{0}`: write `respond:503@5`, `any:delay-300ms` or `create:429+2s@10%` (see `rehearsal serve --help`)"
)]
pub struct ParseFaultError(String);

impl Faults {
    /// The same faults, with the chance in them decided by a number.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { random: Mutex::new(fastrand::Rng::with_seed(seed)), ..self }
    }

    /// The fault that is due for a request, if one is.
    pub(super) fn next(&self, operation: ApiOperation) -> Option<Fault> {
        let rules =
            self.rules.iter().filter(|rule| rule.operation.is_none_or(|own| own == operation));
        let due = rules.filter(|rule| self.is_due(rule)).map(|rule| rule.fault);
        // Every rule counts every request, whichever of them is due.
        due.collect::<Vec<_>>().first().copied()
    }

    fn is_due(&self, rule: &FaultRule) -> bool {
        let number = 1 + rule.seen.fetch_add(1, Ordering::Relaxed);
        match rule.often {
            Frequency::Always => true,
            Frequency::Once => number == 1,
            Frequency::Every(every) => number.is_multiple_of(every),
            Frequency::Percent(percent) => {
                let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
                random.f64() * 100.0 < percent
            }
        }
    }
}

impl FromStr for Faults {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let rules = words.map(|word| rule(word).ok_or_else(|| ParseFaultError(word.to_owned())));
        Ok(Self { rules: rules.collect::<Result<_, _>>()?, random: Mutex::default() })
    }
}

fn rule(word: &str) -> Option<FaultRule> {
    let (operation, rest) = word.split_once(':')?;
    let (fault, often) = match rest.split_once('@') {
        Some((fault, often)) => (fault, often_of(often)?),
        None => (rest, Frequency::Always),
    };
    let operation = match operation {
        "create" => Some(ApiOperation::Create),
        "respond" => Some(ApiOperation::Respond),
        "close" => Some(ApiOperation::Close),
        "any" => None,
        _ => return None,
    };
    Some(FaultRule { operation, fault: fault_of(fault)?, often, seen: AtomicUsize::new(0) })
}

fn often_of(text: &str) -> Option<Frequency> {
    if text == "once" {
        return Some(Frequency::Once);
    }
    if let Some(percent) = text.strip_suffix('%') {
        return percent
            .parse()
            .ok()
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(Frequency::Percent);
    }
    text.parse().ok().filter(|every| *every > 0).map(Frequency::Every)
}

fn fault_of(text: &str) -> Option<Fault> {
    Some(match text {
        "hang" => Fault::Hang,
        "reset" => Fault::Reset,
        "cut" => Fault::Cut,
        "not-json" => Fault::NotJson,
        "wrong-id" => Fault::WrongId,
        "no-id" => Fault::NoId,
        "huge" => Fault::Huge,
        _ => {
            if let Some(delay) = text.strip_prefix("delay-") {
                return parse_duration(delay).map(Fault::Delay);
            }
            let (status, retry_after) = match text.split_once('+') {
                Some((status, "0s")) => (status, Some(Duration::ZERO)),
                Some((status, wait)) => (status, Some(parse_duration(wait)?)),
                None => (text, None),
            };
            let status = status.parse().ok().filter(|status| (400..600).contains(status))?;
            Fault::Status { status, retry_after }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_as_often_as_they_are_asked_for() {
        let faults: Faults = "respond:503@3, any:hang@5".parse().expect("faults");
        let seen: Vec<bool> =
            (0..6).map(|_| faults.next(ApiOperation::Respond).is_some()).collect();
        assert_eq!(seen, [false, false, true, false, true, true]);
        assert_eq!(faults.next(ApiOperation::Create), None);
        let some: Faults = "any:reset@20%".parse().expect("faults");
        let some = some.seeded(7);
        let count = (0..1000).filter(|_| some.next(ApiOperation::Create).is_some()).count();
        assert!((150..250).contains(&count), "{count}");
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for word in [
            "503",
            "respond:",
            "respond:200",
            "respond:503@0",
            "respond:503@120%",
            "speak:503",
            "any:delay-x",
            "any:429+x",
        ] {
            assert!(word.parse::<Faults>().is_err(), "{word}");
        }
    }
}
