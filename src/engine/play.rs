//! The plays of a case: attempts until one could be played, and what they are compared with.

use crate::{
    check::{self, Captures, Checked},
    config::studio,
    conversation::{Conversation, TurnNumber},
    outcome::{CaseOutcome, Play, PlayError, PlayVerdict, UnplayedTurn},
    player::{Closing, Ending, Script, Transcript, retry},
    snapshot::{Accepted, Entry},
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
pub(super) struct Played {
    pub transcript: Transcript,
    pub checked: Checked,
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

    /// Plays the case as often as the run asks for, and keeps what is new of its snapshot.
    pub async fn play_into(mut self, outcome: &mut CaseOutcome) {
        let mut plays = vec![self.play().await];
        if self.engine.plays > 1 {
            self.learn(&mut plays, outcome).await;
        }
        let comparison = plays.first_mut().and_then(|first| first.checked.snapshot.take());
        let conversation = &self.case.conversation;
        let numbered = (1..).zip(plays);
        outcome.plays = numbered.map(|(number, play)| play.into(number, conversation)).collect();
        if let Some(page) = &self.target.studio_page {
            for play in &mut outcome.plays {
                let id = play.conversation_id.as_deref();
                play.conversation_url = id.and_then(|id| studio::conversation_page(page, id));
            }
        }
        outcome.warnings =
            self.warnings.iter().map(|warning| warning.render(Style::Plain)).collect();
        let Some(comparison) = comparison else { return };
        if let Err(error) = self.engine.keep(self.case, &comparison, outcome)
            && let Some(play) = outcome.plays.last_mut()
        {
            play.error.get_or_insert(PlayError::file(error));
        }
        for play in &mut outcome.plays {
            play.verdict = PlayVerdict::of(play);
        }
    }

    /// Plays until it was played, a mismatch showed, or the attempts are used up. Every attempt's
    /// conversation is closed.
    ///
    /// An expectation that failed is never tried again: only what could not be played is.
    pub async fn play(&mut self) -> Played {
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
    /// The play as it is written down.
    fn into(self, number: usize, conversation: &Conversation) -> Play {
        let Self { transcript, checked, .. } = self;
        let unanswered = transcript.unanswered.as_ref().and_then(|user| {
            let user = user.clone();
            Some(UnplayedTurn { user, ..unplayed(conversation, transcript.next())? })
        });
        let not_reached = checked.not_reached.iter();
        let play = Play {
            play: number,
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
pub(super) fn error(ending: &Ending) -> Option<PlayError> {
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
