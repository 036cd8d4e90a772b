//! One case: what it is, how it came out, and its plays.

use askama::Template;

use super::{
    kind::VerdictClass,
    link::Links,
    play::{PlayView, Support, extent, pairs},
    quarantine::QuarantineView,
    text::Html,
};
use crate::{
    config::{FlakyCounts, VerdictRule},
    outcome::{CaseOutcome, Standing, Verdict},
    render::commands,
    text::layout::count,
};

#[derive(Template)]
#[template(path = "render/html/case.html")]
pub struct CaseView<'a> {
    id: Html<'a>,
    kind: VerdictClass,
    keys: String,
    name: Html<'a>,
    variant: Option<Html<'a>>,
    brief: Html<'a>,
    tags: Vec<Html<'a>>,
    quarantines: Vec<QuarantineView<'a>>,
    /// What its plays had to come to, where it has several.
    rule: String,
    plays: Vec<PlayView<'a>>,
    warnings: Vec<Html<'a>>,
    /// Whether it needs a closer look.
    needs_a_look: bool,
    support: Support,
}

impl<'a> CaseView<'a> {
    /// The view of a case that is found by these keys.
    pub fn of(case: &'a CaseOutcome, links: &Links, keys: String) -> Self {
        let played = !case.plays.is_empty();
        let needs_a_look = played && (case.verdict != Verdict::Passed || case.passed_on_retry());
        Self {
            id: links.case(&case.environment, &case.case),
            kind: VerdictClass::of(case),
            keys,
            name: Html::text(case.case.conversation()),
            variant: case.case.variant().map(Html::text),
            brief: brief(case),
            tags: case.tags.iter().map(Html::text).collect(),
            quarantines: case.quarantines.iter().map(QuarantineView::of).collect(),
            rule: if case.plays.len() > 1 { rule(case) } else { String::new() },
            plays: PlayView::all(case, links),
            warnings: case.warnings.iter().map(Html::text).collect(),
            needs_a_look,
            support: if needs_a_look { support(case) } else { Support::new() },
        }
    }

    /// How each play came out, for those who do not see the marks.
    fn marks(&self) -> String {
        let verdicts: Vec<&str> = self.plays.iter().map(|play| play.verdict).collect();
        format!("{}: {}", count(verdicts.len(), "play"), verdicts.join(", "))
    }
}

/// What is shown next to the name: why it did not pass, or how its plays came out, or how long the
/// only one took.
fn brief(case: &CaseOutcome) -> Html<'_> {
    if let Some(reason) = &case.reason {
        return Html::text(reason);
    }
    match (case.tally(), case.shown()) {
        (Some(tally), _) => Html::text(tally),
        (None, Some(play)) => Html::text(extent(play)),
        (None, None) => Html::default(),
    }
}

/// What its plays had to come to, and why there are no more of them.
fn rule(case: &CaseOutcome) -> String {
    let VerdictRule { plays, pass, .. } = case.rule;
    let mut words = match pass {
        _ if plays == 1 => again(case),
        all if all == plays => format!("All {plays} plays have to pass."),
        some => format!("{some} of {plays} plays needed."),
    };
    let standings = case.standings();
    if let Some(at) = standings.iter().position(|one| *one == Standing::Unforgivable) {
        words += &format!(" Play {} failed in what no other play makes good.", at + 1);
    } else if case.valid_plays() < plays as usize && !matches!(case.verdict, Verdict::Errored) {
        words += &format!(" Decided after {}.", case.valid_plays());
    }
    words
}

/// What a case of one play was played again for, and what came of it.
fn again(case: &CaseOutcome) -> String {
    let again = "Played again to confirm its failure";
    match (case.verdict, case.rule.flaky) {
        (Verdict::Flaky, FlakyCounts::Warn) => {
            format!("{again}, and passed; counts as passed, with a warning.")
        }
        (Verdict::Flaky, FlakyCounts::Fail) => format!("{again}, and passed; counts as failed."),
        _ => format!("{again}."),
    }
}

/// Where it belongs, and the command that plays it again.
fn support(case: &CaseOutcome) -> Support {
    let variant = case.case_variant().map(|variant| {
        if variant.id == variant.name {
            variant.name
        } else {
            format!("{} ({})", variant.name, variant.id)
        }
    });
    pairs([
        ("project", Some(case.project.clone())),
        ("environment", Some(case.environment.clone())),
        ("variant", variant),
        ("file", Some(case.path.display().to_string())),
        ("play again", Some(commands::play_again(case))),
    ])
}
