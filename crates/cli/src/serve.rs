//! `vitald serve`

use crate::location::Location;
use anyhow::Context as _;
use clap::Args;
use server::{Config, Running, start};
use std::net::SocketAddr;
use store::{Db, Environment};
use tokio::signal::unix::{SignalKind, signal};

/// Run the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where the API, the pages and the scale gateway listen.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// One more listener with the scale gateway alone, such as 0.0.0.0:80: older scales talk to port
    /// 80 of scalews.withings.net, which your own name server can point here.
    #[arg(long, value_name = "ADDRESS:PORT")]
    scale_listen: Option<SocketAddr>,
    /// The address people and programs know the server by, such as `https://health.example.org`.
    #[arg(long, value_name = "URL", value_parser = public_url)]
    public_url: Option<url::Url>,
}

impl Serve {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        let (db, environment) = location.open()?;
        let config = Config {
            listen: self.listen,
            scale_listen: self.scale_listen,
            public_url: self.public_url,
        };
        runtime()?.block_on(async {
            let running = listen(&config, db, &environment).await?;
            until_stopped(running).await
        })
    }
}

pub(crate) fn public_url(text: &str) -> Result<url::Url, String> {
    let url: url::Url = text.parse().map_err(|error| format!("{error}"))?;
    let is_site = matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/";
    if is_site { Ok(url) } else { Err("expected https://HOST or http://HOST".to_owned()) }
}

pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.context("cannot start the threads of the server")
}

pub(crate) async fn listen(
    config: &Config,
    db: Db,
    environment: &Environment,
) -> anyhow::Result<Running> {
    let running = start(config, db, environment).await?;
    let is_plain = config.public_url.as_ref().is_none_or(|url| url.scheme() != "https");
    if is_plain && !running.address.ip().is_loopback() {
        tracing::warn!("without https in --public-url, cookies are not bound to https");
    }
    tracing::info!(address = %running.address, "listening");
    if let Some(address) = running.scale_address {
        tracing::info!(%address, "listening for scales");
    }
    Ok(running)
}

/// Serves until it is told to stop, then finishes what is in hand.
pub(crate) async fn until_stopped(running: Running) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping: finishing the requests in hand");
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}
