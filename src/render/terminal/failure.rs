//! The failure a person reads: one renderer for the command line and the harness.

use std::fmt::Write as _;

use crate::{
    backend::{BackendError, Operation},
    conversation::TurnNumber,
    outcome::{CaseOutcome, Play, UnplayedTurn, Verdict},
    render::{commands, curl::curl},
    snapshot::learn::Learned,
    text::{
        layout::{Style, WIDTH, brief, count, fill, wrap},
        one_line,
    },
};

/// Everything a person needs about a case that failed or could not be played.
///
/// For each turn that failed: the place in the conversation file, what was expected and what
/// came; then the conversation, the ids that PolyAI's support asks for, and the commands that
/// play this case again and accept this change.
#[must_use]
pub fn render(outcome: &CaseOutcome, style: Style) -> String {
    let Some(play) = outcome.shown() else { return String::new() };
    let mut out = Failure { outcome, play, style, out: String::new() };
    out.headline();
    for mismatch in &play.mismatches {
        out.mismatch(mismatch);
    }
    out.learned();
    out.not_reached();
    out.error();
    out.warnings();
    out.conversation();
    out.other_plays();
    out.ids();
    out.commands();
    out.out
}

/// A failure while it is put into words.
pub(super) struct Failure<'a> {
    pub outcome: &'a CaseOutcome,
    /// The play that is shown.
    pub play: &'a Play,
    pub style: Style,
    pub out: String,
}

impl Failure<'_> {
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref().trim_end());
        self.out.push('\n');
    }

    fn headline(&mut self) {
        let outcome = self.outcome;
        let word = word(outcome, self.style);
        let mut where_played = format!("{} · {}", outcome.project, outcome.environment);
        if let Some(variant) = outcome.case_variant() {
            let _ = write!(where_played, " · {}", variant.name);
            if variant.id != variant.name {
                let _ = write!(where_played, " ({})", brief(&variant.id, 30));
            }
        }
        let headline = format!("{word} {}", self.style.strong(&outcome.case));
        self.line(headline);
        let where_played = self.style.dim(where_played);
        self.line(where_played);
        if let Some(tally) = outcome.tally() {
            fill(&tally, WIDTH).iter().for_each(|line| self.line(line));
        }
    }

    /// A word in a column of its own, and what it introduces.
    pub(super) fn detail(&mut self, word: &str, text: &str) {
        let lines = wrap(text, WIDTH - 15, 8);
        for (number, line) in lines.iter().enumerate() {
            let word = if number == 0 { word } else { "" };
            let word = self.style.dim(format!("{word:>11}"));
            self.line(format!("  {word}  {line}"));
        }
    }

    /// A word at the left, and a line that can be copied.
    pub(super) fn pair(&mut self, word: &str, text: &str) {
        let word = self.style.dim(format!("{word:<12}"));
        self.line(format!("  {word}  {}", one_line(text)));
    }

    fn learned(&mut self) {
        let outcome = self.outcome;
        let Some(first) = outcome.learned.first() else { return };
        self.out.push('\n');
        let title = self.style.dim(format!("learned from {}", count(first.plays, "play")));
        self.line(title);
        for one in &outcome.learned {
            let (word, texts) = match &one.learned {
                Learned::Same(_) => ("always the same".to_owned(), &[][..]),
                Learned::Loosened(_) => ("loosened".to_owned(), one.learned.texts()),
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
            self.detail(&label(one.turn), &word);
            texts.iter().for_each(|text| self.detail("", text));
        }
    }

    fn not_reached(&mut self) {
        let play = self.play;
        if play.not_reached.is_empty() {
            return;
        }
        let why = match &play.not_captured {
            Some(name) => format!("`${{{name}}}` was never captured"),
            None => "the agent had ended the conversation".to_owned(),
        };
        self.out.push('\n');
        let word = self.style.headline("not reached");
        self.line(format!("{word}: {}, because {why}", count(play.not_reached.len(), "turn")));
        if let Some(first) = play.not_reached.first() {
            let place = one_line(&format!("{}:{}", self.outcome.path.display(), first.line));
            self.line(format!(" {} {place}", self.style.dim("-->")));
        }
        for one in &play.not_reached {
            let place = format!("line {}", one.line);
            let user = brief(&one.user, WIDTH - 20);
            self.line(format!("  {:>3}  {place:<9}  {user}", one.turn.get()));
        }
    }

    fn error(&mut self) {
        // Another play than the one that is shown may be the one that could not be played.
        let others = self.outcome.plays.iter().filter_map(|play| play.error.as_ref());
        let Some(error) = self.play.error.iter().chain(others).next() else { return };
        self.out.push('\n');
        let word = self.style.headline("error");
        let lines = wrap(error.what(), WIDTH - 7, 8);
        self.line(format!("{word}: {}", lines.join("\n       ")));
        if let Some(error) = &error.backend {
            self.request(error);
        }
        for (number, earlier) in (1..).zip(&self.play.earlier_errors) {
            self.detail(&format!("attempt {number}"), &earlier.message);
        }
    }

    fn request(&mut self, error: &BackendError) {
        let when = match (error.operation, &self.play.unanswered) {
            (Operation::Create, _) => "starting the conversation".to_owned(),
            (_, Some(one)) => self.place_of(one),
            (_, None) => "in a later play of the conversation".to_owned(),
        };
        self.detail("when", &when);
        self.detail("request", &error.endpoint);
        self.detail("correlation", &error.correlation_id);
        if let Some(id) = error.error_id.as_ref().filter(|id| **id != error.correlation_id) {
            self.detail("error_id", id);
        }
        if let Some(help) = &error.help {
            self.detail("help", help);
        }
    }

    fn place_of(&self, unanswered: &UnplayedTurn) -> String {
        let (turns, path) = (self.outcome.turns, self.outcome.path.display());
        format!("{} of {turns}, {path}:{}", unanswered.turn, unanswered.line)
    }

    fn warnings(&mut self) {
        for warning in &self.outcome.warnings {
            self.out.push('\n');
            self.line(shown_warning(warning));
        }
    }

    /// What PolyAI's support asks for: ids, times, and the commands that repeat a request.
    fn ids(&mut self) {
        let play = self.play;
        self.out.push('\n');
        if let Some(id) = &play.conversation_id {
            let when = play.started.strftime("%Y-%m-%d %H:%M:%S UTC");
            self.pair("conversation", &format!("{}  {when}", brief(id, 50)));
        }
        if let Some(url) = &play.conversation_url {
            // On a line of its own, so that a terminal can open it.
            self.pair("in Studio", "");
            self.line(format!("  {}", one_line(url)));
        }
        for exchange in &play.turns {
            if play.mismatches_of(exchange.turn).next().is_some() {
                self.pair(&label(exchange.turn), &exchange.correlation_id);
                self.curl(curl(&exchange.request, &self.outcome.auth));
            }
        }
        let errors = self.outcome.plays.iter().filter_map(|play| play.error.as_ref());
        if let Some(error) = errors.filter_map(|error| error.backend.as_ref()).next() {
            self.curl(curl(&error.request, &self.outcome.auth));
        }
        if let Some(error) = &play.maybe_open {
            let what = format!("it could not be closed: {}", error.what);
            for (number, line) in fill(&what, WIDTH - 16).iter().enumerate() {
                self.pair(if number == 0 { "still open?" } else { "" }, line);
            }
        }
    }

    fn curl(&mut self, words: Option<Vec<String>>) {
        let Some(words) = words else { return };
        let last = words.len() - 1;
        for (number, words) in words.into_iter().enumerate() {
            let word = if number == 0 { "as curl" } else { "" };
            let more = if number == last { "" } else { " \\" };
            let indent = if number == 0 { "" } else { "  " };
            self.pair(word, &format!("{indent}{words}{more}"));
        }
    }

    fn commands(&mut self) {
        for (word, lines) in commands::of_case(self.outcome) {
            for (number, line) in lines.iter().enumerate() {
                self.pair(if number == 0 { word } else { "" }, line);
            }
        }
    }
}

/// The word for a verdict, coloured by whether it counts against the run.
pub(super) fn word(outcome: &CaseOutcome, style: Style) -> String {
    match outcome.verdict {
        Verdict::Errored => style.headline("ERROR"),
        Verdict::Flaky if outcome.is_failing() => style.headline("FLAKY"),
        Verdict::Flaky => style.warning("FLAKY"),
        Verdict::Quarantined => style.warning("quarantined"),
        _ => style.headline("FAILED"),
    }
}

/// A warning in lines that fit; an excerpt of a file keeps its lines.
pub(super) fn shown_warning(warning: &str) -> String {
    if warning.contains('\n') { warning.to_owned() } else { fill(warning, WIDTH).join("\n") }
}

/// `greeting`, or `turn 3`: what stands before a column of values.
fn label(turn: TurnNumber) -> String {
    if turn.is_greeting() { "greeting".to_owned() } else { turn.to_string() }
}
