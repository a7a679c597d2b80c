//! `/healthz`: the process answers. `/readyz`: it may be sent requests. Two questions, as the
//! answer to a sick store is to send no requests, not to start the process again.

use crate::trace::Traced;
use crate::web::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::{Result, Status};
use std::time::Duration;
use store::Access;

/// A check that takes longer has failed: who asks does not wait for ever.
const CHECK_WAIT: Duration = Duration::from_secs(2);
const JSON: [(header::HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];

/// Whether the process answers. It asks nothing of the store.
pub(crate) async fn alive() -> Response {
    Traced::named("health", "healthz", (JSON, "{\"status\":\"ok\"}\n").into_response())
}

/// Whether the server takes requests, and the store can be read, takes writes and has the schema
/// this program was made for.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let serving = if *app.stopped.borrow() { "stopping" } else { "ok" };
    let read = app.db.run(Access::Read, |tx| {
        store::ping(tx)?;
        store::is_current(tx)
    });
    let write = app.db.run(Access::Write, store::ping);
    let (read, write) = tokio::join!(
        tokio::time::timeout(CHECK_WAIT, read),
        tokio::time::timeout(CHECK_WAIT, write)
    );
    let migrations = match &read {
        Ok(Ok(true)) => "ok",
        Ok(Ok(false)) => "outdated",
        _ => "unknown",
    };
    let (read, write) = (word(read), word(write));
    let is_ready = [serving, read, write, migrations].iter().all(|word| *word == "ok");
    let status = if is_ready { "ok" } else { "unavailable" };
    let body = format!(
        "{{\"status\":\"{status}\",\"checks\":{{\"serving\":\"{serving}\",\"read\":\"{read}\",\
         \"write\":\"{write}\",\"migrations\":\"{migrations}\"}}}}\n"
    );
    let http = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let response = Traced::named("health", "readyz", (http, JSON, body).into_response());
    if is_ready {
        return response;
    }
    let cause = format!("serving {serving}, read {read}, write {write}, migrations {migrations}");
    Traced::because(Status::INTERNAL, &cause, response)
}

fn word<T>(checked: std::result::Result<Result<T>, tokio::time::error::Elapsed>) -> &'static str {
    match checked {
        Ok(Ok(_)) => "ok",
        Ok(Err(_)) => "failed",
        Err(_) => "late",
    }
}
