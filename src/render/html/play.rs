//! One play of a case as a conversation.

use super::{
    kind::VerdictClass,
    link::Links,
    text::Html,
    turn::{TurnSection, place},
};
use crate::{
    conversation::TurnNumber,
    outcome::{CaseOutcome, Play, PlayError, PlayVerdict, Standing, UnplayedTurn},
    render::curl::curl,
    text::layout::{count, duration},
};

/// A play, and everything that is shown of it.
pub struct PlayView<'a> {
    /// What the ids of its turns begin with: its own id, or that of a case that has no other.
    pub id: Html<'static>,
    /// Which of the plays it is.
    pub number: usize,
    pub kind: VerdictClass,
    pub mark: &'static str,
    pub verdict: &'static str,
    /// Whether it is the one to look at first.
    pub is_shown: bool,
    case: &'a CaseOutcome,
    play: &'a Play,
    pub unanswered: Option<Html<'a>>,
    /// The turn, the user's line and where it stands.
    pub not_reached: Vec<(TurnNumber, Html<'a>, Html<'a>)>,
    pub errors: Vec<ErrorView<'a>>,
    /// The page of the conversation in Agent Studio.
    pub conversation_url: Option<Html<'a>>,
}

/// What PolyAI's support asks for: names and values.
pub type Support = Vec<(&'static str, Html<'static>)>;

/// Why a play, or an attempt at it, could not be played.
pub struct ErrorView<'a> {
    pub title: String,
    pub message: Html<'a>,
    pub support: Support,
}

impl<'a> PlayView<'a> {
    /// The plays of a case, in their order.
    pub fn all(case: &'a CaseOutcome, links: &Links) -> Vec<Self> {
        let shown = case.shown().map(std::ptr::from_ref);
        let view = |play: &'a Play| Self::of(case, play, links, shown == Some(play));
        case.plays.iter().map(view).collect()
    }

    fn of(case: &'a CaseOutcome, play: &'a Play, links: &Links, is_shown: bool) -> Self {
        let kind = VerdictClass::of_play(Standing::of(play, &case.quarantines));
        let (mark, verdict) = match play.verdict {
            PlayVerdict::Passed => (VerdictClass::Passed.mark(), "passed"),
            PlayVerdict::Failed => (VerdictClass::Failed.mark(), "failed"),
            PlayVerdict::Errored => (VerdictClass::Errored.mark(), "could not be played"),
        };
        Self {
            id: match case.plays.len() {
                1 => links.case(&case.environment, &case.case),
                _ => links.play(&case.environment, &case.case, play.play),
            },
            number: play.play,
            kind,
            mark,
            verdict,
            is_shown,
            case,
            play,
            unanswered: play.unanswered.as_ref().map(|one| Html::text(&one.user)),
            not_reached: play.not_reached.iter().map(|one| not_reached(case, one)).collect(),
            errors: errors(case, play),
            conversation_url: studio_page(play).map(Html::text),
        }
    }

    /// Its exchanges.
    pub fn turns(&self) -> impl Iterator<Item = TurnSection<'a>> {
        let (case, play) = (self.case, self.play);
        play.turns.iter().map(move |one| TurnSection::of(case, play, one))
    }

    /// How it came out, in a line: `failed: text in turn 1 · 2 turns, 40 ms`.
    pub fn summary(&self) -> Html<'static> {
        let way = self.play.way().join(", ");
        let colon = if way.is_empty() { "" } else { ": " };
        Html::text(format!("{}{colon}{way} · {}", self.verdict, extent(self.play)))
    }

    /// What names it on the platform.
    pub fn support(&self) -> Support {
        pairs([
            ("conversation id", self.play.conversation_id.clone()),
            ("time", Some(self.play.started.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())),
        ])
    }
}

/// How long a play is, and took: `2 turns, 40 ms, on attempt 2`.
pub fn extent(play: &Play) -> String {
    let turns = count(play.answered_turns(), "turn");
    let took = duration(play.duration);
    match play.attempts {
        1 => format!("{turns}, {took}"),
        attempts => format!("{turns}, {took}, on attempt {attempts}"),
    }
}

/// The pairs that have a value.
pub fn pairs<const N: usize>(pairs: [(&'static str, Option<String>); N]) -> Support {
    let some = pairs.into_iter().filter_map(|(name, value)| Some((name, Html::text(value?))));
    some.collect()
}

/// The page of the conversation in Agent Studio. A record may come from anywhere, so that only
/// what can be no script becomes a link.
fn studio_page(play: &Play) -> Option<&str> {
    play.conversation_url.as_deref().filter(|url| url.starts_with("https://"))
}

fn not_reached<'a>(case: &CaseOutcome, one: &'a UnplayedTurn) -> (TurnNumber, Html<'a>, Html<'a>) {
    (one.turn, Html::text(&one.user), place(case, Some(one.line)))
}

fn errors<'a>(case: &'a CaseOutcome, play: &'a Play) -> Vec<ErrorView<'a>> {
    let earlier = (1..).zip(&play.earlier_errors);
    let earlier = earlier.map(|(number, error)| (format!("attempt {number}"), error));
    let last = play.error.iter().map(|error| ("could not be played".to_owned(), error));
    earlier.chain(last).map(|(title, error)| ErrorView::of(case, title, error)).collect()
}

impl<'a> ErrorView<'a> {
    fn of(case: &CaseOutcome, title: String, error: &'a PlayError) -> Self {
        let support = match &error.backend {
            Some(error) => pairs([
                ("help", error.help.clone()),
                ("error_id", error.error_id.clone()),
                ("correlation id", Some(error.correlation_id.clone())),
                ("as curl", curl(&error.request, &case.auth).map(|words| words.join(" "))),
            ]),
            None => Vec::new(),
        };
        Self { title, message: Html::text(&error.message), support }
    }
}
