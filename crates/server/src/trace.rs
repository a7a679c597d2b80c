//! One structured line per request, with an id that the answer carries too, and that every other
//! line written during the request carries as well. The line says what was called and how it went;
//! it has no parameter, no token, no measure and no person in it. `docs/logging.md` lists its
//! fields.

use crate::gateway::is_home;
use crate::incoming::header_text;
use crate::inspector::Seen;
use crate::serve::Peer;
use crate::web::App;
use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::{EntropyExt as _, Status, UserId};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use tracing::Instrument as _;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
/// An id of somebody else's has at most this many characters: a UUID's, and fewer than a token's.
const ID_CHARS_MAX: usize = 36;
/// And at least this many, so that it can be told from others.
const ID_CHARS_MIN: usize = 16;

/// What a handler knows of the request it answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traced {
    /// A name of the table, never text of the caller.
    pub(crate) service: &'static str,
    /// A name of the table, never text of the caller.
    pub(crate) action: &'static str,
    /// The status of the envelope; of a page, the one that says the same.
    pub(crate) status: u16,
    /// Why it is not 0.
    pub(crate) cause: Option<String>,
    /// Whether the server is at fault.
    pub(crate) is_failure: bool,
    /// The application that called. For its makers and for the audit, never for the log.
    pub(crate) client_id: Option<String>,
    /// Whose data was asked for. For the audit, never for the log.
    pub(crate) user: Option<UserId>,
}

impl Traced {
    /// Adds to an answer what was called.
    pub(crate) fn named(
        service: &'static str,
        action: &'static str,
        mut response: Response,
    ) -> Response {
        let traced = response.extensions_mut().get_or_insert_default::<Self>();
        (traced.service, traced.action) = (service, action);
        response
    }

    /// Adds to an answer that has no envelope why it is not what was asked for.
    pub(crate) fn because(status: Status, cause: &str, mut response: Response) -> Response {
        let traced = response.extensions_mut().get_or_insert_default::<Self>();
        (traced.status, traced.cause) = (status.code(), Some(cause.to_owned()));
        response
    }
}

/// Runs a request, counts it and writes its line.
pub(crate) async fn request(
    State(app): State<App>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let (given, trace_id) = foreign_ids(peer, request.headers());
    let request_id = given.unwrap_or_else(|| app.entropy.token()[..16].to_owned());
    let method = method_name(request.method());
    // The route as it stands in this program, never the path as it was sent.
    let matched = request.extensions().get::<MatchedPath>().cloned();
    // At the highest level, so that it is there whenever a line is.
    let span = tracing::error_span!("call", request_id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let took = begun.elapsed();
    let traced = response.extensions_mut().remove::<Traced>().unwrap_or_default();
    let http = response.status().as_u16();
    if let Some(figures) = &app.figures {
        figures.count(&traced, http, took);
    }
    let route = matched.as_ref().map_or("api", MatchedPath::as_str);
    let (request_id, trace_id) = (request_id.as_str(), trace_id.as_deref());
    Line { request_id, trace_id, method, route, http, took }.write(&traced);
    if let Some(client_id) = &traced.client_id {
        app.inspector.note(client_id, seen(&app, request_id, &traced, took));
    }
    response
}

/// The call as its application's makers see it.
fn seen(app: &App, request_id: &str, traced: &Traced, took: Duration) -> Seen {
    Seen {
        at: app.clock.now(),
        request_id: request_id.to_owned(),
        service: traced.service,
        action: traced.action,
        status: traced.status,
        cause: traced.cause.clone(),
        duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
    }
}

/// What the line of a request has besides what its handler knows.
struct Line<'a> {
    request_id: &'a str,
    trace_id: Option<&'a str>,
    method: &'static str,
    route: &'a str,
    http: u16,
    took: Duration,
}

impl Line<'_> {
    fn write(self, traced: &Traced) {
        let Self { request_id, trace_id, method, route, http, took } = self;
        let Traced { service, action, status, cause, is_failure, .. } = traced;
        let cause = cause.as_deref().unwrap_or_default();
        // 64 bits: a wider number is written as text.
        let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    request_id,
                    trace_id,
                    method,
                    route,
                    http,
                    service,
                    action,
                    status,
                    cause,
                    duration_us,
                    "request"
                )
            };
        }
        match () {
            () if *is_failure || http >= 500 => line!(error),
            () if *status != 0 => line!(warn),
            // Probes come every few seconds and say nothing while all is well.
            () if *service == "health" => line!(debug),
            () => line!(info),
        }
    }
}

/// A method is the caller's text too, as HTTP permits any word.
fn method_name(method: &Method) -> &'static str {
    let known = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
    ];
    known.iter().find(|(known, _)| known == method).map_or("other", |(_, name)| name)
}

/// The request id and the trace id that a proxy in front gave: one on this machine or its network,
/// as from anywhere else a caller could choose them. They are the only text of a caller that is
/// logged, so they are taken only in forms that can hold nothing else.
fn foreign_ids(peer: Option<IpAddr>, headers: &HeaderMap) -> (Option<String>, Option<String>) {
    if !peer.is_some_and(is_home) {
        return (None, None);
    }
    let request_id = only(headers, &REQUEST_ID).filter(|id| is_sane(id));
    let trace_id = only(headers, &TRACE_PARENT).and_then(trace_id);
    (request_id.map(str::to_owned), trace_id.map(str::to_owned))
}

/// A header that is there once: of two, nobody knows which is the proxy's.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let text = header_text(headers, name)?;
    (headers.get_all(name).iter().count() == 1).then_some(text)
}

/// Hexadecimal digits and hyphens: a UUID, or nginx's `$request_id`.
fn is_sane(id: &str) -> bool {
    (ID_CHARS_MIN..=ID_CHARS_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && id.bytes().any(|byte| byte != b'-')
}

/// The trace id of `traceparent` (W3C Trace Context, version 00).
fn trace_id(text: &str) -> Option<&str> {
    let mut parts = text.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_well_formed = version == "00"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && parts.next().is_none();
    (is_well_formed && trace.bytes().any(|byte| byte != b'0')).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_hold_something_else_is_not_taken() {
        for sane in ["0123456789abcdef", "6F9619FF-8B86-D011-B42D-00C04FC964FF"] {
            assert!(is_sane(sane), "{sane}");
        }
        let long = "a".repeat(ID_CHARS_MAX + 1);
        for other in ["", "abc", "anna@example.org...", "----------------", long.as_str()] {
            assert!(!is_sane(other), "{other}");
        }
    }

    #[test]
    fn ids_are_taken_from_a_proxy_at_home_alone() {
        let (id, trace) = ("0123456789abcdef", "4bf92f3577b34da6a3ce929d0e0e4736");
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static(id));
        let parent = format!("00-{trace}-00f067aa0ba902b7-01");
        headers.insert(TRACE_PARENT, parent.parse().expect("a header"));
        for (peer, is_taken) in
            [("127.0.0.1", true), ("fd00::1", true), ("8.8.8.8", false), ("2001:4860::1", false)]
        {
            let peer = peer.parse().expect("an address");
            let expected = is_taken.then(|| id.to_owned());
            assert_eq!(foreign_ids(Some(peer), &headers).0, expected, "{peer}");
            assert_eq!(foreign_ids(Some(peer), &headers).1.is_some(), is_taken, "{peer}");
        }
        assert_eq!(foreign_ids(None, &headers), (None, None));
    }

    #[test]
    fn a_trace_id_is_taken_from_a_whole_header_alone() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id(&format!("00-{trace}-00f067aa0ba902b7-01")), Some(trace));
        for other in [
            String::new(),
            trace.to_owned(),
            format!("01-{trace}-00f067aa0ba902b7-01"),
            format!("00-{trace}-00f067aa0ba902b7-01-more"),
            format!("00-{trace}-00f067aa0ba902b7"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
        ] {
            assert_eq!(trace_id(&other), None, "{other}");
        }
    }
}
