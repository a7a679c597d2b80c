//! One structured line per request, with an id that the answer carries too. The line says what was
//! called and how it went; it has no parameter, no token, no measure and no person in it.

use crate::web::App;
use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderName, HeaderValue, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::EntropyExt as _;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a handler knows of the request it answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traced {
    /// A name of the table, never text of the caller.
    pub(crate) service: &'static str,
    /// A name of the table, never text of the caller.
    pub(crate) action: &'static str,
    /// The status of the envelope.
    pub(crate) status: u16,
    /// Why it is not 0.
    pub(crate) cause: Option<String>,
    /// Whether the server is at fault.
    pub(crate) is_failure: bool,
}

/// Runs a request and writes its line.
pub(crate) async fn request(
    State(app): State<App>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let request_id = app.entropy.token()[..16].to_owned();
    let method = request.method().clone();
    // The route as it stands in this program, never the path as it was sent.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let traced = response.extensions().get::<Traced>().cloned().unwrap_or_default();
    let http = response.status().as_u16();
    // 64 bits: a wider number is written as text.
    let duration_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let Traced { service, action, status, cause, is_failure } = traced;
    let cause = cause.unwrap_or_default();
    let route = matched.as_ref().map_or("api", MatchedPath::as_str);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(request_id, %method, route, http, service, action, status, cause, duration_us, "request")
        };
    }
    match () {
        () if is_failure || http >= 500 => line!(error),
        () if status != 0 => line!(warn),
        () => line!(info),
    }
    response
}
