//! Failures that are known, and for a while do not count.

use std::sync::Arc;

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::TurnNumber;
use crate::{
    config::Config,
    source::{Diagnostic, Node, Problems, SourceFile, conform::parse_date},
};

/// How many days before its end a quarantine warns.
const WARNED_DAYS: i32 = 7;

/// A quarantine of a case or of one of its turns: it is played, checked and shown, and what can be
/// forgiven of it does not count until a day has passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The turn; `None` for the whole conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<TurnNumber>,
    /// Who sees to it.
    pub owner: String,
    /// The last day on which it holds, in UTC.
    pub until: Date,
    /// Why.
    pub reason: String,
    /// Where it is followed up, such as the address of an issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

impl Quarantine {
    /// From the map of a file, whose shape has been checked; what is wrong goes to `problems`.
    pub(super) fn read(
        node: &Node,
        turn: Option<TurnNumber>,
        file: &Arc<SourceFile>,
        config: &Config,
        problems: &mut Problems,
    ) -> Option<Self> {
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let until = node.get("until")?;
        let date = parse_date(until.plain_text()?)?;
        let days = i64::from(config.quarantine.max_days);
        let last = config.today.checked_add(days.days()).unwrap_or(Date::MAX);
        if date > last {
            let title = format!("this quarantine would hold for more than {days} days");
            let help = format!(
                "write {last} or an earlier day, or raise `max_days` of [quarantine] in rehearsal.toml"
            );
            problems.push(Diagnostic::error(file, until.span, title).help(help));
        }
        let (owner, reason) = (text("owner")?, text("reason")?);
        Some(Self { turn, owner, until: date, reason, issue: text("issue") })
    }

    /// Whether it is of the whole conversation.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.turn.is_none()
    }

    /// Whether what does not hold in this answer is quarantined.
    #[must_use]
    pub fn covers(&self, turn: TurnNumber) -> bool {
        self.turn.is_none_or(|own| own == turn)
    }

    /// Whether it still holds on this day.
    #[must_use]
    pub fn holds_on(&self, today: Date) -> bool {
        today <= self.until
    }

    /// What should be known of it on this day: that it has ended, or soon will.
    #[must_use]
    pub fn notice(&self, today: Date) -> Option<String> {
        let what = match self.turn {
            Some(turn) => format!("the quarantine of {turn}"),
            None => "the quarantine".to_owned(),
        };
        let (until, owner) = (day(self.until, today), &self.owner);
        if !self.holds_on(today) {
            return Some(format!("{what} ended on {until}, and failures count again ({owner})"));
        }
        let soon = today.checked_add(WARNED_DAYS.days()).unwrap_or(Date::MAX);
        (self.until <= soon).then(|| format!("{what} ends on {until} ({owner})"))
    }
}

/// A day as people write it: `15 December`, with its year unless that goes without saying.
#[must_use]
pub fn day(date: Date, today: Date) -> String {
    let soon = today.checked_add(6.months()).unwrap_or(Date::MAX);
    let is_near = date.year() == today.year() || (today..=soon).contains(&date);
    date.strftime(if is_near { "%-d %B" } else { "%-d %B %Y" }).to_string()
}
