//! The scale gateway over HTTP: the protocol itself is `api::gateway`.

use crate::incoming;
use crate::trace::Traced;
use crate::web::App;
use api::{dispatch, gateway};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use domain::Result;
use std::sync::Arc;

/// The routes of older scales.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cgi-bin/once", post(answer))
        .route("/cgi-bin/session", post(answer))
        .route("/cgi-bin/measure", post(answer))
}

async fn answer(State(app): State<App>, request: Request<Body>) -> Response {
    let mut traced = Traced { service: "scale", ..Traced::default() };
    let bytes = call(&app, request, &mut traced).await.unwrap_or_else(|error| {
        let (status, bytes) = dispatch::envelope(&error);
        traced.refused(status, &error);
        bytes
    });
    let mut response = ([(header::CONTENT_TYPE, "text/plain")], bytes).into_response();
    response.extensions_mut().insert(traced);
    response
}

async fn call(app: &App, request: Request<Body>, traced: &mut Traced) -> Result<Vec<u8>> {
    let (parts, body) = request.into_parts();
    let request = incoming::read(&parts, body).await?;
    let call = gateway::find(parts.uri.path(), &request)?;
    traced.action = call.action;
    let request = Arc::new(request);
    app.db.run(call.access, move |tx| call.answer(tx, &request)).await
}
