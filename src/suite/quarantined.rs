//! Whether too much of a suite is quarantined.

use crate::{
    config::Config,
    conversation::CaseName,
    source::{Diagnostic, SourceFile},
    text::layout::{brief, count},
};

/// How many cases are named.
const MOST_NAMED: usize = 5;

/// The mistake of a suite of so many cases, where more of them are quarantined than may be: what
/// is left would say too little.
#[must_use]
pub fn too_many_quarantined(
    config: &Config,
    quarantined: &[CaseName],
    cases: usize,
) -> Option<Diagnostic> {
    let limits = &config.quarantine;
    let most = limits.most(cases);
    if quarantined.len() <= most {
        return None;
    }
    let file = SourceFile::new(&config.path, "");
    let title = format!(
        "{} of {} quarantined, and at most {most} may be (`max_share` of [quarantine]: {}%)",
        quarantined.len(),
        if cases == 1 { "1 case is".to_owned() } else { format!("{} are", count(cases, "case")) },
        limits.max_share * 100.0,
    );
    let names: Vec<String> =
        quarantined.iter().take(MOST_NAMED).map(|name| brief(name.as_str(), 60)).collect();
    let more = if quarantined.len() > MOST_NAMED { ", …" } else { "" };
    let help =
        format!("end one of these quarantines, or raise `max_share`: {}{more}", names.join(", "));
    Some(Diagnostic::of_file(&file, title).help(help))
}
