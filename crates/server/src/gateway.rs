//! The scale gateway over HTTP: the protocol itself is `api::gateway`.

use crate::incoming;
use crate::serve::Peer;
use crate::trace::Traced;
use crate::web::App;
use api::{dispatch, gateway};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use domain::{Refusal, Result, Status};
use std::net::IpAddr;
use std::sync::Arc;

/// The routes of older scales.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/cgi-bin/once", post(answer))
        .route("/cgi-bin/once/", post(answer))
        .route("/cgi-bin/session", post(answer))
        .route("/cgi-bin/session/", post(answer))
        .route("/cgi-bin/measure", post(answer))
        .route("/cgi-bin/measure/", post(answer))
}

/// On the main listener only scales at home are answered: a scale cannot prove who it is, so the
/// network it is on is part of its identity (field-notes §15). What came through a proxy, or from a
/// page in a browser, did not come from a scale.
pub(crate) async fn from_home(request: Request<Body>, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    if !is_forwarded(request.headers()) && peer.is_none_or(is_home) {
        return next.run(request).await;
    }
    let cause = "a scale call from outside; see --scale-listen";
    let refusal = Refusal::new(Status::NOT_ENTITLED, "unauthorized", cause);
    let traced = Traced { service: "scale", ..Traced::from(&refusal) };
    let (_, bytes) = dispatch::envelope(&refusal.into());
    let mut response = ([(header::CONTENT_TYPE, "text/plain")], bytes).into_response();
    response.extensions_mut().insert(traced);
    response
}

/// Whether a proxy or a browser sent it.
pub(crate) fn is_forwarded(headers: &axum::http::HeaderMap) -> bool {
    FOREIGN.iter().any(|name| headers.contains_key(*name))
}

/// Headers that proxies and browsers add, and no scale sends.
const FOREIGN: [&str; 5] =
    ["forwarded", "x-forwarded-for", "x-real-ip", "origin", "sec-fetch-site"];

/// This machine, or an address that is not routed on the internet.
pub(crate) fn is_home(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_what_the_internet_does_not_route() {
        for home in
            ["127.0.0.1", "192.168.1.7", "10.0.0.2", "169.254.3.4", "::1", "fd00::1", "fe80::2"]
        {
            assert!(is_home(home.parse().expect("an address")), "{home}");
        }
        for away in ["8.8.8.8", "172.32.0.1", "2001:4860:4860::8888", "::ffff:8.8.8.8"] {
            assert!(!is_home(away.parse().expect("an address")), "{away}");
        }
    }
}
