//! Turning a sandbox that runs: what every such command asks alike.

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use serde_json::Value;
use server::config::Secret;
use std::time::Duration;
use url::Url;

/// Turning a clock by a year can take this long.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Where a server listens unless it is told otherwise.
const USUAL: &str = "http://127.0.0.1:8080";

/// Which sandbox.
#[derive(Debug, Clone, Args)]
pub(crate) struct Sandboxed {
    /// The sandbox that runs [default: http://127.0.0.1:8080].
    #[arg(long, env = "VITALD_URL", value_name = "URL")]
    url: Option<Url>,
    /// Its sandbox_token, if it has one.
    #[arg(long, env = "VITALD_SANDBOX_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<Secret>,
}

impl Sandboxed {
    /// Whether it was said which one.
    pub(crate) const fn is_said(&self) -> bool {
        self.url.is_some()
    }

    /// Asks it to show something.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(|client, url| client.get(url), path, None)
    }

    /// Asks it to do something.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, String)]) -> anyhow::Result<Value> {
        self.send(|client, url| client.post(url), path, Some(fields))
    }

    /// Asks it to take something away.
    pub(crate) fn delete(&self, path: &str, fields: &[(&str, String)]) -> anyhow::Result<Value> {
        self.send(|client, url| client.delete(url), path, Some(fields))
    }

    fn send(
        &self,
        method: impl Fn(&Client, String) -> reqwest::blocking::RequestBuilder,
        path: &str,
        fields: Option<&[(&str, String)]>,
    ) -> anyhow::Result<Value> {
        let tls = server::tls::outgoing().context("cannot set up TLS")?;
        let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).no_proxy();
        let client = client.tls_backend_preconfigured(tls).build().context("cannot set up HTTP")?;
        let base = self.url.as_ref().map_or(USUAL, Url::as_str).trim_end_matches('/');
        let mut request = method(&client, format!("{base}{path}"));
        if let Some(fields) = fields {
            request = request.form(fields);
        }
        if let Some(Secret(token)) = &self.token {
            request = request.bearer_auth(token);
        }
        let unreached = || format!("{base} cannot be reached; name the sandbox with --url");
        let answer = request.send().map_err(reqwest::Error::without_url).with_context(unreached)?;
        let bytes = answer.bytes().map_err(reqwest::Error::without_url).with_context(unreached)?;
        let answer: Value =
            serde_json::from_slice(&bytes).context("what listens there is no vitald")?;
        match answer["status"].as_i64() {
            Some(0) => Ok(answer["body"].clone()),
            Some(2554) => bail!("{base} is no sandbox: start it with sandbox = true"),
            Some(status) => {
                let text = answer["error"].as_str().unwrap_or_default();
                let text = text.strip_prefix("Invalid Params: ").unwrap_or(text);
                ensure!(
                    status != 503,
                    domain::Error::from(domain::Refusal::new(
                        domain::Status::INVALID_PARAMS,
                        text,
                        text
                    ))
                );
                bail!("{text} ({status})")
            }
            None => bail!("what listens at {base} is no vitald"),
        }
    }
}
