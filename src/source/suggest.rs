//! "Did you mean …?"

/// The candidate that `wrong` was most likely meant to be, if any is close enough.
#[must_use]
pub fn closest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let simple = simplify(wrong);
    candidates
        .into_iter()
        .map(|candidate| (score(&simple, &simplify(candidate)), candidate))
        .filter(|(score, _)| *score >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// "did you mean `x`?" where there is a close candidate; else the whole list, if it is short.
#[must_use]
pub fn help<'a>(
    wrong: &str,
    what: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(candidate) = closest(wrong, candidates.iter().copied()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    match candidates.len() {
        0 => None,
        1..=16 => Some(format!("{what}: {}", candidates.join(", "))),
        _ => None,
    }
}

fn simplify(text: &str) -> String {
    text.to_lowercase().replace(['-', ' '], "_")
}

fn score(wrong: &str, candidate: &str) -> f64 {
    let singular = |text: &str| text.trim_end_matches('s').to_owned();
    if singular(wrong) == singular(candidate) {
        return 1.0;
    }
    let contained = wrong.len() >= 4 && candidate.contains(wrong)
        || candidate.len() >= 4 && wrong.contains(candidate);
    let similarity = strsim::normalized_damerau_levenshtein(wrong, candidate);
    let similarity = similarity.max(strsim::jaro_winkler(wrong, candidate) - 0.12);
    let one_slip = wrong.len() >= 3 && strsim::damerau_levenshtein(wrong, candidate) == 1;
    if contained || one_slip { similarity.max(0.78) } else { similarity }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_finds_its_key_and_nonsense_finds_none() {
        let keys = ["contains", "matches", "handoff", "end_conversation", "within"];
        assert_eq!(closest("contain", keys), Some("contains"));
        assert_eq!(closest("end-conversation", keys), Some("end_conversation"));
        assert_eq!(closest("Handof", keys), Some("handoff"));
        assert_eq!(closest("zebra", keys), None);
    }
}
