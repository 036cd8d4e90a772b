//! What several plays taught about the turns whose text is new.

use super::Failure;
use crate::{report::LearnedTurn, snapshot::learn::Learned, text::layout};

impl Failure<'_> {
    /// What several plays taught about the turns whose text is new.
    pub(super) fn learned(&mut self) {
        let report = self.report;
        let Some(first) = report.learned.first() else { return };
        self.out.push('\n');
        let title = self.style.dim(format!("learned from {}", layout::count(first.plays, "play")));
        self.line(title);
        for LearnedTurn { turn, learned, .. } in &report.learned {
            let turn = if *turn == 0 { "greeting".to_owned() } else { format!("turn {turn}") };
            let (word, texts) = match learned {
                Learned::Same(_) => ("always the same".to_owned(), &[][..]),
                Learned::Loosened(_) => ("loosened".to_owned(), learned.texts()),
                Learned::Alternatives(texts) => {
                    (format!("{} alternatives", texts.len()), texts.as_slice())
                }
                Learned::NeverAgreed { different } => (
                    format!(
                        "{different} different answers; pin what matters with `contains` or `matches`"
                    ),
                    &[][..],
                ),
            };
            self.fact(&turn, &word);
            texts.iter().for_each(|text| self.fact("", text));
        }
    }
}
