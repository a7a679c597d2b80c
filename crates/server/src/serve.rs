//! Listening, and stopping without breaking off: requests in hand are finished, then the store is
//! closed.

use crate::password::Verifier;
use crate::web::{self, App, Parts};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Extension;
use axum::http::{Request, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Environment};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

/// Connections at once; further ones wait in the system's queue.
/// Below the 1,024 open files most systems allow a process.
const CONNECTIONS_MAX: usize = 800;
/// A connection is closed after this time, whatever goes on: one that reads slowly for ever would
/// hold its place.
const CONNECTION_LIFE: Duration = Duration::from_secs(3_600);
/// How long to wait when the system gives no connection, as when it has no file handles left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// A request's head has arrived within this time.
const HEAD_WAIT: Duration = Duration::from_secs(15);
/// Requests in hand are finished within this time when the server stops.
const FINISH_WAIT: Duration = Duration::from_secs(10);

/// Where to listen.
#[derive(Debug, Clone)]
pub struct Config {
    /// The main listener: API, pages, gateway.
    pub listen: SocketAddr,
    /// A listener of the scales' own: the gateway alone.
    pub scale_listen: Option<SocketAddr>,
    /// A listener of its own for the numbers Prometheus collects.
    pub metrics_listen: Option<SocketAddr>,
    /// The address people and programs know the server by.
    pub public_url: Option<url::Url>,
}

/// A server that listens.
pub struct Running {
    /// Where, with the port the system chose if none was said.
    pub address: SocketAddr,
    /// The same of the scales' own listener.
    pub scale_address: Option<SocketAddr>,
    db: Db,
    local: Local,
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

/// The listeners, taken before anything else is touched: callers wait until the server starts.
pub struct Bound {
    main: TcpListener,
    scale: Option<TcpListener>,
    public_url: Option<url::Url>,
}

impl Bound {
    /// Takes the addresses.
    pub async fn new(config: &Config) -> io::Result<Self> {
        let main = bind(config.listen).await?;
        let scale = match config.scale_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        Ok(Self { main, scale, public_url: config.public_url.clone() })
    }

    /// Begins to serve.
    pub fn start(self, db: Db, environment: &Environment) -> io::Result<Running> {
        self.start_with(db, environment, web::routes)
    }

    fn start_with(
        self,
        db: Db,
        environment: &Environment,
        routes: impl FnOnce(App) -> Router,
    ) -> io::Result<Running> {
        let entropy = Arc::clone(&environment.entropy);
        let verifier = Verifier::new();
        let public_url = self.public_url;
        let app = App::new(Parts { db: db.clone(), entropy, verifier, public_url });
        let local = Local(web::local_routes(app.clone()));
        let (stop, stopped) = watch::channel(false);
        let mut loops = Vec::new();
        let address = self.main.local_addr()?;
        let scale_address = self.scale.as_ref().map(TcpListener::local_addr).transpose()?;
        loops.push(tokio::spawn(accept(self.main, routes(app.clone()), stopped.clone())));
        if let Some(listener) = self.scale {
            loops.push(tokio::spawn(accept(listener, web::scale_routes(app), stopped)));
        }
        Ok(Running { address, scale_address, db, local, stop, loops })
    }
}

/// Binds the listeners and begins to serve.
pub async fn start(config: &Config, db: Db, environment: &Environment) -> io::Result<Running> {
    Bound::new(config).await?.start(db, environment)
}

/// The same server around one constant answer: what a bench compares an operation with.
pub async fn start_constant(
    config: &Config,
    db: Db,
    environment: &Environment,
    json: Vec<u8>,
) -> io::Result<Running> {
    let routes = |app| web::constant_routes(app, json.into());
    Bound::new(config).await?.start_with(db, environment, routes)
}

/// The routes of a server, to be called from the same process.
#[derive(Clone)]
pub struct Local(Router);

impl Local {
    /// Sends a form; the answer's JSON, whose `status` must be 0.
    pub async fn post(
        &self,
        path: &str,
        fields: Vec<(&str, String)>,
    ) -> io::Result<serde_json::Value> {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .map_err(io::Error::other)?;
        let answer = self.0.clone().oneshot(request).await.map_err(io::Error::other)?;
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.map_err(io::Error::other)?;
        let answer: serde_json::Value = serde_json::from_slice(&bytes)?;
        if answer["status"] == 0 {
            Ok(answer)
        } else {
            Err(io::Error::other(format!("{path} answered {}", answer["status"])))
        }
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| {
        let mend = match error.kind() {
            io::ErrorKind::AddrInUse => "; stop what listens there, or choose another port",
            io::ErrorKind::PermissionDenied => {
                "; ports below 1024 need the right to: choose another, or grant it (setcap \
                 cap_net_bind_service=+ep, or AmbientCapabilities in a systemd unit)"
            }
            io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
            _ => "",
        };
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}{mend}"))
    })
}

impl Running {
    /// The same server without a socket in between: what simulated devices talk to.
    pub fn local(&self) -> Local {
        self.local.clone()
    }

    /// Takes no further requests, finishes those in hand, closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for accepting in self.loops {
            // A loop that panicked has no requests in hand.
            let _ = accepting.await;
        }
        let db = self.db;
        let _ = tokio::task::spawn_blocking(move || db.close()).await;
    }
}

async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Not in a tight loop; but a stop ends the pause.
            let pause = stopped.wait_for(|stopped| *stopped);
            let _ = tokio::time::timeout(ACCEPT_PAUSE, pause).await;
            continue;
        };
        let watched = graceful.watch(connection(stream, Peer(peer.ip()), router.clone()));
        tokio::spawn(async move {
            // A connection that breaks off is the caller's affair.
            let _ = tokio::time::timeout(CONNECTION_LIFE, watched).await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(FINISH_WAIT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were broken off");
    }
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    // Answers are small and complete: waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let told = router.layer(Extension(peer));
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(told))
}
