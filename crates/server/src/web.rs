//! All routes in one place, and what every handler may reach.

use crate::audit::Audit;
use crate::buffers::Buffers;
use crate::deliver::{Deliverer, SmsHook};
use crate::figures::{self, Figures};
use crate::inspector::Inspector;
use crate::limits::Limits;
use crate::outbound::Outbound;
use crate::password::Verifier;
use crate::sandbox::{self, Sandbox};
use crate::serve::Rules;
use crate::throttle::Throttle;
use crate::trace::Traced;
use crate::{
    audit, authorize, console, devices, docs, fulfilment, gateway, health, incoming, rpc, trace,
};
use api::dispatch;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Request, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response, map_response_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::{Clock, Entropy, Profile};
use std::ops::Deref;
use std::sync::Arc;
use store::{Access, Db, Tx};
use tokio::sync::watch;

/// What every handler may reach.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// The parts of [`App`].
pub(crate) struct Parts {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) verifier: Verifier,
    pub(crate) buffers: Buffers,
    /// The address people and programs know the server by, if it was said.
    pub(crate) public_url: Option<url::Url>,
    /// What callers and people may do.
    pub(crate) rules: Rules,
    /// The rules of OAuth that are kept.
    pub(crate) profile: Profile,
    /// How much applications may ask.
    pub(crate) limits: Limits,
    /// Why calls were refused.
    pub(crate) inspector: Inspector,
    /// What requests to receivers go out by.
    pub(crate) outbound: Outbound,
    /// What makes the server a sandbox, if it is one.
    pub(crate) sandbox: Option<Sandbox>,
    /// What delivers, if this server does.
    pub(crate) deliverer: Option<Arc<Deliverer>>,
    /// What texts to phones go out by, if anything.
    pub(crate) sms: Option<Arc<SmsHook>>,
    /// How often passwords were tried.
    pub(crate) throttle: Throttle,
    /// Who read or changed whose data.
    pub(crate) audit: Audit,
    /// The numbers, if somebody may ask for them.
    pub(crate) figures: Option<Figures>,
    /// What a warehouse's program proves itself with, if there is one.
    pub(crate) fulfilment_token: Option<String>,
    /// Whether the server takes no further requests.
    pub(crate) stopped: watch::Receiver<bool>,
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

    /// What applications are told the server is called (RFC 9207), in the strict profile.
    pub(crate) fn issuer(&self) -> Option<String> {
        let url = self.public_url.as_ref().filter(|_| self.profile.is_strict());
        url.map(|url| url.as_str().trim_end_matches('/').to_owned())
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
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/static/style.css", get(style))
        .merge(authorize::routes())
        .merge(devices::routes())
        .merge(fulfilment::routes())
        .merge(sandbox::routes())
        .merge(console::routes())
        .merge(gateway::routes().layer(from_fn(gateway::from_home)))
        .fallback(rpc::answer)
}

/// What a listener of the scales' own serves.
pub(crate) fn scale_routes(app: App) -> Router {
    finish(gateway::routes(), app)
}

/// One answer to everything, behind the same layers.
pub(crate) fn constant_routes(app: App, json: Bytes) -> Router {
    let answer = move |request: Request<Body>| async move {
        // The request is read as the API reads it; what it says does not matter.
        let (parts, body) = request.into_parts();
        let _ = incoming::read(&parts, body).await;
        rpc::json_answer(json)
    };
    finish(Router::new().fallback(answer), app)
}

/// One read to everything, on the way of a call but for the proof of who calls.
pub(crate) fn reading_routes(
    app: App,
    read: impl Fn(&mut Tx<'_>, &mut Vec<u8>) -> domain::Result<()> + Clone + Send + Sync + 'static,
) -> Router {
    let answer = |State(app): State<App>, request: Request<Body>| async move {
        let answered = reading(&app, request, read).await;
        answered.unwrap_or_else(|error| rpc::answer_page_error(&error))
    };
    finish(Router::new().fallback(answer), app)
}

async fn reading(
    app: &App,
    request: Request<Body>,
    read: impl Fn(&mut Tx<'_>, &mut Vec<u8>) -> domain::Result<()> + Send + Sync + 'static,
) -> domain::Result<Response> {
    let (parts, body) = request.into_parts();
    let request = incoming::read(&parts, body).await?;
    let entry = dispatch::entry(parts.uri.path(), &request)?;
    let buffers = app.buffers.clone();
    let work = move |tx: &mut Tx<'_>| {
        let mut envelope = buffers.take();
        read(tx, &mut envelope).map(|()| envelope)
    };
    let written = app.db.run(Access::Read, work).await?;
    let response = rpc::json_answer(app.buffers.send(written));
    Ok(Traced::named(entry.service(), entry.action.unwrap_or_default(), response))
}

/// What the operator's own listener serves: no API, and no line for each request.
pub(crate) fn metrics_routes(app: App) -> Router {
    Router::new()
        .route("/metrics", get(figures::answer))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(app)
}

fn finish(router: Router<App>, app: App) -> Router {
    router
        .layer(map_response(security_headers))
        .layer(map_response_with_state(app.clone(), audit::answered))
        .layer(from_fn_with_state(app.clone(), audit::page))
        .layer(from_fn_with_state(app.clone(), trace::request))
        .with_state(app)
}

/// What pages may do. Every answer but `/docs` carries it, which tells the doctor that a vitald
/// answers.
pub(crate) const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in
        [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "same-origin")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // One page has a policy of its own: see `docs`.
    let policy = headers.entry(header::CONTENT_SECURITY_POLICY);
    policy.or_insert(HeaderValue::from_static(POLICY));
    response
}

async fn style() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "max-age=3600")];
    let response = (headers, include_str!("../static/style.css")).into_response();
    Traced::named("page", "style", response)
}
