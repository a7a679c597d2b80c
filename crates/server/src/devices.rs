//! Device sync over HTTP: what a batch means is `api::sync`.

use crate::bearer;
use crate::incoming;
use crate::trace::Traced;
use crate::web::App;
use api::{dispatch, sync};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use axum::routing::post;
use domain::{Error, Result};
use store::Access;

/// A batch of at most this many bytes is read without asking another thread.
const SMALL_BYTES_MAX: usize = 16 << 10;

/// The route of devices that prove who they are.
pub(crate) fn routes() -> Router<App> {
    Router::new().route(sync::PATH, post(answer))
}

async fn answer(State(app): State<App>, request: Request<Body>) -> Response {
    let mut traced = Traced { service: "device", action: "sync", ..Traced::default() };
    let bytes = call(&app, request).await.unwrap_or_else(|error| {
        let (status, bytes) = dispatch::envelope(&error);
        traced.refused(status, &error);
        bytes
    });
    let mut response = crate::rpc::json_answer(bytes.into());
    response.extensions_mut().insert(traced);
    response
}

async fn call(app: &App, request: Request<Body>) -> Result<Vec<u8>> {
    let (parts, body) = request.into_parts();
    let batch = incoming::bytes(body, sync::BATCH_BYTES_MAX).await?;
    let token = bearer::token(&parts.headers).map(str::to_owned);
    // Whoever writes to the store does not wait for the reading of megabytes.
    let batch = if batch.len() > SMALL_BYTES_MAX {
        let reading = tokio::task::spawn_blocking(move || sync::Batch::read(&batch));
        reading.await.map_err(Error::internal)?
    } else {
        sync::Batch::read(&batch)
    };
    let work = move |tx: &mut store::Tx<'_>| sync::answer(tx, token.as_deref(), &batch);
    app.db.run(Access::Write, work).await
}
