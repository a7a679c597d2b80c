//! `vitald serve`

use crate::location::Location;
use crate::settings::Listening;
use anyhow::Context as _;
use clap::Args;
use server::config::Loaded;
use server::{Bound, Config, Running};
use store::{Db, Environment};
use tokio::signal::unix::{SignalKind, signal};

/// Run the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listening: Listening,
}

impl Serve {
    pub(crate) fn run(self, location: &Location, loaded: &Loaded) -> anyhow::Result<()> {
        let config = loaded.settings.serving();
        let runtime = runtime()?;
        // What can go wrong goes wrong before anything is made: first the addresses, then the store.
        let bound = runtime.block_on(Bound::new(&config))?;
        let (db, environment) = location.open()?;
        if let Some(file) = &loaded.file {
            tracing::info!(file = %file.display(), "configured");
        }
        runtime.block_on(async { until_stopped(listen(&config, bound, db, &environment)?).await })
    }
}

pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.context("cannot start the threads of the server")
}

pub(crate) fn listen(
    config: &Config,
    bound: Bound,
    db: Db,
    environment: &Environment,
) -> anyhow::Result<Running> {
    let running = bound.start(db, environment)?;
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
