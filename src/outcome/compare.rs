//! Two runs compared: what broke, was fixed, became slower, came and went.

use std::collections::BTreeMap;

use super::{CaseOutcome, Latencies, RunOutcome, Verdict};
use crate::text::{
    layout::{Style, WIDTH, brief, duration},
    milliseconds,
};

/// A case is slower when the median of its answers took more than so many times as long as before,
const SLOWER_TIMES: f64 = 1.5;

/// and so many milliseconds more.
const SLOWER_BY: f64 = 200.0;

/// How many cases of a kind are shown.
const MOST_SHOWN: usize = 50;

/// How a later run differs from an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunComparison {
    /// Passed before, and did not pass now: each with why.
    pub broke: Vec<CaseChange>,
    /// Was not played to its end before or now, so nothing can be said: each with why.
    pub unknown: Vec<CaseChange>,
    /// Did not pass before, and passed now.
    pub fixed: Vec<CaseChange>,
    /// Passed both times, and took longer: each with how long.
    pub slower: Vec<CaseChange>,
    /// Is not there any more.
    pub disappeared: Vec<CaseChange>,
    /// Was not there before: each with its result.
    pub new: Vec<CaseChange>,
    /// Failed both times.
    pub still_failing: usize,
    /// Is as it was.
    pub same: usize,
}

/// A case and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseChange {
    /// Its name, with the environment where the runs have several.
    pub case: String,
    /// What is to be said of it.
    pub what: String,
}

/// Compare two runs. Cases are the same by project and name, and by environment too unless each
/// run was played in one, which is how one environment is compared with another.
#[must_use]
pub fn compare(old: &RunOutcome, new: &RunOutcome) -> RunComparison {
    let across = environments(old) <= 1 && environments(new) <= 1;
    let mut before: BTreeMap<ComparedCase<'_>, &CaseOutcome> =
        old.cases.iter().map(|case| (key(case, across), &**case)).collect();
    let mut comparison = RunComparison::default();
    for case in &new.cases {
        let key = key(case, across);
        let name = name(key);
        match before.remove(&key) {
            Some(earlier) => comparison.both(name, earlier, case),
            None => comparison.new.push(CaseChange { case: name, what: verdict(case) }),
        }
    }
    for (key, case) in before {
        comparison
            .disappeared
            .push(CaseChange { case: name(key), what: format!("it {} before", verdict(case)) });
    }
    comparison
}

type ComparedCase<'a> = (&'a str, &'a str, &'a str);

fn key(case: &CaseOutcome, across: bool) -> ComparedCase<'_> {
    let (project, environment, name) = case.key();
    (project, if across { "" } else { environment }, name)
}

fn name((_, environment, name): ComparedCase<'_>) -> String {
    if environment.is_empty() { name.to_owned() } else { format!("{name} in {environment}") }
}

fn environments(run: &RunOutcome) -> usize {
    let mut environments: Vec<&str> = run.cases.iter().map(|case| &*case.environment).collect();
    environments.sort_unstable();
    environments.dedup();
    environments.len()
}

fn verdict(case: &CaseOutcome) -> String {
    match case.verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Flaky => "was flaky",
        Verdict::Quarantined => "was quarantined",
        Verdict::Errored => "could not be played",
        Verdict::Skipped => "was skipped",
    }
    .to_owned()
}

/// What a verdict counts in its run.
#[derive(Clone, Copy)]
enum Counted {
    Passes,
    Fails,
    Errored,
    Skipped,
}

impl Counted {
    fn of(case: &CaseOutcome) -> Self {
        match case.verdict {
            Verdict::Errored => Self::Errored,
            Verdict::Skipped => Self::Skipped,
            _ if case.is_failing() => Self::Fails,
            Verdict::Passed | Verdict::Failed | Verdict::Flaky | Verdict::Quarantined => {
                Self::Passes
            }
        }
    }
}

impl RunComparison {
    /// Whether the later run is worse: something broke, or is not there any more and nobody can
    /// say whether it still holds.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        !self.broke.is_empty() || !self.disappeared.is_empty()
    }

    fn both(&mut self, case: String, old: &CaseOutcome, new: &CaseOutcome) {
        use Counted::{Errored, Fails, Passes, Skipped};
        let reason = |one: &CaseOutcome| one.reason.clone().unwrap_or_default();
        let before = || format!("it {} before; now {}", verdict(old), reason(new));
        match (Counted::of(old), Counted::of(new)) {
            (Passes, Fails) if old.verdict == Verdict::Passed => {
                self.broke.push(CaseChange { case, what: reason(new) });
            }
            (Passes | Errored | Skipped, Fails) => {
                self.broke.push(CaseChange { case, what: before() });
            }
            (Passes | Fails, Skipped) => {
                let what = format!("it {} and is skipped now: {}", verdict(old), reason(new));
                self.disappeared.push(CaseChange { case, what });
            }
            (_, Errored) => self.unknown.push(CaseChange { case, what: reason(new) }),
            // A quarantine forgives a failure, and fixes nothing.
            (Fails, Passes) if new.verdict == Verdict::Quarantined => self.still_failing += 1,
            (Fails | Errored, Passes) => self.fixed.push(CaseChange { case, what: reason(old) }),
            (Fails, Fails) => self.still_failing += 1,
            (Passes, Passes) => match slower(old, new) {
                Some(what) => self.slower.push(CaseChange { case, what }),
                None => self.same += 1,
            },
            (Errored | Skipped, Skipped) | (Skipped, Passes) => self.same += 1,
        }
    }

    /// The comparison in lines, without a line end.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let mut lines = Vec::new();
        let lists = [
            (style.headline("broke"), &self.broke),
            (style.headline("disappeared"), &self.disappeared),
            (style.warning("could not be played"), &self.unknown),
            (style.warning("slower"), &self.slower),
            (style.good("fixed"), &self.fixed),
            (style.strong("new"), &self.new),
        ];
        for (word, changes) in lists.iter().filter(|(_, changes)| !changes.is_empty()) {
            lines.push(format!("{} {word}", changes.len()));
            for change in changes.iter().take(MOST_SHOWN) {
                let case = brief(&change.case, 100);
                lines.push(format!("  {case}"));
                if !change.what.is_empty() {
                    lines.push(style.dim(format!("    {}", brief(&change.what, WIDTH - 4))));
                }
            }
            if changes.len() > MOST_SHOWN {
                lines.push(format!("  and {} more", changes.len() - MOST_SHOWN));
            }
            lines.push(String::new());
        }
        if self.still_failing > 0 {
            lines.push(format!("{} failed before, and still do", self.still_failing));
        }
        lines.push(style.dim(format!("{} as they were", self.same)));
        lines.join("\n")
    }
}

/// How much slower a case's answers are, where they are.
fn slower(old: &CaseOutcome, new: &CaseOutcome) -> Option<String> {
    let median = |case: &CaseOutcome| {
        let exchanges = case.plays.iter().flat_map(|play| &play.turns);
        let turns = exchanges.filter(|exchange| !exchange.turn.is_greeting());
        let latencies = turns.map(|exchange| milliseconds::of(exchange.latency));
        latencies.collect::<Latencies>().percentile(0.5)
    };
    let (old, new) = (median(old)?, median(new)?);
    let words = |latency| duration(milliseconds::duration(latency));
    (new > old * SLOWER_TIMES && new > old + SLOWER_BY).then(|| {
        format!("its answers took {} in the median, and take {} now", words(old), words(new))
    })
}
