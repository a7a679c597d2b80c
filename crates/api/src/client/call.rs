//! One call as a state machine without I/O: it says what to send next, is told what came back, and
//! is done when it holds the answer. A signed call fetches a nonce first (field-notes §2). It sends
//! the one proof the table names, and no other.

use super::{Answer, Problem};
use crate::caller::Proof;
use crate::client::describe;
use crate::operation::Entry;
use domain::signature::{GET_NONCE, Signed};
use std::fmt;

/// A parameter and its text.
pub type Pair = (String, String);

/// What a caller has to prove who it is. A call takes of it what it needs.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Opens one person's data.
    pub access_token: Option<String>,
    /// The application.
    pub client_id: Option<String>,
    /// The application's secret. A signed call is keyed with it and does not send it.
    pub client_secret: Option<String>,
}

/// How a call proves who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The access token, in the header.
    Bearer,
    /// `client_id` and `client_secret`.
    Secret,
    /// `client_id`, a nonce that is fetched first, and the signature of both.
    Nonce,
    /// `client_id`, the time, and the signature of both: how a nonce is fetched.
    Timestamp,
}

/// A request to be sent: a form, and perhaps an access token in the header.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The path, such as `/v2/user`.
    pub path: &'static str,
    /// For `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// The form.
    pub fields: Vec<Pair>,
}

/// Where a call stands.
#[derive(Debug)]
pub enum Step {
    /// Send this, and tell [`Waiting::answered`] what came back.
    Send(Outgoing, Waiting),
    /// The call has this answer.
    Done(Answer),
}

/// A call whose request is under way.
#[derive(Debug)]
pub struct Waiting(After);

#[derive(Debug)]
enum After {
    Answer,
    /// The answer is a nonce for this request.
    Nonce {
        request: Outgoing,
        action: &'static str,
        key: Key,
    },
}

/// An application and its secret.
#[derive(Clone)]
struct Key {
    id: String,
    secret: String,
}

impl Means {
    /// What the table asks for; of a page, what the caller has.
    pub fn of(entry: &Entry, credentials: &Credentials) -> Self {
        match entry.built().map(|built| built.proof) {
            Some(Proof::Bearer(_) | Proof::AnyBearer) => Self::Bearer,
            Some(Proof::BearerOrSigned(_) | Proof::AnyBearerOrSigned)
                if credentials.access_token.is_some() =>
            {
                Self::Bearer
            }
            Some(Proof::SecretOrSigned) => Self::Secret,
            Some(Proof::BearerOrSigned(_) | Proof::AnyBearerOrSigned | Proof::Signed(_)) => {
                Self::Nonce
            }
            Some(Proof::Timestamp) => Self::Timestamp,
            None if credentials.access_token.is_some() => Self::Bearer,
            None => Self::Secret,
        }
    }
}

impl Step {
    /// The first step of a call. `now` is signed where a nonce is fetched.
    pub fn first(
        entry: &Entry,
        pairs: Vec<Pair>,
        means: Means,
        credentials: &Credentials,
        now: i64,
    ) -> Result<Self, Problem> {
        let Some(action) = entry.action else {
            return Err(Problem::Unsendable("a page is not called".to_owned()));
        };
        let mut request = Outgoing { path: entry.path, bearer: None, fields: Vec::new() };
        request.add("action", action);
        request.fields.extend(pairs);
        match means {
            // Given by hand, whatever it is.
            Means::Bearer if request.has("access_token") => {}
            Means::Secret if request.has("client_id") && request.has("client_secret") => {}
            Means::Bearer => request.bearer = Some(credentials.bearer()?),
            Means::Secret => {
                let key = credentials.key()?;
                request.add("client_id", &key.id);
                request.add("client_secret", &key.secret);
            }
            Means::Timestamp => {
                request.sign(action, &credentials.key()?, "timestamp", &now.to_string())
            }
            Means::Nonce => {
                let nonce = describe::find("signature", GET_NONCE)?;
                let key = credentials.key()?;
                let first = Self::first(nonce, Vec::new(), Means::Timestamp, credentials, now)?;
                let Self::Send(fetch, _) = first else { return Ok(first) };
                return Ok(Self::Send(fetch, Waiting(After::Nonce { request, action, key })));
            }
        }
        Ok(Self::Send(request, Waiting(After::Answer)))
    }
}

impl Waiting {
    /// What comes after an answer.
    pub fn answered(self, bytes: &[u8]) -> Result<Step, Problem> {
        let answer = Answer::read(bytes)?;
        let After::Nonce { mut request, action, key } = self.0 else {
            return Ok(Step::Done(answer));
        };
        if answer.status() != 0 {
            return Ok(Step::Done(answer));
        }
        let Some(nonce) = answer.body()["nonce"].as_str() else {
            return Err(Problem::Unreadable("an answer of getnonce without a nonce"));
        };
        request.sign(action, &key, "nonce", nonce);
        Ok(Step::Send(request, Self(After::Answer)))
    }
}

impl Outgoing {
    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(given, _)| given == name)
    }

    /// Adds a field, unless the caller gave it.
    fn add(&mut self, name: &str, text: &str) {
        if !self.has(name) {
            self.fields.push((name.to_owned(), text.to_owned()));
        }
    }

    fn sign(&mut self, action: &str, key: &Key, name: &str, nonce_or_timestamp: &str) {
        let signed = Signed { action, client_id: &key.id, nonce_or_timestamp };
        let signature = signed.sign(&key.secret);
        self.add("client_id", &key.id);
        self.add(name, nonce_or_timestamp);
        self.add("signature", &signature);
    }
}

impl Credentials {
    /// One access token.
    pub fn token(access_token: impl Into<String>) -> Self {
        Self { access_token: Some(access_token.into()), ..Self::default() }
    }

    /// One application.
    pub fn application(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let (client_id, client_secret) = (Some(id.into()), Some(secret.into()));
        Self { access_token: None, client_id, client_secret }
    }

    fn bearer(&self) -> Result<String, Problem> {
        let missing = || Problem::Unsendable("this call needs an access token".to_owned());
        self.access_token.clone().ok_or_else(missing)
    }

    fn key(&self) -> Result<Key, Problem> {
        match (self.client_id.clone(), self.client_secret.clone()) {
            (Some(id), Some(secret)) => Ok(Key { id, secret }),
            _ => {
                let problem = "this call needs an application's id and its secret";
                Err(Problem::Unsendable(problem.to_owned()))
            }
        }
    }
}

/// Names only: a secret is not shown by accident.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Outgoing")
            .field("path", &self.path)
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}
