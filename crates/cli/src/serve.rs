//! `vitald serve`

use crate::location::Location;
use crate::settings::Listening;
use anyhow::Context as _;
use clap::Args;
use server::config::{Loaded, Secret};
use server::{Bound, Config, Running, Sandbox};
use store::{Db, Environment};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Run the server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listening: Listening,
}

impl Serve {
    pub(crate) fn run(self, location: &Location, loaded: &Loaded) -> anyhow::Result<()> {
        let settings = &loaded.settings;
        let sandbox = settings.sandbox.then(|| {
            let token = settings.sandbox_token.clone().map(|Secret(token)| token);
            Sandbox::new(location.clock.clone(), token)
        });
        let config = Config { sandbox, ..settings.serving() };
        let runtime = runtime()?;
        // What can go wrong goes wrong before anything is made: first the addresses, then the
        // store.
        let bound = runtime.block_on(Bound::new(&config))?;
        let (db, environment) = location.open()?;
        if let Some(file) = &loaded.file {
            tracing::info!(file = %file.display(), "configured");
        }
        runtime.block_on(async {
            let signals = Signals::heed()?;
            signals.end(listen(&config, bound, db, &environment)?).await
        })
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
    if let Some(address) = running.metrics_address {
        tracing::info!(%address, "listening for metrics");
    }
    Ok(running)
}

/// What tells a server to stop. Heeded before it says that it listens: whoever reads that may tell
/// it at once.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn heed() -> anyhow::Result<Self> {
        let (terminate, interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt })
    }

    /// Lets the server serve until it is told to stop, then finish what is in hand.
    pub(crate) async fn end(self, running: Running) -> anyhow::Result<()> {
        self.end_or(running, std::future::pending()).await
    }

    /// The same, or until something else is over.
    pub(crate) async fn end_or(
        mut self,
        running: Running,
        over: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = over => {}
        }
        tracing::info!("stopping: finishing the requests in hand");
        running.stop().await;
        tracing::info!("stopped");
        Ok(())
    }
}
