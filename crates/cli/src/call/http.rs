//! The way of a call over HTTP. Redirects are not followed: they would carry credentials elsewhere.

use anyhow::{Context as _, ensure};
use api::client::{Pair, Transport, Unreached};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use std::io::Read as _;
use std::time::Duration;
use url::{Host, Url};

/// A server that has not answered by then is not going to.
const PATIENCE: Duration = Duration::from_secs(60);
/// No answer is larger.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A server somewhere.
pub(super) struct Http {
    client: Client,
    base: String,
}

impl Http {
    pub(super) fn to(url: &Url) -> anyhow::Result<Self> {
        let is_plain = url.username().is_empty() && url.password().is_none();
        ensure!(is_plain, "--url: expected an address without user name and password");
        let loopback = is_loopback(url);
        if url.scheme() == "http" && !loopback {
            tracing::warn!("without https everybody on the way can read the credentials");
        }
        let tls = server::tls::outgoing().context("cannot set up TLS")?;
        let builder = Client::builder().redirect(Policy::none()).timeout(PATIENCE);
        let builder = builder.tls_backend_preconfigured(tls);
        // No proxy leads back to this machine.
        let builder = if loopback { builder.no_proxy() } else { builder };
        let client = builder.build().context("cannot set up HTTP")?;
        Ok(Self { client, base: url.as_str().trim_end_matches('/').to_owned() })
    }

    fn unreached(&self, why: &str) -> Unreached {
        Unreached(format!("{}: {why}", self.base))
    }

    /// The innermost cause: the outer ones only say that something went wrong, and where.
    fn explain(&self, error: &dyn std::error::Error) -> Unreached {
        let mut cause = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        self.unreached(&cause.to_string())
    }

    fn read(&self, answer: Response) -> Result<Vec<u8>, Unreached> {
        if answer.status() != StatusCode::OK {
            let status = answer.status();
            return Err(self.unreached(&format!("what listens there answers HTTP {status}")));
        }
        let mut bytes = Vec::new();
        let read = answer.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| self.explain(&error))?;
        if bytes.len() as u64 > ANSWER_BYTES_MAX {
            return Err(self.unreached("the answer is too large"));
        }
        Ok(bytes)
    }
}

impl Transport for Http {
    fn send(
        &self,
        path: &str,
        bearer: Option<&str>,
        fields: &[Pair],
    ) -> Result<Vec<u8>, Unreached> {
        let mut request = self.client.post(format!("{}{path}", self.base)).form(fields);
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        let answer = request.send().map_err(|error| self.explain(&error.without_url()))?;
        self.read(answer)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
