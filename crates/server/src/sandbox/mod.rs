//! A sandbox: a server whose clock can be turned. What turns it is asked over HTTP, below
//! `/vitald/v1`, by programs on the same machine or with the sandbox's token; a server that is no
//! sandbox has none of it.

mod archive;
pub(crate) mod clock;
mod crowd;
mod cut;
pub mod demo;
pub(crate) mod fault;
pub(crate) mod faults;
mod known;
pub(crate) mod people;
pub(crate) mod personas;
mod rewrite;
pub mod seed;
pub mod snapshot;
mod strike;
pub(crate) mod threads;
mod turn;

use crate::bearer;
use crate::clock::TurnedClock;
use crate::incoming;
use crate::serve::Peer;
use crate::trace::Traced;
use crate::web::App;
use api::dispatch;
use api::form::Request as Form;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use domain::{Clock as _, Error, Refusal, Result, Status};
pub use known::{Known, KnownKind, KnownScenario, KnownSetting, known};
use people::People;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use store::Db;
pub(crate) use strike::{Faulted, Late};
use tokio::sync::Mutex;
pub(crate) use turn::keep_up;
pub use turn::restore_clock;
pub(crate) use {archive::layout, cut::uncut};

/// What makes a server a sandbox.
#[derive(Clone)]
pub struct Sandbox {
    /// The clock that everything of the server follows.
    pub clock: Arc<TurnedClock>,
    /// What programs prove themselves with; without it only those on the same machine are heard.
    pub token: Option<String>,
    turning: Arc<Mutex<()>>,
    people: Arc<People>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sandbox")
    }
}

impl Sandbox {
    /// Around a clock.
    pub fn new(clock: Arc<TurnedClock>, token: Option<String>) -> Self {
        Self { clock, token, turning: Arc::default(), people: Arc::default() }
    }
}

impl Sandbox {
    /// Lets the simulated people live up to now, before anybody looks. What was before a sandbox
    /// began is told to nobody.
    pub async fn catch_up(&self, db: &Db) -> Result<()> {
        self.people.live_quietly(db, self.clock.now()).await
    }
}

/// The routes of a sandbox.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/vitald/v1/clock", get(clock::show).post(clock::turn))
        .route("/vitald/v1/persona", get(personas::list).post(personas::add))
        .route("/vitald/v1/fault", get(fault::show).post(fault::add).delete(fault::remove))
        .route("/vitald/v1/fault/kinds", get(fault::kinds))
        .route("/vitald/v1/snapshot", get(snapshot::list).post(snapshot::change))
}

/// The sandbox of a server, if whoever asks may turn it.
pub(crate) fn of<'a>(app: &'a App, request: &Request<Body>) -> Result<&'a Sandbox> {
    let cause = "the server is no sandbox: start it with `vitald sandbox`, or set sandbox = true";
    let sandbox = app.sandbox.as_ref().ok_or_else(|| Refusal::not_implemented(cause))?;
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let is_heard = match &sandbox.token {
        Some(token) => bearer::is(request.headers(), token),
        None => {
            let is_here = peer.is_none_or(|peer| peer.to_canonical().is_loopback());
            // A page of another site in a browser on this machine is not this machine.
            let is_foreign = crate::gateway::is_forwarded(request.headers());
            is_here && !is_foreign
        }
    };
    if is_heard {
        return Ok(sandbox);
    }
    Err(Refusal::invalid_token("not the token of the sandbox, or not from this machine").into())
}

/// Reads what is asked for and does it, to its end: also where whoever asked is gone, as half of a
/// turn is none.
pub(crate) async fn done<T, W>(
    app: &App,
    request: Request<Body>,
    work: impl FnOnce(App, Sandbox, Form) -> W,
) -> Result<T>
where
    T: Send + 'static,
    W: Future<Output = Result<T>> + Send + 'static,
{
    let sandbox = of(app, &request)?.clone();
    let (parts, body) = request.into_parts();
    let form = incoming::read(&parts, body).await?;
    to_the_end(work(app.clone(), sandbox, form)).await
}

/// Does something of which half is none.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::internal)?
}

/// The answer of a call that turns a sandbox: JSON in the envelope of the API, and a status of HTTP
/// that says the same.
pub(crate) fn answered(action: &'static str, answer: Result<impl Serialize>) -> Response {
    let mut traced = Traced { service: "sandbox", action, ..Traced::default() };
    let (http, bytes) = match answer {
        Ok(body) => (StatusCode::OK, json!({ "status": 0, "body": body }).to_string().into_bytes()),
        Err(error) => {
            let (status, bytes) = dispatch::envelope(&error);
            traced.refused(status, &error);
            let http = match &error {
                Error::Refused(_) if status == Status::NOT_IMPLEMENTED => StatusCode::NOT_FOUND,
                Error::Refused(_) if status == Status::INVALID_TOKEN => StatusCode::UNAUTHORIZED,
                Error::Refused(_) => StatusCode::BAD_REQUEST,
                Error::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            (http, bytes)
        }
    };
    let mut response = crate::rpc::json_answer(bytes.into());
    *response.status_mut() = http;
    response.extensions_mut().insert(traced);
    response
}
