//! The player: one script, one conversation.

use std::{borrow::Cow, future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{
    Budget, Closing, Ending, Exchange, Ledger, Stop, Traffic, Transcript, retry, stop::CutShort,
};
use crate::{
    chat::{Answer, ChatClient, ChatError, Close, Create, Operation, Respond},
    plan::{Script, Step},
    text::{Bindings, Pattern, Template, Unbound},
};

/// How long a `create` under way is waited for after a stop, to learn the id that must be closed.
const CREATE_GRACE: Duration = Duration::from_secs(3);

/// How long a conversation that has to be closed may take over it.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

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
    /// Its number in the ledger.
    pub number: usize,
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
    pub async fn play(&self, script: &Script<'_>, deadline: Instant) -> Transcript {
        let started = Instant::now();
        let mut stage = Stage::new(script, deadline);
        let ending = self.converse(script, &mut stage).await;
        let mut transcript = stage.transcript;
        transcript.ending = ending;
        transcript.closing = self.close(&mut transcript).await;
        transcript.duration = started.elapsed();
        transcript
    }

    async fn converse(&self, script: &Script<'_>, stage: &mut Stage) -> Ending {
        if self.stop.is_given() {
            return Ending::Interrupted;
        }
        let create = match create(script, &stage.bindings) {
            Ok(create) => create,
            Err(unbound) => return Ending::Unbound { name: unbound.name },
        };
        match self.request(stage, Operation::Create, || self.client.create(&create)).await {
            Err(ending) => return ending,
            Ok((answer, sent)) => {
                self.ledger.opened(&answer.reply.conversation_id, self.number);
                stage.transcript.conversation_id = Some(answer.reply.conversation_id.clone());
                let exchange = stage.exchange(None, answer, sent, &script.captures);
                stage.transcript.greeting = Some(exchange);
            }
        }
        for step in &script.steps {
            if stage.ended() {
                return Ending::AgentEnded;
            }
            if let Err(ending) = self.turn(step, stage).await {
                return ending;
            }
        }
        Ending::Played
    }

    async fn turn(&self, step: &Step<'_>, stage: &mut Stage) -> Result<(), Ending> {
        let id = stage.transcript.conversation_id.clone().unwrap_or_default();
        let unbound = |unbound: Unbound| Ending::Unbound { name: unbound.name };
        let (message, respond) = {
            let turn = step.turn;
            let message = turn.user.expand(&stage.bindings).map_err(unbound)?.into_owned();
            let respond = Respond {
                conversation_id: &id,
                message: Cow::Owned(message.clone()),
                integration_attributes: fill_some(
                    turn.integration_attributes.as_ref(),
                    &stage.bindings,
                )
                .map_err(unbound)?,
                metadata: fill_some(turn.metadata.as_ref(), &stage.bindings).map_err(unbound)?,
                asr_lang_code: turn.languages.asr.as_deref(),
                tts_lang_code: turn.languages.tts.as_deref(),
            };
            (message, respond)
        };
        stage.transcript.unanswered = Some(message.clone());
        let send = || self.client.respond(&respond);
        let (answer, sent) = self.request(stage, Operation::Respond, send).await?;
        stage.transcript.unanswered = None;
        let exchange = stage.exchange(Some(message), answer, sent, &step.captures);
        stage.transcript.turns.push(exchange);
        Ok(())
    }

    /// Sends a request, and sends it again where that can do no harm.
    async fn request<F>(
        &self,
        stage: &mut Stage,
        operation: Operation,
        send: impl Fn() -> F,
    ) -> Result<(Answer, Timestamp), Ending>
    where
        F: Future<Output = Result<Answer, ChatError>>,
    {
        let mut tries = 1;
        loop {
            let error = match self.send_once(stage, operation, send()).await? {
                (Ok(answer), sent) => {
                    self.traffic.went_well();
                    return Ok((answer, sent));
                }
                (Err(error), _) => error,
            };
            let wait = retry::wait(&error.kind, tries);
            if error.kind.status() == Some(429) {
                self.traffic.slow_down(wait);
            }
            if tries == retry::MOST_TRIES || !retry::may_repeat(operation, &error.kind) {
                return Err(Ending::Failed(error));
            }
            stage.transcript.repeated.push(error);
            tries += 1;
            self.unless_stopped(stage.deadline, Duration::ZERO, tokio::time::sleep(wait)).await?;
        }
    }

    async fn send_once(
        &self,
        stage: &mut Stage,
        operation: Operation,
        request: impl Future<Output = Result<Answer, ChatError>>,
    ) -> Result<(Result<Answer, ChatError>, Timestamp), Ending> {
        self.unless_stopped(stage.deadline, Duration::ZERO, self.traffic.wait()).await?;
        // Whoever creates a conversation must be able to close it.
        let needed = if operation == Operation::Create { 2 } else { 1 };
        if !self.budget.take(needed) {
            return Err(Ending::BudgetSpent);
        }
        stage.transcript.requests += 1;
        let sent = Timestamp::now();
        // The id in the answer to a `create` is needed to close the conversation.
        let grace = if operation == Operation::Create { CREATE_GRACE } else { Duration::ZERO };
        let outcome = self.unless_stopped(stage.deadline, grace, request).await?;
        Ok((outcome, sent))
    }

    /// Waits before another attempt, unless the run is stopped.
    pub async fn rest(&self, wait: Duration, deadline: Instant) {
        // What came first shows when the attempt begins.
        let _ = self.stop.unless_given(tokio::time::sleep(wait), Duration::ZERO, deadline).await;
    }

    async fn unless_stopped<T>(
        &self,
        deadline: Instant,
        grace: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        self.stop.unless_given(work, grace, deadline).await.map_err(|cut_short| match cut_short {
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
            Err(error) => Closing::MayBeOpen(error),
        }
    }

    /// Closes a conversation and strikes it from the ledger.
    ///
    /// # Errors
    /// When the platform did not confirm it in time; the conversation stays in the ledger.
    pub async fn close_conversation(&self, conversation_id: &str) -> Result<(), ChatError> {
        let close = Close { conversation_id };
        match tokio::time::timeout(CLOSE_WITHIN, self.client.close(&close)).await {
            Ok(outcome) => outcome?,
            Err(_) => return Err(self.client.close_timed_out(CLOSE_WITHIN)),
        }
        self.ledger.closed(conversation_id);
        Ok(())
    }
}

/// A conversation while it is played.
struct Stage {
    deadline: Instant,
    transcript: Transcript,
    bindings: Bindings,
}

impl Stage {
    fn new(script: &Script<'_>, deadline: Instant) -> Self {
        let transcript = Transcript {
            conversation_id: None,
            greeting: None,
            turns: Vec::with_capacity(script.steps.len()),
            unanswered: None,
            ending: Ending::Played,
            closing: Closing::NotNeeded,
            requests: 0,
            repeated: Vec::new(),
            started: Timestamp::now(),
            duration: Duration::ZERO,
        };
        Self { deadline, transcript, bindings: script.facts.clone() }
    }

    fn ended(&self) -> bool {
        self.transcript.exchanges().last().is_some_and(|exchange| exchange.end_conversation)
    }

    fn exchange(
        &mut self,
        user: Option<String>,
        answer: Answer,
        sent: Timestamp,
        patterns: &[&Pattern],
    ) -> Exchange {
        let captured = capture(&answer.reply.response, patterns, &self.bindings);
        self.bindings.extend(captured.clone());
        Exchange {
            user,
            response: answer.reply.response,
            end_conversation: answer.reply.end_conversation,
            handoff: answer.reply.handoff,
            latency: answer.latency,
            correlation_id: answer.correlation_id,
            sent,
            notes: answer.reply.notes,
            captured,
        }
    }
}

fn capture(response: &str, patterns: &[&Pattern], bindings: &Bindings) -> Bindings {
    let mut captured = Bindings::new();
    for pattern in patterns {
        let Ok(regex) = pattern.regex(bindings) else { continue };
        let Some(groups) = regex.captures(response) else { continue };
        for name in pattern.groups() {
            if let Some(group) = groups.name(name) {
                captured.insert(name.clone(), group.as_str().to_owned());
            }
        }
    }
    captured
}

fn create<'a>(script: &Script<'a>, bindings: &Bindings) -> Result<Create<'a>, Unbound> {
    let conversation = script.conversation;
    Ok(Create {
        integration_attributes: fill_some(conversation.integration_attributes.as_ref(), bindings)?,
        variant_id: script.variant_id,
        channel: conversation.channel.as_deref(),
        asr_lang_code: conversation.languages.asr.as_deref(),
        tts_lang_code: conversation.languages.tts.as_deref(),
    })
}

fn fill_some(
    map: Option<&Map<String, Value>>,
    bindings: &Bindings,
) -> Result<Option<Map<String, Value>>, Unbound> {
    map.map(|map| fill(map, bindings)).transpose()
}

/// The map with every `${name}` in its texts replaced. Texts were checked when they were read.
fn fill(map: &Map<String, Value>, bindings: &Bindings) -> Result<Map<String, Value>, Unbound> {
    map.iter().map(|(key, value)| Ok((key.clone(), fill_value(value, bindings)?))).collect()
}

fn fill_value(value: &Value, bindings: &Bindings) -> Result<Value, Unbound> {
    Ok(match value {
        Value::String(text) => match Template::parse(text) {
            Ok(template) => Value::String(template.expand(bindings)?.into_owned()),
            Err(_) => value.clone(),
        },
        Value::Array(items) => Value::Array(
            items.iter().map(|item| fill_value(item, bindings)).collect::<Result<_, _>>()?,
        ),
        Value::Object(map) => Value::Object(fill(map, bindings)?),
        other => other.clone(),
    })
}
