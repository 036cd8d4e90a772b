//! The plays of a case beside the one that stands for it, and the attempts that could not be played,
//! as Maven Surefire and cargo-nextest write the runs of a test that was repeated.

use std::io::{self, Write};

use super::case::kind;
use crate::{
    outcome::{CaseOutcome, Play, PlayError, PlayVerdict},
    render::{Style, curl::curl, terminal, xml::Elements},
};

/// What the plays are beside.
#[derive(Clone, Copy)]
pub(super) enum Beside {
    /// A pass in the end: readers count the case as passed.
    Pass,
    /// A failure or an error.
    Fault,
}

impl Beside {
    fn failure(self) -> &'static str {
        match self {
            Self::Pass => "flakyFailure",
            Self::Fault => "rerunFailure",
        }
    }

    fn error(self) -> &'static str {
        match self {
            Self::Pass => "flakyError",
            Self::Fault => "rerunError",
        }
    }
}

/// Writes every play that did not pass but for the one that stands for the case, and every attempt
/// that could not be played, in the order in which they were.
pub(super) fn plays<W: Write>(
    xml: &mut Elements<W>,
    beside: Beside,
    case: &CaseOutcome,
    main: Option<&Play>,
) -> io::Result<()> {
    for play in &case.plays {
        for error in &play.earlier_errors {
            attempt(xml, beside.error(), case, error)?;
        }
        if main.is_some_and(|main| main.play == play.play) {
            continue;
        }
        match play.verdict {
            PlayVerdict::Passed => {}
            PlayVerdict::Failed => of_play(xml, beside.failure(), case, play)?,
            PlayVerdict::Errored => of_play(xml, beside.error(), case, play)?,
        }
    }
    Ok(())
}

fn of_play<W: Write>(
    xml: &mut Elements<W>,
    element: &str,
    case: &CaseOutcome,
    play: &Play,
) -> io::Result<()> {
    let message = format!("play {}: {}", play.play, play.reason());
    let text = terminal::failure(&case.alone(play), Style::Plain);
    stack_trace(xml, element, [("message", &message), ("type", kind(play))], &text)
}

fn attempt<W: Write>(
    xml: &mut Elements<W>,
    element: &str,
    case: &CaseOutcome,
    error: &PlayError,
) -> io::Result<()> {
    let kind = error.code().unwrap_or("not played");
    let mut lines = Vec::new();
    if let Some(error) = &error.backend {
        lines.push(format!("correlation id: {}", error.correlation_id));
        lines.extend(error.error_id.as_ref().map(|id| format!("error_id: {id}")));
        lines.extend(curl(&error.request, &case.auth).map(|words| words.join(" ")));
    }
    stack_trace(xml, element, [("message", &error.message), ("type", kind)], &lines.join("\n"))
}

/// The text stands in an element of its own, where Surefire's schema wants it and Jenkins looks.
fn stack_trace<W: Write>(
    xml: &mut Elements<W>,
    element: &str,
    attributes: [(&str, &str); 2],
    text: &str,
) -> io::Result<()> {
    xml.open(element, &attributes)?;
    xml.open("stackTrace", &[])?;
    xml.text(text)?;
    xml.close("stackTrace")?;
    xml.close(element)
}
