//! What a warehouse's program says of orders, over HTTP: who may say it. What it means is
//! `api::fulfilment`.

use crate::bearer;
use crate::incoming;
use crate::trace::Traced;
use crate::web::App;
use api::{dispatch, fulfilment};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use domain::{Error, Refusal, Result, Status};
use store::{Access, Tx};

/// The one route. Without a token in the settings it is not there.
pub(crate) fn routes() -> Router<App> {
    Router::new().route(fulfilment::PATH, post(answer))
}

async fn answer(
    State(app): State<App>,
    Path(order_id): Path<String>,
    request: Request<Body>,
) -> Response {
    let mut traced = Traced { service: "fulfilment", action: "order", ..Traced::default() };
    let Some(token) = &app.fulfilment_token else {
        let text = "Not found: the setting fulfilment_token is not set.\n";
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let (http, bytes) = match call(&app, token, order_id, request).await {
        Ok(bytes) => (StatusCode::OK, bytes),
        Err(error) => {
            let (status, bytes) = dispatch::envelope(&error);
            traced.refused(status, &error);
            let http = match &error {
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

async fn call(app: &App, token: &str, order_id: String, request: Request<Body>) -> Result<Vec<u8>> {
    let (parts, body) = request.into_parts();
    if !bearer::is(&parts.headers, token) {
        return Err(Refusal::invalid_token("not the token of the warehouse's program").into());
    }
    let body = incoming::bytes(body, fulfilment::BODY_BYTES_MAX).await?;
    let work = move |tx: &mut Tx<'_>| fulfilment::answer(tx, &order_id, &body);
    app.db.run(Access::Write, work).await
}
