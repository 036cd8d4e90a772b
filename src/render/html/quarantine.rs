//! A quarantine of a case: who sees to it, until when, and why.

use super::text::Html;
use crate::conversation::Quarantine;

/// A quarantine, in the words of its file.
pub struct QuarantineView<'a> {
    /// `Quarantined until 15 December 2026`.
    pub what: String,
    pub owner: Html<'a>,
    pub reason: Html<'a>,
    /// Where it is followed up, where that can be opened.
    pub link: Option<Html<'a>>,
    /// Where it is followed up, where that is no address.
    pub issue: Option<Html<'a>>,
}

impl<'a> QuarantineView<'a> {
    pub fn of(quarantine: &'a Quarantine) -> Self {
        let of = quarantine.turn.map(|turn| format!(" in {turn}")).unwrap_or_default();
        let issue = quarantine.issue.as_deref();
        Self {
            // A page is kept, so its days have their year.
            what: format!("Quarantined{of} until {}", quarantine.until.strftime("%-d %B %Y")),
            owner: Html::text(&quarantine.owner),
            reason: Html::text(&quarantine.reason),
            link: issue.filter(|issue| is_address(issue)).map(Html::text),
            issue: issue.filter(|issue| !is_address(issue)).map(Html::text),
        }
    }
}

/// Whether a text may become a link: anything else could be a script.
fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_the_web_becomes_a_link() {
        for text in ["https://example.com/issues/42", "http://tracker/7?a=1&b=2"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["javascript:alert(1)", "data:text/html,x", " https://a", "//a", "BOT-12", ""] {
            assert!(!is_address(text), "{text}");
        }
    }
}
