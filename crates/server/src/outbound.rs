//! Requests that go out to receivers of notifications. Where they may go is decided twice: by the
//! URL, and by the addresses its name leads to at the moment of connecting, which are the ones
//! connected to; so a name that leads elsewhere a moment later changes nothing. Redirects are not
//! followed, proxies of the environment are not asked, and what is answered is read no further than
//! its head and a few kilobytes.

mod cause;
mod resolve;

use crate::tls;
use domain::notification::{Callbacks, Outcome, Rule};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, redirect};
use resolve::Resolver;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::{Host, Url};

/// What is read of an answer's body, so that the connection can be used again.
const BODY_BYTES_MAX: usize = 16 << 10;
/// A connection that nothing was sent over for so long is closed.
const IDLE: Duration = Duration::from_secs(60);
/// What the server calls itself.
const USER_AGENT: &str = concat!("vitald/", env!("CARGO_PKG_VERSION"));
/// How long a verification may take.
const VERIFY_WAIT: Duration = Duration::from_secs(5);

/// What requests go out by. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbound {
    client: Client,
    callbacks: Callbacks,
    refuses_204: bool,
}

/// A request to a receiver.
pub(crate) struct Sending<'a> {
    pub(crate) url: &'a str,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    pub(crate) headers: HeaderMap,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) outcome: Outcome,
    pub(crate) http: Option<u16>,
    pub(crate) took: Duration,
    pub(crate) retry_after: Option<i64>,
}

impl Sent {
    /// Nothing was sent: a fault of a sandbox lost it.
    pub(crate) const fn lost() -> Self {
        Self { outcome: Outcome::Lost, http: None, took: Duration::ZERO, retry_after: None }
    }
}

impl Outbound {
    /// Goes where `callbacks` allows. `name_server` is asked in place of the system's.
    pub(crate) fn new(
        callbacks: Callbacks,
        refuses_204: bool,
        name_server: Option<SocketAddr>,
        idle_per_host: usize,
    ) -> std::io::Result<Self> {
        let resolver = Resolver::new(callbacks, name_server)?;
        let tls = tls::outgoing().map_err(std::io::Error::other)?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(resolver))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(USER_AGENT)
            .referer(false)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(idle_per_host)
            .tcp_nodelay(true)
            .build();
        let client = client.map_err(std::io::Error::other)?;
        Ok(Self { client, callbacks, refuses_204 })
    }

    /// Asks an address that is to be a callback, with `HEAD`: why it will not do.
    pub(crate) async fn verify(&self, callback: &str) -> Result<(), String> {
        let refused = |why: &str| format!("the callback was refused: {why}");
        let url = self.callbacks.check(callback).map_err(|unfit| refused(&unfit.to_string()))?;
        let begun = Instant::now();
        let sent = self.request(Method::HEAD, url, None, VERIFY_WAIT).await;
        match sent {
            Err(outcome) => Err(refused(cause::explain(outcome))),
            Ok(response) => match response.status().as_u16() {
                204 if self.refuses_204 => Err(refused("it answered 204; answer 200")),
                200..300 => Ok(()),
                http @ 300..400 => {
                    Err(refused(&format!("it answered {http}: redirects are not followed")))
                }
                http => {
                    let took_ms = begun.elapsed().as_millis();
                    Err(refused(&format!(
                        "it answered HEAD with {http} after {took_ms} ms, not 2xx"
                    )))
                }
            },
        }
    }

    /// Sends a notification, within the limits of a rule.
    pub(crate) async fn send(&self, sending: Sending<'_>, rule: &Rule) -> Sent {
        let begun = Instant::now();
        let ended =
            |outcome, http, retry_after| Sent { outcome, http, took: begun.elapsed(), retry_after };
        let Ok(url) = self.callbacks.check(sending.url) else {
            return ended(Outcome::Unfit, None, None);
        };
        let limit = rule.limit;
        let Sending { content_type, body, mut headers, .. } = sending;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        match self.request(Method::POST, url, Some((body, headers)), limit).await {
            Err(outcome) => ended(outcome, None, None),
            Ok(response) => {
                let (http, retry_after) = (response.status().as_u16(), retry_after(&response));
                let left = limit.saturating_sub(begun.elapsed());
                // What does not come to an end costs the connection, not the notification.
                let _ = tokio::time::timeout(left, drain(response)).await;
                let outcome = match http {
                    http if rule.is_success(http) => Outcome::Delivered,
                    410 => Outcome::Gone,
                    _ => Outcome::Status,
                };
                ended(outcome, Some(http), retry_after)
            }
        }
    }

    /// One request, without its answer's body.
    async fn request(
        &self,
        method: Method,
        url: Url,
        content: Option<(String, HeaderMap)>,
        limit: Duration,
    ) -> Result<Response, Outcome> {
        // A name is looked at when it is resolved; a number is not resolved.
        let number = match url.host() {
            Some(Host::Ipv4(v4)) => Some(IpAddr::from(v4)),
            Some(Host::Ipv6(v6)) => Some(IpAddr::from(v6)),
            _ => None,
        };
        if number.is_some_and(|number| !self.callbacks.allows(number)) {
            return Err(Outcome::Private);
        }
        let mut request = self.client.request(method, url);
        if let Some((body, headers)) = content {
            request = request.headers(headers).body(body);
        }
        match tokio::time::timeout(limit, request.send()).await {
            Err(_) => Err(Outcome::TimedOut),
            Ok(Err(error)) => Err(cause::of(&error)),
            Ok(Ok(response)) => Ok(response),
        }
    }
}

/// Reads what is left of a short answer.
async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > BODY_BYTES_MAX {
            return;
        }
    }
}

/// How long the receiver wants to be left alone, if it says so in seconds.
fn retry_after(response: &Response) -> Option<i64> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().filter(|seconds| *seconds >= 0)
}
