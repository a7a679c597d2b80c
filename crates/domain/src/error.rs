//! What can go wrong, in two kinds: a [`Refusal`] is an answer, a [`Failure`] is none. It does not
//! write logs: an error is logged once, where it is handled.

use crate::Status;
use std::fmt;

/// The result of everything that can be refused or can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The caller is told; what the proof of its credential wrote stays.
    Refused(Box<Refusal>),
    /// Nothing of the transaction stays.
    Failed(Failure),
}

/// An answer with a non-zero status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The number on the wire.
    pub status: Status,
    /// The text on the wire: it may name a parameter, never a value.
    pub text: String,
    /// The true cause, for the operator's log: never on the wire, never a personal value.
    pub cause: String,
    /// With 601: how long the caller is to wait.
    pub wait_seconds: i64,
    /// What stands in `body`, where it is not empty.
    pub body: Option<Box<serde_json::Value>>,
}

/// Work that could not be done; the caller may try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A queue is full, or another process holds the store.
    Busy,
    /// The work took longer than it may.
    TimedOut,
    /// The server is going down.
    ShuttingDown,
    /// A read found that it has to write: run it again, whole, where writing is allowed.
    NeedsWrite,
    /// An address has to answer first: ask it outside of any transaction, then run this again,
    /// whole.
    NeedsAnswer(String),
    /// Who serves the call has to decide something first, outside of any transaction; then run this
    /// again, whole.
    NeedsDecision,
    /// Another transaction was in the way: run it again, whole.
    Conflict(String),
    /// A defect or a broken machine.
    Internal(String),
}

impl Refusal {
    /// A refusal with a number, a text and a cause.
    pub fn new(status: Status, text: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { status, text: text.into(), cause: cause.into(), wait_seconds: 1, body: None }
    }

    /// 401: no access token, or one that is unknown, expired or ended. The text is the recorded
    /// one.
    pub fn invalid_token(cause: impl Into<String>) -> Self {
        let text = "XRequestID: Not provided invalid_token: The access token provided is invalid";
        Self::new(Status::INVALID_TOKEN, text, cause)
    }

    /// 401: the application did not prove who it is.
    pub fn invalid_client(cause: impl Into<String>) -> Self {
        let text = "XRequestID: Not provided invalid_client: The client credentials are invalid";
        Self::new(Status::INVALID_TOKEN, text, cause)
    }

    /// 2555: the token lacks the scope.
    pub fn missing_scope(scope: crate::Scope) -> Self {
        let text = "Insufficient_scope: The request requires higher privileges than provided by \
                    the access token";
        Self::new(Status::MISSING_SCOPE, text, format!("the token lacks {scope}"))
    }

    /// 503: a parameter that is there and cannot be used. `problem` says what would do.
    pub fn invalid_param(name: &str, problem: impl fmt::Display) -> Self {
        let text = format!("Invalid Params: invalid {name}: {problem}");
        Self::new(Status::INVALID_PARAMS, text.clone(), text)
    }

    /// 503: a parameter that must be there and is not.
    pub fn missing_param(name: &str) -> Self {
        let text = format!("Invalid Params: missing {name}");
        Self::new(Status::INVALID_PARAMS, text.clone(), text)
    }

    /// 503 whose wire text withholds the cause: `Invalid Params: invalid <name>`, as recorded.
    pub fn rejected(name: &str, cause: impl Into<String>) -> Self {
        let text = format!("Invalid Params: invalid {name}");
        Self::new(Status::INVALID_PARAMS, text, cause)
    }

    /// The same with something in its body, which programs read.
    #[must_use]
    pub fn with_body(self, body: serde_json::Value) -> Self {
        Self { body: Some(Box::new(body)), ..self }
    }

    /// 342: a call that is not signed by its application, or whose nonce is not good (any more).
    pub fn invalid_signature(cause: impl Into<String>) -> Self {
        Self::new(Status::INVALID_SIGNATURE, "Invalid Params: invalid signature", cause)
    }

    /// 277: the caller is who it says, and may not do this.
    pub fn not_entitled(cause: impl Into<String>) -> Self {
        Self::new(Status::NOT_ENTITLED, "Unauthorized", cause)
    }

    /// 601: too much at once. The caller is told how long to wait.
    pub fn too_many(text: &str, cause: impl Into<String>, wait_seconds: i64) -> Self {
        let refusal = Self::new(Status::TOO_MANY_REQUESTS, text, cause);
        Self { wait_seconds: wait_seconds.max(1), ..refusal }
    }

    /// 2554: no such action, or none yet.
    pub fn not_implemented(cause: impl Into<String>) -> Self {
        Self::new(Status::NOT_IMPLEMENTED, "Not implemented", cause)
    }
}

impl Failure {
    /// The status a failure has on the wire.
    pub const fn status(&self) -> Status {
        match self {
            Self::Busy => Status::TOO_MANY_REQUESTS,
            Self::TimedOut => Status::TIMEOUT,
            Self::ShuttingDown
            | Self::NeedsWrite
            | Self::NeedsAnswer(_)
            | Self::NeedsDecision
            | Self::Conflict(_)
            | Self::Internal(_) => Status::INTERNAL,
        }
    }

    /// The text a failure has on the wire: never the cause.
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Busy => "Too many request",
            Self::TimedOut => "Timeout",
            _ => "An error occurred",
        }
    }
}

impl Error {
    /// A failure of the machine or a defect, with the words for the log.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Failed(Failure::Internal(cause.to_string()))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.cause, self.status.code())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the store is busy; try again"),
            Self::TimedOut => f.write_str("the work took too long"),
            Self::ShuttingDown => f.write_str("the server is going down"),
            Self::NeedsWrite => f.write_str("a read has to write"),
            Self::NeedsAnswer(_) => f.write_str("an address has to answer first"),
            Self::NeedsDecision => f.write_str("who serves the call has to decide first"),
            Self::Conflict(why) => write!(f, "conflict: {why}"),
            Self::Internal(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}
impl std::error::Error for Failure {}
impl std::error::Error for Error {}
