//! The failure a person reads: one renderer for the command line and the harness.

use std::{fmt::Write as _, path::Path};

use annotate_snippets::Level;

use super::{
    CaseError, CaseReport, ExchangeReport, LearnedTurn, ShownPlay, SnapshotNote, Unanswered,
    Verdict, describe, diff, support::curl,
};
use crate::{
    chat::{ChatError, Operation},
    check::{Mismatch, MismatchKind},
    snapshot::learn::Learned,
    source::{
        diagnostic::{excerpt, renderer},
        secrets,
    },
    text::{
        layout::{self, Style, WIDTH, brief, shell_word, wrap},
        one_line,
    },
};

/// How many rows of one response are shown in a conversation.
const MOST_RESPONSE: usize = 14;

/// Everything a person needs about a case that failed or could not be played.
///
/// For each turn that failed: the place in the conversation file, what was expected and what
/// came; then the conversation, the ids that PolyAI's support asks for, and the commands that
/// play this case again and accept this change.
#[must_use]
pub fn render(report: &CaseReport, style: Style) -> String {
    let mut out = Failure { report, style, out: String::new() };
    out.headline();
    for exchange in &report.exchanges {
        for mismatch in &exchange.mismatches {
            out.mismatch(exchange, mismatch);
        }
    }
    out.learned();
    out.not_reached();
    out.error();
    out.warnings();
    out.conversation();
    out.ids();
    out.commands();
    out.out
}

/// Why a case failed or could not be played, in one line.
#[must_use]
pub fn reason(report: &CaseReport) -> String {
    let mut mismatches = report.mismatches();
    let first =
        mismatches.next().map(|(exchange, mismatch)| describe::one_line(&mismatch.kind, exchange));
    let more = mismatches.count();
    match (first, &report.error) {
        (Some(first), _) if more > 0 => format!("{first}; and {more} more"),
        (Some(first), _) => first,
        (None, Some(error)) => error_line(error),
        (None, None) if !report.not_reached.is_empty() => {
            format!("{} not reached", layout::count(report.not_reached.len(), "turn"))
        }
        (None, None) => String::new(),
    }
}

/// Why a case could not be played, in one line.
pub(super) fn error_line(error: &CaseError) -> String {
    match error {
        CaseError::Chat(error) => error.to_string(),
        CaseError::Interrupted => "the run was stopped".to_owned(),
        CaseError::NotPlayed(reason) => format!("not played: {reason}"),
        CaseError::OutOfTime { limit } => {
            format!("it took longer than {} (`case_timeout`)", layout::duration(*limit))
        }
        CaseError::BudgetSpent { after } => {
            let after = after.as_ref().map(|error| format!("; before that, {error}"));
            let after = after.unwrap_or_default();
            format!("the run may send no more requests (--max-requests){after}")
        }
        CaseError::Files(reason) => reason.clone(),
        CaseError::Internal(reason) => format!("a fault of Rehearsal itself: {reason}"),
    }
}

struct Failure<'a> {
    report: &'a CaseReport,
    style: Style,
    out: String,
}

impl Failure<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref().trim_end());
        self.out.push('\n');
    }

    fn headline(&mut self) {
        let report = self.report;
        let word = match report.verdict {
            Verdict::Errored => "ERROR",
            _ => "FAILED",
        };
        let mut where_played = format!("{} · {}", report.project, report.environment);
        if let Some(variant) = &report.variant {
            let _ = write!(where_played, " · {}", variant.name);
            if variant.id != variant.name {
                let _ = write!(where_played, " ({})", brief(&variant.id, 30));
            }
        }
        let headline = format!("{} {}", self.style.headline(word), self.style.strong(&report.case));
        self.line(headline);
        let where_played = self.style.dim(where_played);
        self.line(where_played);
    }

    fn mismatch(&mut self, exchange: &ExchangeReport, mismatch: &Mismatch) {
        let described = describe::describe(&mismatch.kind, exchange);
        let level = Level::ERROR.with_name(described.subject.as_str());
        let title = level.primary_title(described.title.as_str());
        let path = one_line(&self.report.path.display().to_string());
        let group = match (&self.report.source, mismatch.span) {
            (Some(source), Some(span)) if !secrets::may_hold(source.line(span.start)) => {
                title.element(excerpt(&source.text, span, &path, &described.label))
            }
            _ => annotate_snippets::Group::with_title(title),
        };
        self.out.push('\n');
        self.line(renderer(self.style.is_coloured()).render(&[group]));
        self.difference(exchange, &mismatch.kind);
        for (word, fact) in &described.facts {
            self.fact(word, fact);
        }
    }

    fn fact(&mut self, word: &str, text: &str) {
        let lines = wrap(text, WIDTH - 15, 8);
        for (number, line) in lines.iter().enumerate() {
            let word = if number == 0 { word } else { "" };
            let word = self.style.dim(format!("{word:>11}"));
            self.line(format!("  {word}  {line}"));
        }
    }

    fn difference(&mut self, exchange: &ExchangeReport, kind: &MismatchKind) {
        match kind {
            MismatchKind::Equals { expected } => {
                let text = diff::render(expected, &exchange.said.response, 4, self.style);
                self.line(text);
            }
            MismatchKind::ChangedText { accepted, actual, .. } => {
                let nearest = diff::nearest(accepted, actual);
                let text = diff::render(nearest, actual, 4, self.style);
                self.line(text);
            }
            MismatchKind::NewText { actual } => {
                let text = diff::render("", actual, 4, self.style);
                self.line(text);
            }
            _ => {}
        }
    }

    /// What several plays taught about the turns whose text is new.
    fn learned(&mut self) {
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

    fn not_reached(&mut self) {
        let report = self.report;
        if report.not_reached.is_empty() {
            return;
        }
        let why = match &report.unbound {
            Some(name) => format!("`${{{name}}}` was never captured"),
            None => "the agent had ended the conversation".to_owned(),
        };
        self.out.push('\n');
        let word = self.style.headline("not reached");
        self.line(format!(
            "{word}: {}, because {why}",
            layout::count(report.not_reached.len(), "turn")
        ));
        for turn in &report.not_reached {
            let line = report.source.as_ref().map(|source| source.line_column(turn.span.start).0);
            let place = line.map(|line| format!("line {line}")).unwrap_or_default();
            self.line(format!(
                "  {:>3}  {:<9}  {}",
                turn.turn,
                place,
                brief(&turn.user, WIDTH - 20)
            ));
        }
    }

    fn error(&mut self) {
        let Some(error) = &self.report.error else { return };
        let what = match error {
            CaseError::Chat(error) => error.kind.to_string(),
            other => error_line(other),
        };
        self.out.push('\n');
        let word = self.style.headline("error");
        let lines = wrap(&what, WIDTH - 7, 8);
        self.line(format!("{word}: {}", lines.join("\n       ")));
        if let CaseError::Chat(error) = error {
            self.chat_error(error);
        }
        for (number, earlier) in (1..).zip(&self.report.earlier) {
            self.fact(&format!("attempt {number}"), &earlier.to_string());
        }
    }

    fn chat_error(&mut self, error: &ChatError) {
        let turns = self.report.turns;
        let when = match (error.operation, &self.report.unanswered) {
            (Operation::Create, _) => "starting the conversation".to_owned(),
            (_, Some(one)) => format!("turn {} of {turns}{}", one.turn, self.place_of(one)),
            (_, None) => "in a later play of the conversation".to_owned(),
        };
        self.fact("when", &when);
        self.fact("request", &format!("{} {}", error.operation.method(), error.path));
        self.fact("correlation", &error.correlation_id);
        let error_id = error.kind.envelope().and_then(|envelope| envelope.error_id.as_deref());
        if let Some(id) = error_id.filter(|id| *id != error.correlation_id) {
            self.fact("error_id", id);
        }
        if let Some(help) = error.kind.help(error.operation) {
            self.fact("help", help);
        }
    }

    fn place_of(&self, unanswered: &Unanswered) -> String {
        let line = self.report.line_of(unanswered.span);
        line.map(|line| format!(", {}:{line}", self.report.path.display())).unwrap_or_default()
    }

    fn warnings(&mut self) {
        for warning in &self.report.warnings {
            self.out.push('\n');
            let text = warning.render(self.style.is_coloured());
            self.line(text);
        }
    }

    /// The conversation: what failed in full, the rest in brief.
    fn conversation(&mut self) {
        if self.report.exchanges.is_empty() {
            return;
        }
        self.out.push('\n');
        let title = self.style.dim(format!("the conversation{}", which(self.report.play)));
        self.line(title);
        let last_failed =
            self.report.exchanges.iter().rposition(|exchange| !exchange.mismatches.is_empty());
        let shown = last_failed.map_or(self.report.exchanges.len(), |last| last + 1);
        for exchange in &self.report.exchanges[..shown] {
            self.exchange(exchange);
        }
        if let (Some(unanswered), None) = (&self.report.unanswered, last_failed) {
            let user = self.style.dim("user ");
            let text = brief(&unanswered.user, WIDTH - 13);
            self.line(format!("{}{:>3}  {user}  {text}", self.style.bad(">"), unanswered.turn));
        }
        let after = self.report.exchanges.len() - shown;
        if after > 0 {
            let line = self
                .style
                .dim(format!("       … {} after it, as expected", layout::count(after, "turn")));
            self.line(line);
        }
    }

    fn exchange(&mut self, exchange: &ExchangeReport) {
        let failed = !exchange.mismatches.is_empty();
        let number = if exchange.turn == 0 { String::new() } else { exchange.turn.to_string() };
        let mark = if failed { self.style.bad(">") } else { " ".to_owned() };
        let mut lead = format!("{mark}{number:>3}  ");
        let shown_above = exchange.mismatches.iter().any(|mismatch| shows_response(&mismatch.kind));
        for (who, text) in [
            ("user ", exchange.said.user.as_deref()),
            ("agent", Some(exchange.said.response.as_str())),
        ] {
            let Some(text) = text else { continue };
            let in_full = failed && !shown_above;
            let lines = if in_full {
                wrap(text, WIDTH - 13, MOST_RESPONSE)
            } else {
                vec![brief(text, WIDTH - 13)]
            };
            for (index, line) in lines.iter().enumerate() {
                let who = self.style.dim(if index == 0 { who } else { "     " });
                self.line(format!("{lead}{who}  {line}"));
                lead = "      ".to_owned();
            }
        }
        for happened in happened(exchange) {
            self.line(format!("             {}", self.style.strong(happened)));
        }
    }

    fn ids(&mut self) {
        let report = self.report;
        self.out.push('\n');
        if let Some(id) = &report.conversation_id {
            let when = report.started.strftime("%Y-%m-%d %H:%M:%S UTC");
            self.pair("conversation", &format!("{}  {when}", brief(id, 50)));
        }
        let failed = report.exchanges.iter().filter(|exchange| !exchange.mismatches.is_empty());
        for exchange in failed {
            let turn = if exchange.turn == 0 {
                "greeting".to_owned()
            } else {
                format!("turn {}", exchange.turn)
            };
            self.pair(&turn, &exchange.said.correlation_id);
            let operation = if exchange.turn == 0 { Operation::Create } else { Operation::Respond };
            self.curl(operation, &exchange.said.request);
        }
        if let Some(CaseError::Chat(error)) = &report.error {
            self.curl(error.operation, &error.request);
        }
        if let Some(error) = &report.maybe_open {
            self.pair("still open?", &format!("it could not be closed: {}", error.kind));
        }
    }

    /// The command that repeats a request, for PolyAI's support.
    fn curl(&mut self, operation: Operation, body: &[u8]) {
        let Some(endpoint) = &self.report.endpoint else { return };
        let words = curl(endpoint, operation, body);
        let last = words.len() - 1;
        for (number, words) in words.into_iter().enumerate() {
            let word = if number == 0 { "as curl" } else { "" };
            let more = if number == last { "" } else { " \\" };
            let indent = if number == 0 { "" } else { "  " };
            self.pair(word, &format!("{indent}{words}{more}"));
        }
    }

    fn commands(&mut self) {
        let report = self.report;
        let name = shell_word(report.case.as_str());
        let path = |path: &Path| shell_word(&path.to_string_lossy());
        let config = report.surroundings.config.as_deref();
        let config = config.map(|config| format!(" --config {}", path(config))).unwrap_or_default();
        let environment = shell_word(&report.environment);
        let run = format!("rehearsal run{config} --environment {environment}");
        self.command("play again", &run, &name);
        if !report.is_acceptable() {
            return;
        }
        match (&report.snapshot, &report.error) {
            (SnapshotNote::Pending(_), _) => {
                let folder = report.surroundings.pending_dir.as_deref();
                let folder = folder.map(|folder| format!(" --pending-dir {}", path(folder)));
                let accept = format!("rehearsal accept{config}{}", folder.unwrap_or_default());
                self.command("accept", &accept, &name);
            }
            (_, None) => self.pair(
                "accept",
                "nothing is written here; play it at your desk, then `rehearsal accept`",
            ),
            (_, Some(_)) => {}
        }
    }

    /// A command for one case, on two lines where one would be too long.
    fn command(&mut self, word: &str, command: &str, name: &str) {
        let dashes = if name.starts_with('-') { "-- " } else { "" };
        let whole = format!("{command} --exact {dashes}{name}");
        if whole.chars().count() + 16 <= WIDTH {
            return self.pair(word, &whole);
        }
        self.pair(word, &format!("{command} \\"));
        self.pair("", &format!("  --exact {dashes}{name}"));
    }

    fn pair(&mut self, word: &str, text: &str) {
        let word = self.style.dim(format!("{word:<12}"));
        self.line(format!("  {word}  {}", one_line(text)));
    }
}

/// Which of several plays the conversation is, where it is not the first.
fn which(play: Option<ShownPlay>) -> String {
    let Some(ShownPlay { number, of, alike }) = play.filter(|play| play.number > 1) else {
        return String::new();
    };
    let first = if alike > 1 {
        format!(", the first of {alike} with more than new answers")
    } else {
        String::new()
    };
    format!(": play {number} of {of}{first}")
}

/// What the agent did besides speaking, in words.
pub(super) fn happened(exchange: &ExchangeReport) -> Vec<String> {
    let mut happened = Vec::new();
    if let Some(handoff) = &exchange.said.handoff {
        happened.push(format!("[{}]", describe::handoff(Some(handoff))));
    }
    if exchange.said.end_conversation {
        happened.push("[the conversation ended]".to_owned());
    }
    happened.extend(exchange.said.notes.iter().map(|note| format!("[{note}]")));
    happened
}

/// Whether the excerpt of a mismatch shows the whole response already.
fn shows_response(kind: &MismatchKind) -> bool {
    matches!(
        kind,
        MismatchKind::Equals { .. }
            | MismatchKind::NewText { .. }
            | MismatchKind::ChangedText { .. }
    )
}
