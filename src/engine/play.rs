//! One play of a case: attempts until one could be played, and what it is compared with.

use crate::{
    check::{self, Captures, Checked},
    config::studio,
    conversation::{Conversation, TurnNumber},
    outcome::{Play, PlayError, PlayVerdict, UnplayedTurn},
    player::{Closing, Ending, Script, Transcript, retry},
    snapshot::{Accepted, Entry, SnapshotComparison},
    source::Diagnostic,
    suite::Case,
    text::layout::Style,
};

use super::{Engine, connect::ActiveTarget};

/// A case while it is played.
pub(super) struct ActiveCase<'a> {
    pub engine: &'a Engine,
    pub target: &'a ActiveTarget,
    pub case: &'a Case,
    script: Script<'a>,
    /// The accepted snapshot. It is read once there is something to compare, so that no request
    /// waits for the disk.
    accepted: Option<Option<Vec<Entry>>>,
    warnings: Vec<Diagnostic>,
}

/// One play, before it is put into an outcome.
struct Played {
    transcript: Transcript,
    checked: Checked,
    earlier_errors: Vec<PlayError>,
    requests: usize,
    repeated: usize,
    maybe_created: usize,
}

impl<'a> ActiveCase<'a> {
    pub fn new(engine: &'a Engine, target: &'a ActiveTarget, case: &'a Case) -> Self {
        let script = Script {
            opening: &case.conversation.opening,
            variant_id: case.variant.as_ref().map(|variant| variant.id.as_str()),
            attributes: &case.attributes,
            messages: case.conversation.turns.iter().map(|turn| &turn.message).collect(),
        };
        Self { engine, target, case, script, accepted: None, warnings: Vec::new() }
    }

    /// Plays the case in a fresh conversation: the play, its comparison with the snapshot, and what
    /// else should be known.
    pub async fn play(mut self) -> (Play, Option<SnapshotComparison>, Vec<String>) {
        let mut played = self.attempts().await;
        let comparison = played.checked.snapshot.take();
        let mut play = played.into_play(&self.case.conversation);
        let page = self.target.studio_page.as_ref().zip(play.conversation_id.as_deref());
        play.conversation_url = page.and_then(|(page, id)| studio::conversation_page(page, id));
        let warnings = self.warnings.iter().map(|warning| warning.render(Style::Plain)).collect();
        (play, comparison, warnings)
    }

    /// Plays until it was played, a mismatch showed, or the attempts are used up. Every attempt's
    /// conversation is closed.
    ///
    /// An expectation that failed is never tried again: only what could not be played is.
    async fn attempts(&mut self) -> Played {
        let player = &self.target.player;
        let deadline = player.deadline();
        let captures = Captures::of(self.case);
        let (mut earlier_errors, mut requests, mut repeated, mut maybe_created) =
            (Vec::new(), 0, 0, 0);
        loop {
            let transcript = player.play(&self.script, &captures, deadline).await;
            requests += transcript.requests;
            repeated += transcript.repeated;
            maybe_created += transcript.maybe_created;
            let case = self.case;
            let rules = &self.engine.rules;
            let checked = check::check(case, &transcript, self.accepted(), rules);
            match &transcript.ending {
                Ending::Failed(error)
                    if checked.passed()
                        && earlier_errors.len() + 1 < self.target.attempts as usize
                        && error.class.may_pass_in_another_attempt() =>
                {
                    let attempts = u32::try_from(earlier_errors.len() + 1).unwrap_or(u32::MAX);
                    player.rest(retry::wait(error.class, attempts), deadline).await;
                    earlier_errors.push(PlayError::request(error.clone()));
                }
                _ => {
                    return Played {
                        transcript,
                        checked,
                        earlier_errors,
                        requests,
                        repeated,
                        maybe_created,
                    };
                }
            }
        }
    }

    fn accepted(&mut self) -> Option<&[Entry]> {
        if self.accepted.is_none() {
            self.accepted = Some(self.read_accepted());
        }
        self.accepted.as_ref().and_then(|accepted| accepted.as_deref())
    }

    fn read_accepted(&mut self) -> Option<Vec<Entry>> {
        if !self.case.conversation.has_snapshot() {
            return None;
        }
        match self.engine.store.accepted(&self.case.name) {
            Accepted::Missing => None,
            Accepted::Entries(entries) => Some(entries),
            Accepted::Unreadable(problems) => {
                let note = "this snapshot cannot be read and counts as missing";
                let warning = |one: Diagnostic| one.warning().help(note);
                self.warnings.extend(problems.into_iter().map(warning));
                None
            }
        }
    }
}

impl Played {
    /// The play as it is written down, the first of its case until it is counted.
    fn into_play(self, conversation: &Conversation) -> Play {
        let Self { transcript, checked, .. } = self;
        let unanswered = transcript.unanswered.as_ref().and_then(|user| {
            let user = user.clone();
            Some(UnplayedTurn { user, ..unplayed(conversation, transcript.next())? })
        });
        let not_reached = checked.not_reached.iter();
        let play = Play {
            play: 1,
            verdict: PlayVerdict::Passed,
            not_reached: not_reached.filter_map(|turn| unplayed(conversation, *turn)).collect(),
            unanswered,
            attempts: self.earlier_errors.len() + 1,
            requests: self.requests,
            repeated_requests: self.repeated,
            error: error(&transcript.ending),
            not_captured: match transcript.ending {
                Ending::NotCaptured { name } => Some(name),
                _ => None,
            },
            maybe_open: match transcript.closing {
                Closing::MayBeOpen(error) => Some(error),
                Closing::NotNeeded | Closing::Closed => None,
            },
            conversation_url: None,
            conversation_id: transcript.conversation_id,
            started: transcript.started,
            duration: transcript.duration,
            turns: transcript.exchanges,
            mismatches: checked.mismatches,
            earlier_errors: self.earlier_errors,
            maybe_created: self.maybe_created,
        };
        Play { verdict: PlayVerdict::of(&play), ..play }
    }
}

/// Why a conversation could not be played to its end, where it could not.
fn error(ending: &Ending) -> Option<PlayError> {
    match ending {
        Ending::Failed(error) => Some(PlayError::request(error.clone())),
        Ending::Interrupted => Some(PlayError::interrupted()),
        Ending::OutOfTime { limit } => Some(PlayError::case_timeout(*limit)),
        Ending::BudgetSpent { after } => Some(PlayError::budget(after.as_deref())),
        Ending::NotCaptured { .. } | Ending::Played | Ending::AgentEnded => None,
    }
}

fn unplayed(conversation: &Conversation, turn: TurnNumber) -> Option<UnplayedTurn> {
    let spec = conversation.turn(turn)?;
    let line = conversation.source.locate(spec.span).line;
    Some(UnplayedTurn { turn, user: spec.user().to_owned(), line })
}
