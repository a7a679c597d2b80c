//! All routes in one place, and what every handler may reach.

use crate::password::Verifier;
use crate::{authorize, docs, gateway, rpc, trace};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::Entropy;
use std::ops::Deref;
use std::sync::Arc;
use store::{Access, Db};

/// What every handler may reach.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// The parts of [`App`].
pub(crate) struct Parts {
    pub(crate) db: Db,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) verifier: Verifier,
    /// The address people and programs know the server by, if it was said.
    pub(crate) public_url: Option<url::Url>,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Whether browsers reach the server over https.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// Everything the main listener serves.
pub(crate) fn routes(app: App) -> Router {
    finish(all().merge(docs::routes(app.public_url.as_ref())), app)
}

/// The same without a log line for each request: simulated devices of this very process send many.
pub(crate) fn local_routes(app: App) -> Router {
    all().with_state(app)
}

fn all() -> Router<App> {
    Router::new()
        .route("/healthz", get(health))
        .route("/static/style.css", get(style))
        .merge(authorize::routes())
        .merge(gateway::routes().layer(from_fn(gateway::from_home)))
        .fallback(rpc::answer)
}

/// What a listener of the scales' own serves.
pub(crate) fn scale_routes(app: App) -> Router {
    finish(gateway::routes(), app)
}

fn finish(router: Router<App>, app: App) -> Router {
    router
        .layer(map_response(security_headers))
        .layer(from_fn_with_state(app.clone(), trace::request))
        .with_state(app)
}

async fn security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "same-origin")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // One page has a policy of its own: see `docs`.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ));
    response
}

/// Whether the process answers, and the store can be read and takes writes.
async fn health(State(app): State<App>) -> Response {
    let health = |status| format!("{{\"status\":\"{status}\"}}\n");
    let kind = [(header::CONTENT_TYPE, "application/json")];
    let can_read = app.db.run(Access::Read, store::ping).await;
    let can_write = app.db.run(Access::Write, store::ping).await;
    match can_read.and(can_write) {
        Ok(()) => (kind, health("ok")).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, kind, health("store")).into_response(),
    }
}

async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("../static/style.css")).into_response()
}
