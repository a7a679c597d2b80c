//! A client of the operations, computed from their table: what is called, with which parameters,
//! and how the caller proves who it is are read off the [`Entry`]. It does no I/O: whoever has a
//! connection implements [`Transport`], or drives the [`Step`]s of a call itself (a caller that is
//! async).
//!
//! Nothing is defined twice. A typed call takes its parameters as anything that serializes (the
//! operation's own struct where it does, else `json!({…})`) and checks their names against the
//! schema; its answer is JSON that can be read as the operation's own reply, where that type reads
//! itself back. Replies with fixed words in them (`&'static str`) stay JSON.

mod call;
mod describe;

pub use call::{Credentials, Means, Outgoing, Pair, Step, Waiting};
pub use describe::{CREDENTIALS, Description, Parameter, check, describe, find};

use crate::dispatch;
use crate::form::Request;
use crate::operation::{Entry, Operation};
use domain::{Clock, Error};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use store::Db;

/// Carries a request to a server, and the whole answer back.
pub trait Transport {
    /// Sends a form to a path, with an access token in the header if there is one.
    fn send(&self, path: &str, bearer: Option<&str>, fields: &[Pair])
    -> Result<Vec<u8>, Unreached>;
}

/// Why there is no answer, without a secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached(pub String);

/// A store in this process, called without a socket.
#[derive(Clone)]
pub struct InProcess(pub Db);

/// What calls operations.
pub struct Client<T> {
    transport: T,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
    takes_any: bool,
}

/// The whole answer of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer(Json);

/// What stands in `body` of an answer with status 0.
pub struct Body<O> {
    json: Json,
    operation: PhantomData<fn() -> O>,
}

/// An answer with another status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number.
    pub status: i64,
    /// Its text.
    pub error: String,
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was sent: the call cannot be meant like this.
    Unsendable(String),
    /// There is no answer.
    Unreached(Unreached),
    /// What answered is no such server.
    Unreadable(&'static str),
    /// The server said no.
    Refused(Refused),
}

impl<T: Transport> Client<T> {
    /// A client with a connection, and with all that it may have to prove who it is.
    pub fn new(transport: T, credentials: Credentials, clock: Arc<dyn Clock>) -> Self {
        Self { transport, credentials, clock, takes_any: false }
    }

    /// Also sends parameters the operation does not know, and calls of operations that are not
    /// built.
    #[must_use]
    pub fn taking_any(self, takes_any: bool) -> Self {
        Self { takes_any, ..self }
    }

    /// Calls an operation; an answer with another status than 0 is a [`Problem::Refused`].
    pub fn call<O: Operation>(&self, params: &impl Serialize) -> Result<Body<O>, Problem> {
        let answer = self.send(const { &Entry::of::<O>() }, pairs(params)?)?;
        Ok(Body { json: answer.accepted()?, operation: PhantomData })
    }

    /// Calls what a line of the table names; the whole answer, whatever its status.
    pub fn send(&self, entry: &Entry, pairs: Vec<Pair>) -> Result<Answer, Problem> {
        if !self.takes_any {
            check(entry, &pairs)?;
        }
        let means = Means::of(entry, &self.credentials);
        let now = self.clock.now();
        let mut step = Step::first(entry, pairs, means, &self.credentials, now)?;
        loop {
            match step {
                Step::Done(answer) => return Ok(answer),
                Step::Send(request, waiting) => {
                    let Outgoing { path, bearer, fields } = request;
                    let bytes = self.transport.send(path, bearer.as_deref(), &fields);
                    step = waiting.answered(&bytes.map_err(Problem::Unreached)?)?;
                }
            }
        }
    }
}

impl Transport for InProcess {
    fn send(
        &self,
        path: &str,
        bearer: Option<&str>,
        fields: &[Pair],
    ) -> Result<Vec<u8>, Unreached> {
        let header = bearer.map(|token| format!("Bearer {token}"));
        let request = Request::of_fields("", fields.to_vec(), header.as_deref());
        let answer = request.and_then(|request| Ok((dispatch::find(path, &request)?.1, request)));
        let answer = answer.map_err(Error::from).and_then(|(built, request)| {
            self.0.run_blocking(built.access, move |tx| built.answer(tx, &request))
        });
        match answer {
            Ok(bytes) => Ok(bytes),
            Err(Error::Failed(failure)) => Err(Unreached(failure.to_string())),
            Err(refused) => Ok(dispatch::envelope(&refused).1),
        }
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|_| Problem::Unreadable("the answer is not JSON"))?;
        if json["status"].is_i64() {
            Ok(Self(json))
        } else {
            Err(Problem::Unreadable("the answer has no status"))
        }
    }

    /// The whole of it.
    pub const fn envelope(&self) -> &Json {
        &self.0
    }

    /// 0, or why not.
    pub fn status(&self) -> i64 {
        self.0["status"].as_i64().unwrap_or_default()
    }

    /// What was asked for.
    pub fn body(&self) -> &Json {
        &self.0["body"]
    }

    /// The body, if the status is 0.
    pub fn accepted(mut self) -> Result<Json, Problem> {
        match self.status() {
            0 => Ok(self.0["body"].take()),
            status => {
                let error = self.0["error"].as_str().unwrap_or_default().to_owned();
                Err(Problem::Refused(Refused { status, error }))
            }
        }
    }
}

impl<O: Operation<Reply: DeserializeOwned>> Body<O> {
    /// The body as the operation's own type.
    pub fn typed(self) -> Result<O::Reply, Problem> {
        let unlike = |_| Problem::Unreadable("the answer is not shaped like this operation's");
        serde_json::from_value(self.json).map_err(unlike)
    }
}

impl<O> Deref for Body<O> {
    type Target = Json;
    fn deref(&self) -> &Json {
        &self.json
    }
}

impl<O> fmt::Debug for Body<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.json.fmt(f)
    }
}

/// Parameters as the texts of a form. What is null or an empty list is left out.
pub fn pairs(params: &impl Serialize) -> Result<Vec<Pair>, Problem> {
    let unsendable = |problem: &str| Problem::Unsendable(problem.to_owned());
    let json = serde_json::to_value(params).map_err(|error| unsendable(&error.to_string()))?;
    let members = match json {
        Json::Null => return Ok(Vec::new()),
        Json::Object(members) => members,
        _ => return Err(unsendable("parameters are an object")),
    };
    let text = |(name, value)| Some((name, text(value)?));
    Ok(members.into_iter().filter_map(text).collect())
}

fn text(value: Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::Array(items) if items.is_empty() => None,
        Json::String(text) => Some(text),
        Json::Bool(is) => Some(u8::from(is).to_string()),
        Json::Array(items) if items.iter().all(Json::is_number) => {
            let items: Vec<String> = items.iter().map(Json::to_string).collect();
            Some(items.join(","))
        }
        other => Some(other.to_string()),
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}: {}", self.status, self.error)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsendable(problem) => f.write_str(problem),
            Self::Unreached(unreached) => unreached.fmt(f),
            Self::Unreadable(problem) => f.write_str(problem),
            Self::Refused(refused) => refused.fmt(f),
        }
    }
}

impl std::error::Error for Problem {}
