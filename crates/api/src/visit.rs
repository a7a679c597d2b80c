//! What whoever serves a call learns of who calls, once that is proven, and may refuse. A store
//! alone serves without: it limits nobody.

use crate::form::Request;
use domain::{Failure, Refusal, Status, UserId};
use std::fmt;
use std::sync::Arc;
use store::{Tx, application};

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who<'w> {
    /// The application.
    pub client_id: &'w str,
    /// Whose data it asks for, if a token says so.
    pub user: Option<UserId>,
}

/// One call, as whoever serves it sees it. Work on the store may run more than once; what is said
/// again counts once.
pub trait Visit: Send + Sync {
    /// The application that is named is one of this server; it has not proven yet that it calls.
    fn names(&self, client_id: &str);
    /// Whether the application's own limit has to be looked up before it is let in.
    fn wants_limit(&self, client_id: &str) -> bool;
    /// The application's own limit: calls a minute, if it has one.
    fn learns_limit(&self, client_id: &str, requests_per_minute: Option<i64>);
    /// It is proven who calls. A refusal says how long to wait.
    ///
    /// # Errors
    ///
    /// A refusal, or [`Failure::NeedsDecision`]: it is decided, then everything is run again.
    fn admits(&self, who: Who<'_>) -> domain::Result<()>;
    /// Whose data the call is about, where no token says it.
    fn concerns(&self, user: UserId);
    /// How many rows a page has at most, where whoever serves the call makes them small.
    fn page_rows(&self) -> Option<usize> {
        None
    }
    /// What became of asking an address: none before it was asked, else why it will not do.
    fn answered(&self, address: &str) -> Option<Result<(), String>>;
}

/// The visit a request is part of, if somebody serves it.
#[derive(Clone, Default)]
pub(crate) struct Visiting(pub(crate) Option<Arc<dyn Visit>>);

/// Requests are compared by what they say.
impl PartialEq for Visiting {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Visiting {}

impl fmt::Debug for Visiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Visiting")
    }
}

/// To be called as soon as an application of this server is named.
pub(crate) fn names(request: &Request, client_id: &str) {
    if let Some(visit) = request.visit() {
        visit.names(client_id);
    }
}

/// To be called when it is known whose data a call is about, if no token said it.
pub(crate) fn concerns(request: &Request, user: UserId) {
    if let Some(visit) = request.visit() {
        visit.concerns(user);
    }
}

/// To be called once it is proven who calls, and before anything is done for them.
pub(crate) fn admit(tx: &mut Tx<'_>, request: &Request, who: Who<'_>) -> domain::Result<()> {
    let Some(visit) = request.visit() else { return Ok(()) };
    visit.names(who.client_id);
    if visit.wants_limit(who.client_id) {
        let limit = application::requests_per_minute(tx, who.client_id)?;
        visit.learns_limit(who.client_id, limit);
    }
    visit.admits(who)?;
    if let Some(rows_max) = visit.page_rows() {
        tx.shrink_pages(rows_max);
    }
    Ok(())
}

/// To be called when an address has to answer before anything is done.
pub(crate) fn answered(request: &Request, address: String) -> domain::Result<()> {
    let Some(visit) = request.visit() else { return Ok(()) };
    match visit.answered(&address) {
        None => Err(Failure::NeedsAnswer(address).into()),
        Some(Ok(())) => Ok(()),
        Some(Err(cause)) => Err(unanswered(cause).into()),
    }
}

/// 293: an address did not answer as it has to. The text is an older answer's (field-notes 1.1);
/// the cause is for the operator.
pub(crate) fn unanswered(cause: impl Into<String>) -> Refusal {
    let text = "The callback URL is either unknown or invalid";
    Refusal::new(Status::CALLBACK_REFUSED, text, cause)
}
