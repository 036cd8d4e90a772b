//! The player: one script, one conversation.

use std::{borrow::Cow, future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;

use tokio::time::Instant;

use super::{
    Budget, Closing, Ending, Exchange, Ledger, Place, Stop, Traffic, Transcript, fill, retry,
    stop::{CutOff, CutShort},
};
use crate::{
    chat::{self, Answer, ChatClient, ChatError, Close, Operation, Respond},
    plan::Script,
    spec::{Languages, Turn},
    text::{Bindings, Unbound},
};

/// How long a `create` under way is waited for after a stop, to learn the id that must be closed.
const CREATE_GRACE: Duration = Duration::from_secs(5);

/// How long a `close` waits for its turn in the pace of the run.
const PACE_CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What to remember of a response: its turn (0 is the greeting), its text, and what names stand
/// for until then; what more they stand for from here on.
pub type Remember<'a> = &'a (dyn Fn(usize, &str, &Bindings) -> Bindings + Sync);

/// Plays scripts against one project in one environment. Cloning shares everything.
#[derive(Clone, Debug)]
pub struct Player {
    /// The wire.
    pub client: ChatClient,
    /// What is sent to the same platform.
    pub traffic: Arc<Traffic>,
    /// What the run may still send.
    pub budget: Arc<Budget>,
    /// The open conversations.
    pub ledger: Arc<Ledger>,
    /// Where it plays, for the ledger.
    pub place: Arc<Place>,
    /// When to stop.
    pub stop: Stop,
    /// How long one case may take, all attempts together.
    pub case_timeout: Duration,
}

impl Player {
    /// When a case that begins now must be over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.case_timeout
    }

    /// Plays one script in a fresh conversation, which is over when this returns: every
    /// conversation that was created is closed, unless the agent ended it.
    pub async fn play(
        &self,
        script: &Script<'_>,
        remember: Remember<'_>,
        deadline: Instant,
    ) -> Transcript {
        let started = Instant::now();
        let mut stage = Stage::new(script, remember, self.stop.or_at(deadline));
        let ending = self.converse(script, &mut stage).await;
        let mut transcript = stage.transcript;
        transcript.ending = ending;
        transcript.closing = self.close(&mut transcript).await;
        transcript.duration = started.elapsed();
        transcript
    }

    async fn converse(&self, script: &Script<'_>, stage: &mut Stage<'_>) -> Ending {
        if self.stop.is_given() {
            return Ending::Interrupted;
        }
        let create = match fill::create(script, &stage.bindings) {
            Ok(create) => create,
            Err(unbound) => return Ending::Unbound { name: unbound.name },
        };
        let send = |id| self.client.create(&create, id);
        match self.request(stage, Operation::Create, send).await {
            Err(ending) => {
                // A conversation whose id is known is closed like any other.
                if let Ending::Failed(ChatError { conversation_id: Some(id), .. }) = &ending {
                    stage.transcript.conversation_id = Some(id.clone());
                }
                return ending;
            }
            Ok((answer, sent)) => {
                stage.transcript.conversation_id = Some(answer.reply.conversation_id.clone());
                let exchange = stage.exchange(None, answer, sent);
                stage.transcript.greeting = Some(exchange);
            }
        }
        for turn in script.turns {
            if stage.ended() {
                return Ending::AgentEnded;
            }
            match self.turn(turn, stage).await {
                Ok(()) => {}
                // The platform does not answer once it has handed off; that is the end.
                Err(Ending::Failed(error)) if is_over(&error) && stage.handed_off() => {
                    stage.transcript.unanswered = None;
                    return Ending::AgentEnded;
                }
                Err(ending) => return ending,
            }
        }
        Ending::Played
    }

    async fn turn(&self, turn: &Turn, stage: &mut Stage<'_>) -> Result<(), Ending> {
        let id = stage.transcript.conversation_id.clone().unwrap_or_default();
        let unbound = |unbound: Unbound| Ending::Unbound { name: unbound.name };
        let languages = stage.languages.changed_by(&turn.languages);
        let (message, respond) = {
            let message = turn.user.expand(&stage.bindings).map_err(unbound)?.into_owned();
            let respond = Respond {
                conversation_id: &id,
                message: Cow::Owned(message.clone()),
                integration_attributes: fill::fill_some(
                    turn.integration_attributes.as_deref(),
                    &stage.bindings,
                )
                .map_err(unbound)?,
                metadata: fill::fill_some(turn.metadata.as_deref(), &stage.bindings)
                    .map_err(unbound)?,
                asr_lang_code: languages.asr.as_deref(),
                tts_lang_code: languages.tts.as_deref(),
            };
            (message, respond)
        };
        stage.transcript.unanswered = Some(message.clone());
        let send = |id| self.client.respond(&respond, id);
        let (answer, sent) = self.request(stage, Operation::Respond, send).await?;
        stage.transcript.unanswered = None;
        let exchange = stage.exchange(Some(message), answer, sent);
        stage.transcript.turns.push(exchange);
        stage.languages = languages;
        Ok(())
    }

    /// Sends a request, and sends it again where that can do no harm.
    async fn request<F>(
        &self,
        stage: &mut Stage<'_>,
        operation: Operation,
        send: impl Fn(String) -> F,
    ) -> Result<(Answer, Timestamp), Ending>
    where
        F: Future<Output = Result<Answer, ChatError>>,
    {
        let mut tries = 1;
        loop {
            let error = match self.send_once(stage, operation, &send).await? {
                (Ok(answer), sent) => {
                    self.traffic.went_well();
                    return Ok((answer, sent));
                }
                (Err(error), _) => error,
            };
            if operation == Operation::Create && error.conversation_id.is_none() {
                // There is nothing to close after all.
                self.budget.put_back(1);
            }
            let wait = retry::wait(&error.kind, tries);
            if error.kind.is_throttled() {
                self.traffic.slow_down(wait);
            }
            if tries == retry::MOST_TRIES || !error.kind.may_be_sent_again(operation) {
                return Err(Ending::Failed(error));
            }
            stage.refused = Some(error);
            tries += 1;
            self.unless_stopped(stage, Duration::ZERO, tokio::time::sleep(wait)).await?;
        }
    }

    async fn send_once<F>(
        &self,
        stage: &mut Stage<'_>,
        operation: Operation,
        send: impl Fn(String) -> F,
    ) -> Result<(Result<Answer, ChatError>, Timestamp), Ending>
    where
        F: Future<Output = Result<Answer, ChatError>>,
    {
        self.unless_stopped(stage, Duration::ZERO, self.traffic.wait()).await?;
        // Whoever creates a conversation must be able to close it.
        let needed = if operation == Operation::Create { 2 } else { 1 };
        if !self.budget.take(needed) {
            return Err(Ending::BudgetSpent { after: stage.refused.take() });
        }
        let id = chat::correlation_id();
        if operation == Operation::Create {
            return self.create_once(stage, id, send).await;
        }
        let sent = stage.sends();
        let outcome = self.unless_stopped(stage, Duration::ZERO, send(id)).await?;
        settle().await;
        Ok((outcome, sent))
    }

    /// Sends a `create`, once. From before it is sent until it is known what became of it, the
    /// ledger holds it as a conversation that may be open.
    async fn create_once<F>(
        &self,
        stage: &mut Stage<'_>,
        id: String,
        send: impl Fn(String) -> F,
    ) -> Result<(Result<Answer, ChatError>, Timestamp), Ending>
    where
        F: Future<Output = Result<Answer, ChatError>>,
    {
        if !self.ledger.creating(&id, &self.place) {
            return Err(Ending::Interrupted);
        }
        let sent = stage.sends();
        let outcome = self.unless_stopped(stage, CREATE_GRACE, send(id.clone())).await;
        let conversation = match &outcome {
            Ok(Ok(answer)) => Some(&answer.reply.conversation_id),
            Ok(Err(error)) => error.conversation_id.as_ref(),
            Err(_) => None,
        };
        match (conversation, &outcome) {
            (Some(conversation_id), _) => self.ledger.created(&id, conversation_id),
            (None, Ok(Err(error))) if !error.kind.may_have_been_heard() => {
                self.ledger.not_created(&id);
            }
            (None, _) => stage.transcript.maybe_created += 1,
        }
        settle().await;
        Ok((outcome?, sent))
    }

    /// Waits before another attempt, unless the run is stopped.
    pub async fn rest(&self, wait: Duration, deadline: Instant) {
        // What came first shows when the attempt begins.
        let mut cut_off = self.stop.or_at(deadline);
        let _ = cut_off.unless(tokio::time::sleep(wait), Duration::ZERO).await;
    }

    async fn unless_stopped<T>(
        &self,
        stage: &mut Stage<'_>,
        grace: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        stage.cut_off.unless(work, grace).await.map_err(|cut_short| match cut_short {
            CutShort::Stopped => Ending::Interrupted,
            CutShort::OutOfTime => Ending::OutOfTime { limit: self.case_timeout },
        })
    }

    async fn close(&self, transcript: &mut Transcript) -> Closing {
        let Some(conversation_id) = &transcript.conversation_id else { return Closing::NotNeeded };
        if transcript.exchanges().any(|exchange| exchange.end_conversation) {
            self.ledger.closed(conversation_id);
            return Closing::NotNeeded;
        }
        transcript.requests += 1;
        match self.close_conversation(conversation_id).await {
            Ok(()) => Closing::Closed,
            Err(error) => Closing::MayBeOpen(Box::new(error)),
        }
    }

    /// Closes a conversation and strikes it from the ledger. It keeps to the pace of the run, but
    /// is not held up long by it.
    ///
    /// # Errors
    /// When the platform did not confirm it in time; the conversation stays in the ledger.
    pub async fn close_conversation(&self, conversation_id: &str) -> Result<(), ChatError> {
        // Whichever comes first, the request is sent then.
        let _ = tokio::time::timeout(PACE_CLOSE_WITHIN, self.traffic.wait()).await;
        self.client.close(&Close { conversation_id }).await?;
        settle().await;
        self.ledger.closed(conversation_id);
        Ok(())
    }
}

/// A conversation while it is played.
struct Stage<'a> {
    remember: Remember<'a>,
    cut_off: CutOff,
    transcript: Transcript,
    bindings: Bindings,
    /// What goes with the next message: the platform does not keep the language of a conversation.
    languages: Languages,
    /// Why the last request failed, while it waits to be sent again.
    refused: Option<ChatError>,
}

impl<'a> Stage<'a> {
    fn new(script: &Script<'_>, remember: Remember<'a>, cut_off: CutOff) -> Self {
        let transcript = Transcript {
            conversation_id: None,
            greeting: None,
            turns: Vec::with_capacity(script.turns.len()),
            unanswered: None,
            maybe_created: 0,
            ending: Ending::Played,
            closing: Closing::NotNeeded,
            requests: 0,
            repeated: Vec::new(),
            started: Timestamp::now(),
            duration: Duration::ZERO,
        };
        Self {
            remember,
            cut_off,
            transcript,
            bindings: script.facts.clone(),
            languages: script.conversation.languages.clone(),
            refused: None,
        }
    }

    /// Counts a request that is sent now.
    fn sends(&mut self) -> Timestamp {
        self.transcript.requests += 1;
        self.transcript.repeated.extend(self.refused.take());
        Timestamp::now()
    }

    fn handed_off(&self) -> bool {
        self.transcript.exchanges().any(|exchange| exchange.handoff.is_some())
    }

    fn ended(&self) -> bool {
        self.transcript.exchanges().last().is_some_and(|exchange| exchange.end_conversation)
    }

    fn exchange(&mut self, user: Option<String>, answer: Answer, sent: Timestamp) -> Exchange {
        let turn = self.transcript.exchanges().count();
        let captured = (self.remember)(turn, &answer.reply.response, &self.bindings);
        self.bindings.extend(captured.clone());
        Exchange {
            user,
            response: answer.reply.response,
            end_conversation: answer.reply.end_conversation,
            handoff: answer.reply.handoff,
            latency: answer.latency,
            correlation_id: answer.correlation_id,
            request: answer.request,
            sent,
            notes: answer.reply.notes,
            captured,
        }
    }
}

/// Lets the connection go back to its pool before another request looks for one there.
async fn settle() {
    tokio::task::yield_now().await;
}

fn is_over(error: &ChatError) -> bool {
    error.operation == Operation::Respond && error.kind.status() == Some(410)
}
