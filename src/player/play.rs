//! The player: one script, one conversation.

use std::{future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    Budget, Closing, Ending, Exchange, Ledger, Limiter, Script, Stop, Transcript,
    cancel::{Cancel, CancelReason},
    retry,
};
use crate::{
    backend::{
        Answer, Backend, BackendError, BackendFuture, ErrorClass, LanguageCodes, Opened, Operation,
        correlation_id,
    },
    config::Place,
    conversation::TurnNumber,
    text::{Bindings, milliseconds},
};

/// How long a `create` under way is waited for after a stop, to learn the id that must be closed.
const CREATE_GRACE: Duration = Duration::from_secs(5);

/// How long a `close` waits for its turn in the pace of the run.
const PACE_CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What to remember of an answer: what more `${names}` stand for from here on.
///
/// The player does not know what is expected of an answer; whoever does decides what is captured.
pub trait Capture: Sync {
    /// The values captured from an answer, given what names stand for until then.
    fn capture(&self, turn: TurnNumber, response: &str, bindings: &Bindings) -> Bindings;
}

/// Plays scripts against one project in one environment. Cloning shares everything.
#[derive(Clone, Debug)]
pub struct Player {
    /// What answers.
    pub backend: Arc<dyn Backend>,
    /// The pace and number of conversations, shared by all that use the same key at the same host.
    pub limiter: Arc<Limiter>,
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
        capture: &dyn Capture,
        deadline: Instant,
    ) -> Transcript {
        let started = Instant::now();
        let mut conversation = ActiveConversation {
            capture,
            cancel: self.stop.or_at(deadline),
            transcript: Transcript::begin(script.messages.len()),
            bindings: script.attributes.clone(),
            languages: script.opening.languages.clone(),
            refused: None,
        };
        let ending = self.converse(script, &mut conversation).await;
        let mut transcript = conversation.transcript;
        transcript.ending = ending;
        transcript.closing = self.close(&mut transcript).await;
        transcript.duration = milliseconds::measured(started.elapsed());
        transcript
    }

    async fn converse(
        &self,
        script: &Script<'_>,
        conversation: &mut ActiveConversation<'_>,
    ) -> Ending {
        if self.stop.is_given() {
            return Ending::Interrupted;
        }
        if let Err(ending) = self.open(script, conversation).await {
            return ending;
        }
        for number in (0..script.messages.len()).map(TurnNumber::of_index) {
            if conversation.transcript.ended() {
                return Ending::AgentEnded;
            }
            match self.turn(script, number, conversation).await {
                Ok(()) => {}
                // The platform does not answer once it has handed off; that is the end.
                Err(Ending::Failed(error))
                    if error.class == ErrorClass::Ended && conversation.transcript.handed_off() =>
                {
                    conversation.transcript.unanswered = None;
                    return Ending::AgentEnded;
                }
                Err(ending) => return ending,
            }
        }
        Ending::Played
    }

    async fn open(
        &self,
        script: &Script<'_>,
        conversation: &mut ActiveConversation<'_>,
    ) -> Result<(), Ending> {
        let open = script.open(&conversation.bindings).map_err(not_captured)?;
        let send = |id| self.backend.open(&open, id);
        match self.request(conversation, Operation::Create, send).await {
            Ok((opened, sent)) => {
                conversation.transcript.conversation_id = Some(opened.conversation_id);
                conversation.add(None, opened.greeting, sent);
                Ok(())
            }
            Err(ending) => {
                // A conversation whose id is known is closed like any other.
                if let Ending::Failed(error) = &ending {
                    conversation.transcript.conversation_id.clone_from(&error.conversation_id);
                }
                Err(ending)
            }
        }
    }

    async fn turn(
        &self,
        script: &Script<'_>,
        number: TurnNumber,
        conversation: &mut ActiveConversation<'_>,
    ) -> Result<(), Ending> {
        let id = conversation.transcript.conversation_id.clone().unwrap_or_default();
        let message = script.message(number, &conversation.bindings, &mut conversation.languages);
        let message = message.map_err(not_captured)?;
        conversation.transcript.unanswered = Some(message.text.clone());
        let send = |correlation_id| self.backend.say(&id, &message, correlation_id);
        let (answer, sent) = self.request(conversation, Operation::Respond, send).await?;
        conversation.transcript.unanswered = None;
        conversation.add(Some(message.text), answer, sent);
        Ok(())
    }

    /// Sends a request, and sends it again where that can do no harm.
    async fn request<'a, T: Started>(
        &self,
        conversation: &mut ActiveConversation<'_>,
        operation: Operation,
        send: impl Fn(String) -> BackendFuture<'a, T>,
    ) -> Result<(T, Timestamp), Ending> {
        let mut tries = 1;
        loop {
            let error = match self.send_once(conversation, operation, &send).await? {
                (Ok(answer), sent) => {
                    self.limiter.on_success();
                    return Ok((answer, sent));
                }
                (Err(error), _) => error,
            };
            if operation == Operation::Create && error.conversation_id.is_none() {
                // There is nothing to close after all.
                self.budget.put_back(1);
            }
            let wait = retry::wait(error.class, tries);
            if matches!(error.class, ErrorClass::Throttled { .. }) {
                self.limiter.on_throttled(wait);
            }
            if tries == retry::MOST_TRIES || !retry::may_repeat(operation, error.class) {
                return Err(Ending::Failed(error));
            }
            conversation.refused = Some(error);
            tries += 1;
            let sleep = tokio::time::sleep(wait);
            self.run_until(conversation, Duration::ZERO, sleep).await?;
        }
    }

    async fn send_once<'a, T: Started>(
        &self,
        conversation: &mut ActiveConversation<'_>,
        operation: Operation,
        send: impl Fn(String) -> BackendFuture<'a, T>,
    ) -> Result<TimedResult<T>, Ending> {
        self.run_until(conversation, Duration::ZERO, self.limiter.pace()).await?;
        // Whoever creates a conversation must be able to close it.
        let needed = if operation == Operation::Create { 2 } else { 1 };
        if !self.budget.take(needed) {
            return Err(Ending::BudgetSpent { after: conversation.refused.take() });
        }
        let id = correlation_id();
        if operation == Operation::Create {
            return self.create_once(conversation, id, send).await;
        }
        let sent = conversation.count_request();
        let outcome = self.run_until(conversation, Duration::ZERO, send(id)).await?;
        settle().await;
        Ok((outcome, sent))
    }

    /// Sends a `create`, once. From before it is sent until it is known its result, the
    /// ledger holds it as a conversation that may be open.
    async fn create_once<'a, T: Started>(
        &self,
        conversation: &mut ActiveConversation<'_>,
        id: String,
        send: impl Fn(String) -> BackendFuture<'a, T>,
    ) -> Result<TimedResult<T>, Ending> {
        if !self.ledger.creating(&id, &self.place) {
            return Err(Ending::Interrupted);
        }
        let sent = conversation.count_request();
        let outcome = self.run_until(conversation, CREATE_GRACE, send(id.clone())).await;
        let started = match &outcome {
            Ok(Ok(answer)) => answer.conversation_id(),
            Ok(Err(error)) => error.conversation_id.as_deref(),
            Err(_) => None,
        };
        match (started, &outcome) {
            (Some(conversation_id), _) => self.ledger.created(&id, conversation_id),
            (None, Ok(Err(error))) if !error.class.may_have_been_heard() => {
                self.ledger.not_created(&id);
            }
            (None, _) => conversation.transcript.maybe_created += 1,
        }
        settle().await;
        Ok((outcome?, sent))
    }

    /// Waits before another attempt, unless the run is stopped.
    pub async fn rest(&self, wait: Duration, deadline: Instant) {
        // What came first shows when the attempt begins.
        let mut cancel = self.stop.or_at(deadline);
        let _ = cancel.run_until(tokio::time::sleep(wait), Duration::ZERO).await;
    }

    async fn run_until<T>(
        &self,
        conversation: &mut ActiveConversation<'_>,
        grace: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        conversation.cancel.run_until(work, grace).await.map_err(|reason| match reason {
            CancelReason::Stopped => Ending::Interrupted,
            CancelReason::OutOfTime => Ending::OutOfTime { limit: self.case_timeout },
        })
    }

    async fn close(&self, transcript: &mut Transcript) -> Closing {
        let Some(conversation_id) = &transcript.conversation_id else { return Closing::NotNeeded };
        if transcript.ended() {
            self.ledger.closed(conversation_id);
            return Closing::NotNeeded;
        }
        transcript.requests += 1;
        match self.close_conversation(conversation_id).await {
            Ok(()) => Closing::Closed,
            Err(error) => Closing::MayBeOpen(error),
        }
    }

    /// Closes a conversation and strikes it from the ledger. It keeps to the pace of the run, but
    /// is not held up long by it.
    ///
    /// # Errors
    /// When the platform did not confirm it in time; the conversation stays in the ledger.
    pub async fn close_conversation(&self, conversation_id: &str) -> Result<(), Box<BackendError>> {
        // Whichever comes first, the request is sent then.
        let _ = tokio::time::timeout(PACE_CLOSE_WITHIN, self.limiter.pace()).await;
        self.backend.close(conversation_id).await?;
        settle().await;
        self.ledger.closed(conversation_id);
        Ok(())
    }
}

/// A conversation while it is played.
struct ActiveConversation<'a> {
    capture: &'a dyn Capture,
    cancel: Cancel,
    transcript: Transcript,
    bindings: Bindings,
    /// The languages that hold at this point.
    languages: LanguageCodes,
    /// Why the last request failed, while it waits to be sent again.
    refused: Option<Box<BackendError>>,
}

/// The answer to a request, and when it was sent.
type TimedResult<T> = (Result<T, Box<BackendError>>, Timestamp);

/// An answer that may say that a conversation was started.
trait Started {
    /// The id of the conversation that was started.
    fn conversation_id(&self) -> Option<&str>;
}

impl Started for Opened {
    fn conversation_id(&self) -> Option<&str> {
        Some(&self.conversation_id)
    }
}

impl Started for Answer {
    fn conversation_id(&self) -> Option<&str> {
        None
    }
}

impl ActiveConversation<'_> {
    /// Counts a request that is sent now.
    fn count_request(&mut self) -> Timestamp {
        self.transcript.requests += 1;
        self.transcript.repeated += usize::from(self.refused.take().is_some());
        Timestamp::now()
    }

    fn add(&mut self, user: Option<String>, answer: Answer, sent: Timestamp) {
        let mut exchange = Exchange::new(self.transcript.next(), user, answer, sent);
        exchange.captured = self.capture.capture(exchange.turn, &exchange.response, &self.bindings);
        self.bindings.extend(exchange.captured.clone());
        self.transcript.exchanges.push(exchange);
    }
}

fn not_captured(unbound: crate::text::UndefinedVariable) -> Ending {
    Ending::NotCaptured { name: unbound.name }
}

/// Lets the connection go back to its pool before another request looks for one there.
async fn settle() {
    tokio::task::yield_now().await;
}
