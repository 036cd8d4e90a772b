//! The client of the Chat API.

use std::time::Instant;

use reqwest::Method;
use serde::Serialize;

use super::{
    body::Reply,
    request::{CloseBody, CreateBody, RespondBody},
};
use crate::{
    backend::{
        self, Answer, Auth, Backend, BackendError, Closed, Message, Open, Opened, Operation,
        correlation_id,
        wire::{
            ClientError, Credentials, Endpoint, ErrorKind, HttpLimits, SentRequest, Wire, segment,
        },
    },
    text::Scrubber,
};

const API_VERSION: &str = "v1";

/// A client of the Chat API for one project in one environment. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct ChatClient {
    wire: Wire,
    create: Endpoint,
    respond: Endpoint,
    close: Endpoint,
}

/// The project that a client talks to, by the platform's ids.
#[derive(Clone, Copy, Debug)]
pub struct ProjectIds<'a> {
    /// The account.
    pub account_id: &'a str,
    /// The project.
    pub project_id: &'a str,
}

impl ChatClient {
    /// A client for a project at an address. `auth` names the variables that the credentials came
    /// from, for commands that repeat a request; without any, no request can be repeated.
    ///
    /// # Errors
    /// When the address or a credential cannot be used.
    pub fn new(
        base_url: &str,
        project: ProjectIds<'_>,
        credentials: &Credentials,
        auth: Vec<Auth>,
        limits: HttpLimits,
    ) -> Result<Self, ClientError> {
        let endpoint = |operation: Operation, method| {
            let (account, project) = (segment(project.account_id), segment(project.project_id));
            let path = format!("{API_VERSION}/{account}/{project}/chat/{operation}");
            Endpoint::new(operation, method, base_url, &path)
        };
        let create = endpoint(Operation::Create, Method::POST)?;
        Ok(Self {
            wire: Wire::new(&create, credentials, auth, limits)?,
            create,
            respond: endpoint(Operation::Respond, Method::POST)?,
            close: endpoint(Operation::Close, Method::PUT)?,
        })
    }

    async fn create(&self, open: &Open, id: String) -> Result<Opened, Box<BackendError>> {
        let (reply, answer) = self.converse(&self.create, &CreateBody::from(open), id).await?;
        Ok(Opened { conversation_id: reply.conversation_id, greeting: answer })
    }

    async fn respond(
        &self,
        conversation_id: &str,
        message: &Message,
        id: String,
    ) -> Result<Answer, Box<BackendError>> {
        let body = RespondBody::new(conversation_id, message);
        let (reply, answer) = self.converse(&self.respond, &body, id).await?;
        let got = reply.conversation_id;
        if !got.is_empty() && got != conversation_id {
            let sent =
                SentRequest { correlation_id: answer.correlation_id, request: answer.request };
            let kind = ErrorKind::OtherConversation { got };
            return Err(self.wire.error(&self.respond, sent, kind));
        }
        Ok(answer)
    }

    async fn end(&self, conversation_id: &str) -> Result<Closed, Box<BackendError>> {
        match self.wire.send(&self.close, &CloseBody { conversation_id }, correlation_id()).await {
            Ok((body, sent)) if Reply::denies_success(&body) => {
                Err(self.wire.error(&self.close, sent, ErrorKind::NotConfirmed))
            }
            Ok(_) => Ok(Closed::Now),
            // The platform answers alike for a conversation that it does not know.
            Err(error) if matches!(error.status, Some(404 | 410)) => Ok(Closed::OverOrUnknown),
            Err(error) => Err(error),
        }
    }

    async fn converse(
        &self,
        endpoint: &Endpoint,
        body: &impl Serialize,
        correlation_id: String,
    ) -> Result<(Reply, Answer), Box<BackendError>> {
        let started = Instant::now();
        let (body, sent) = self.wire.send(endpoint, body, correlation_id).await?;
        let latency = started.elapsed();
        match Reply::parse(endpoint.operation, &body) {
            Ok(reply) => {
                let mut reply = reply.scrubbed(&self.wire.scrubber);
                let answer = Answer {
                    response: std::mem::take(&mut reply.response),
                    end_conversation: reply.end_conversation,
                    handoff: reply.handoff.take(),
                    latency,
                    correlation_id: sent.correlation_id,
                    request: sent.request,
                    notes: std::mem::take(&mut reply.notes),
                };
                Ok((reply, answer))
            }
            Err(kind) => {
                let mut error = self.wire.error(endpoint, sent, kind);
                error.conversation_id = Reply::conversation_id(&body);
                Err(error)
            }
        }
    }
}

impl Backend for ChatClient {
    fn open<'a>(&'a self, request: &'a Open, id: String) -> backend::BackendFuture<'a, Opened> {
        Box::pin(self.create(request, id))
    }

    fn say<'a>(
        &'a self,
        conversation_id: &'a str,
        message: &'a Message,
        id: String,
    ) -> backend::BackendFuture<'a, Answer> {
        Box::pin(self.respond(conversation_id, message, id))
    }

    fn close<'a>(&'a self, conversation_id: &'a str) -> backend::BackendFuture<'a, Closed> {
        Box::pin(self.end(conversation_id))
    }

    fn limit_key(&self) -> String {
        self.wire.limit_key.clone()
    }

    fn auth(&self) -> &[Auth] {
        &self.wire.auth
    }

    fn scrubber(&self) -> Scrubber {
        self.wire.scrubber.clone()
    }
}
