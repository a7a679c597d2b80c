//! The API as a document for programs (`/openapi.json`) and as a page for people (`/docs`).
//! Everything the page needs is in the binary: it works offline, and the browser is told to fetch
//! nothing from anywhere else. What the document says is `api::openapi`.

use crate::web::App;
use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// What the viewer needs and no more: scripts of our own, styles it writes into elements, icons
/// that stand in its style sheet, and calls to this very server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

const PAGE: &str = include_str!("../static/docs.html");
const START: &str = include_str!("../static/docs.js");
const VIEWER: &str = include_str!("../static/swagger-ui/swagger-ui-bundle.js");
const STYLE: &str = include_str!("../static/swagger-ui/swagger-ui.css");

/// The routes of the document and of its page.
pub(crate) fn routes(public_url: Option<&url::Url>) -> Router<App> {
    let document = api::openapi::document(public_url.map(url::Url::as_str));
    let document = Bytes::from(document.to_string());
    Router::new()
        .route("/openapi.json", get(move || async { file("application/json", document) }))
        .route("/docs", get(page))
        .route("/docs/", get(page))
        .route("/docs/docs.js", get(|| async { file(JAVASCRIPT, START) }))
        .route("/docs/swagger-ui-bundle.js", get(|| async { file(JAVASCRIPT, VIEWER) }))
        .route("/docs/swagger-ui.css", get(|| async { file(CSS, STYLE) }))
}

async fn page() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], file(HTML, PAGE)).into_response()
}

/// A file of the binary: the same until the binary is another.
fn file(kind: &'static str, text: impl Into<Bytes>) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, text.into()).into_response()
}
