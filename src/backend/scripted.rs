//! A backend in memory: what it answers is a function, what it was asked is kept.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    Answer, Backend, BackendError, BackendFuture, Closed, ErrorClass, Message, Open, Opened,
    Operation, Request,
};

/// What a scripted backend was asked to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// To start a conversation.
    Open(Open),
    /// To say something in a conversation.
    Say(String, Message),
    /// To end a conversation.
    Close(String),
}

type AnswerFn = dyn Fn(&Call, usize) -> Result<Answer, Box<BackendError>> + Send + Sync;

/// A backend that answers at once, by a function of what it is asked and of how many requests
/// came before. Conversations are called `CONV-0`, `CONV-1` and so on, by the request that
/// started them.
///
/// ```
/// use rehearsal::backend::{Answer, Backend, Message, scripted::Scripted};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let echo = Scripted::new(|asked, _| Ok(Answer::says(format!("{asked:?}").as_str())));
/// let message = Message { text: "hours?".into(), ..Message::default() };
/// let answer = runtime.block_on(echo.say("CONV-0", &message, "id-1".into())).unwrap();
/// assert!(answer.response.contains("hours?"));
/// ```
pub struct Scripted {
    answers: Box<AnswerFn>,
    asked: Mutex<Vec<Call>>,
}

impl Scripted {
    /// A backend that answers by a function.
    #[must_use]
    pub fn new(
        answers: impl Fn(&Call, usize) -> Result<Answer, Box<BackendError>> + Send + Sync + 'static,
    ) -> Self {
        Self { answers: Box::new(answers), asked: Mutex::default() }
    }

    /// Everything that it was asked, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Call> {
        self.lock().clone()
    }

    fn ask(&self, asked: Call) -> (usize, Result<Answer, Box<BackendError>>) {
        let mut all = self.lock();
        let before = all.len();
        let answer = (self.answers)(&asked, before);
        all.push(asked);
        (before, answer)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").field("asked", &self.lock()).finish_non_exhaustive()
    }
}

impl Backend for Scripted {
    fn open<'a>(&'a self, request: &'a Open, _: String) -> BackendFuture<'a, Opened> {
        let (before, answer) = self.ask(Call::Open(request.clone()));
        let conversation_id = format!("CONV-{before}");
        Box::pin(async { answer.map(|greeting| Opened { conversation_id, greeting }) })
    }

    fn say<'a>(
        &'a self,
        conversation_id: &'a str,
        message: &'a Message,
        _: String,
    ) -> BackendFuture<'a, Answer> {
        let (_, answer) = self.ask(Call::Say(conversation_id.to_owned(), message.clone()));
        Box::pin(async { answer })
    }

    fn close<'a>(&'a self, conversation_id: &'a str) -> BackendFuture<'a, Closed> {
        let (_, answer) = self.ask(Call::Close(conversation_id.to_owned()));
        Box::pin(async { answer.map(|_| Closed::Now) })
    }

    fn limit_key(&self) -> String {
        "scripted".to_owned()
    }
}

impl Answer {
    /// An answer that only says something.
    #[must_use]
    pub fn says(response: &str) -> Self {
        Self { response: response.to_owned(), ..Self::default() }
    }
}

impl BackendError {
    /// An error of a class, for backends in memory.
    #[must_use]
    pub fn of_class(operation: Operation, class: ErrorClass) -> Box<Self> {
        Box::new(Self {
            class,
            cause: format!("{class:?}"),
            what: format!("scripted: {class:?}"),
            help: None,
            operation,
            endpoint: operation.to_string(),
            status: None,
            error_code: None,
            error_message: None,
            error_id: None,
            correlation_id: String::new(),
            request: Request::default(),
            conversation_id: None,
        })
    }
}
