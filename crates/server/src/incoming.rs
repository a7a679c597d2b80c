//! From an HTTP request to `api`'s request: bounded in size and time. What the parameters mean is
//! `api::form`.

use api::form::{BodyKind, Request};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest as _, Multipart};
use axum::http::{HeaderMap, header, request};
use domain::Refusal;
use std::time::Duration;

/// A body has at most this many bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// A body has arrived within this time.
const BODY_WAIT: Duration = Duration::from_secs(30);

/// Reads the parameters and the credential of a request.
pub(crate) async fn read(parts: &request::Parts, body: Body) -> Result<Request, Refusal> {
    let body = bytes(body, BODY_BYTES_MAX).await?;
    let content_type = header_text(&parts.headers, &header::CONTENT_TYPE);
    let authorization = header_text(&parts.headers, &header::AUTHORIZATION);
    let query = parts.uri.query().unwrap_or_default();
    match BodyKind::of(content_type, &body) {
        BodyKind::Multipart => {
            Request::of_fields(query, multipart_fields(parts, body).await?, authorization)
        }
        kind => Request::parse(query, kind, &body, authorization),
    }
}

/// A header that is plain text.
pub(crate) fn header_text<'h>(
    headers: &'h HeaderMap,
    name: &header::HeaderName,
) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The whole body, if it has no more bytes and comes in time.
pub(crate) async fn bytes(body: Body, bytes_max: usize) -> Result<Bytes, Refusal> {
    let late = |_| Refusal::invalid_param("body", "it did not arrive in time");
    let read = tokio::time::timeout(BODY_WAIT, to_bytes(body, bytes_max)).await.map_err(late)?;
    read.map_err(|_| {
        let problem = format!("it was cut off, or has more than {bytes_max} bytes");
        Refusal::invalid_param("body", problem)
    })
}

async fn multipart_fields(
    parts: &request::Parts,
    body: Bytes,
) -> Result<Vec<(String, String)>, Refusal> {
    let broken = || Refusal::invalid_param("body", "it is not a whole multipart form");
    let request = axum::http::Request::from_parts(parts.clone(), Body::from(body));
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| broken())?;
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        let name = field.name().ok_or_else(broken)?.to_owned();
        let text = field.bytes().await.map_err(|_| broken())?;
        let text = String::from_utf8(text.into());
        // Without the name: it is the caller's text, and nobody has looked at it yet.
        let text =
            text.map_err(|_| Refusal::invalid_param("body", "a field of the form is not UTF-8"))?;
        fields.push((name, text));
    }
    Ok(fields)
}
