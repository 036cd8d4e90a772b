//! The test case of a case.

use std::io::{self, Write};

use super::{
    plays::{Beside, plays},
    properties, seconds,
};
use crate::{
    outcome::{CaseOutcome, Play, PlayVerdict, Verdict},
    render::{Repository, Style, terminal, xml::Elements},
};

/// Writes the test case of a case.
pub(super) fn test_case<W: Write>(
    xml: &mut Elements<W>,
    case: &CaseOutcome,
    repository: &Repository,
) -> io::Result<()> {
    let folder = case.case.conversation().rsplit_once('/').map(|(folder, _)| folder);
    let class = match folder {
        Some(folder) => format!("{}.{}", case.project, folder.replace('/', ".")),
        None => case.project.clone(),
    };
    let time = seconds(case.duration());
    let file = repository.path(&case.path);
    let line = case.line().map(|line| line.to_string());
    let mut all =
        vec![("name", case.case.as_str()), ("classname", &class), ("time", &time), ("file", &file)];
    all.extend(line.as_deref().map(|line| ("line", line)));
    xml.open("testcase", &all)?;
    case_properties(xml, case)?;
    verdict(xml, case)?;
    xml.close("testcase")
}

fn case_properties<W: Write>(xml: &mut Elements<W>, case: &CaseOutcome) -> io::Result<()> {
    let tags = case.tags.join(", ");
    let play = case.shown();
    let started = play.map(|play| play.started.to_string());
    let path = case.path.display().to_string();
    let tally = case.tally();
    let all = [
        ("environment", Some(&*case.environment)),
        ("variant", case.variant.as_deref()),
        ("variant_id", case.variant_id.as_deref()),
        ("tags", (!tags.is_empty()).then_some(&*tags)),
        ("plays", tally.as_deref()),
        ("conversation_id", play.and_then(|play| play.conversation_id.as_deref())),
        ("conversation_url", play.and_then(|play| play.conversation_url.as_deref())),
        ("started", started.as_deref()),
        ("file", Some(&*path)),
    ];
    let known: Vec<(&str, &str)> =
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    properties(xml, &known)
}

fn verdict<W: Write>(xml: &mut Elements<W>, case: &CaseOutcome) -> io::Result<()> {
    let reason = case.reason.as_deref().unwrap_or_default();
    match case.verdict {
        Verdict::Skipped => xml.empty("skipped", &[("message", reason)]),
        Verdict::Quarantined => {
            xml.open("skipped", &[("message", &quarantined(case))])?;
            told(xml, "skipped", case)
        }
        Verdict::Failed => {
            let main = case.shown();
            xml.open("failure", &[("message", reason), ("type", main.map_or("mismatch", kind))])?;
            told(xml, "failure", case)?;
            plays(xml, Beside::Fault, case, main)
        }
        Verdict::Errored => {
            let main = case.plays.iter().find(|play| play.verdict == PlayVerdict::Errored);
            xml.open("error", &[("message", reason), ("type", main.map_or("not played", kind))])?;
            told(xml, "error", case)?;
            plays(xml, Beside::Fault, case, main)
        }
        Verdict::Flaky if case.is_failing() => {
            xml.open("failure", &[("message", reason), ("type", "flaky")])?;
            told(xml, "failure", case)?;
            // As nextest does with `flaky-result = "fail"`: it did pass in the end, so each of the
            // plays before is `flaky`, beside the `failure` that says that this does not count.
            plays(xml, Beside::Pass, case, None)
        }
        Verdict::Passed | Verdict::Flaky => plays(xml, Beside::Pass, case, None),
    }
}

/// Writes everything that a person needs, and ends the element.
fn told<W: Write>(xml: &mut Elements<W>, element: &str, case: &CaseOutcome) -> io::Result<()> {
    xml.text(&terminal::failure(case, Style::Plain))?;
    xml.close(element)
}

/// Why it failed and does not count: `quarantined until 15 December, @anna: text in turn 3; The model
/// swaps two sentences. (https://example.com/issues/42)`
fn quarantined(case: &CaseOutcome) -> String {
    let mut says = "quarantined".to_owned();
    if let Some(reason) = &case.reason {
        says += &format!(" {reason}");
    }
    for one in &case.quarantines {
        says += &format!("; {}", one.reason);
        if let Some(issue) = &one.issue {
            says += &format!(" ({issue})");
        }
    }
    says
}

/// What did not hold first, or what the platform calls the error.
pub(super) fn kind(play: &Play) -> &str {
    let mismatch = play.mismatches.first().map(|mismatch| mismatch.kind.key());
    let code = || play.error.as_ref().and_then(|error| error.code());
    mismatch.or_else(code).unwrap_or(match play.verdict {
        PlayVerdict::Errored => "not played",
        _ => "mismatch",
    })
}
