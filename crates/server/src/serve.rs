//! Listening, and stopping without breaking off: requests in hand are finished, then the store is
//! closed.

use crate::audit::{self, Audit, Collector};
use crate::buffers::Buffers;
use crate::config::Secret;
use crate::deliver::{Deliverer, Delivery};
use crate::figures::{Figures, UPKEEP};
use crate::inspector::Inspector;
use crate::limits::Limits;
use crate::password::Verifier;
use crate::playing::Playing;
use crate::sandbox::{self, Sandbox, uncut};
use crate::throttle::Throttle;
use crate::web::{self, App, Parts};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Extension;
use axum::http::{Request, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use metrics::Gauge;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use store::{Db, Environment, Tx};
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
    /// The operator's own listener: `/metrics`, `/healthz`, `/readyz`, and nothing else.
    pub metrics_listen: Option<SocketAddr>,
    /// The address people and programs know the server by.
    pub public_url: Option<url::Url>,
    /// What callers and people may do.
    pub rules: Rules,
    /// Whether it is written down who read or changed whose data.
    pub audit: bool,
    /// How notifications are delivered.
    pub delivery: Delivery,
    /// What makes it a sandbox, if it is one.
    pub sandbox: Option<Sandbox>,
    /// What a warehouse's program proves itself with, if there is one.
    pub fulfilment_token: Option<Secret>,
}

/// What callers and people may do; the settings say what each means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Calls of an application in a minute that has no number of its own; 0: as many as it likes.
    pub requests_per_minute: u32,
    /// Whether the same call within ten seconds is refused.
    pub duplicate_guard: bool,
    /// Whether anybody can make an account.
    pub sign_up: bool,
    /// Whether everybody with an account can register applications.
    pub developers: bool,
    /// Whether who keeps an application moves its orders.
    pub developers_fulfil: bool,
}

impl Default for Rules {
    fn default() -> Self {
        crate::config::Settings::default().serving().rules
    }
}

/// A server that listens.
pub struct Running {
    /// Where, with the port the system chose if none was said.
    pub address: SocketAddr,
    /// The same of the scales' own listener.
    pub scale_address: Option<SocketAddr>,
    /// The same of the operator's own listener.
    pub metrics_address: Option<SocketAddr>,
    db: Db,
    local: Local,
    audit: Audit,
    /// Goes on until the requests in hand are finished.
    collector: Option<Collector>,
    /// The same.
    deliverer: Option<Arc<Deliverer>>,
    /// The same.
    playing: Playing,
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
    /// What goes on until the requests in hand are finished.
    observing: Option<Observing>,
}

/// The operator's own listener and the upkeep of its numbers.
struct Observing {
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

/// The listeners, taken before anything else is touched: callers wait until the server starts.
pub struct Bound {
    main: Listener,
    scales: Option<Listener>,
    metrics: Option<Listener>,
    public_url: Option<url::Url>,
    rules: Rules,
    is_audited: bool,
    delivery: Delivery,
    sandbox: Option<Sandbox>,
    fulfilment_token: Option<Secret>,
}

impl Bound {
    /// Takes the addresses.
    pub async fn new(config: &Config) -> io::Result<Self> {
        Ok(Self {
            main: Listener::bind(config.listen, "main").await?,
            scales: Listener::bind_some(config.scale_listen, "scales").await?,
            metrics: Listener::bind_some(config.metrics_listen, "metrics").await?,
            public_url: config.public_url.clone(),
            rules: config.rules,
            is_audited: config.audit,
            delivery: config.delivery.clone(),
            sandbox: config.sandbox.clone(),
            fulfilment_token: config.fulfilment_token.clone(),
        })
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
        let Self { main, scales, metrics, public_url, rules, is_audited, delivery, .. } = self;
        let fulfilment_token = self.fulfilment_token.map(|Secret(token)| token);
        let sandbox = self.sandbox;
        let outbound = delivery.outbound()?;
        let sms = delivery.sms()?.map(Arc::new);
        let figures = metrics.as_ref().map(|_| Figures::new(&db, environment.clock.now()));
        let figures = figures.transpose().map_err(io::Error::other)?;
        let (stop, stopped) = watch::channel(false);
        let (audit, collector) = audit::start(&db, is_audited);
        let is_sandbox = sandbox.is_some();
        let counted = figures.as_ref().map(Figures::deliveries);
        let deliverer = delivery
            .is_on
            .then(|| {
                Deliverer::start(&delivery, outbound.clone(), &db, environment, counted, is_sandbox)
            })
            .transpose()?
            .map(Arc::new);
        let app = App::new(Parts {
            db: db.clone(),
            outbound,
            sandbox,
            deliverer: deliverer.clone(),
            sms,
            verifier: Verifier::new(),
            buffers: Buffers::default(),
            clock: Arc::clone(&environment.clock),
            entropy: Arc::clone(&environment.entropy),
            public_url,
            rules,
            limits: Limits::new(rules.requests_per_minute, rules.duplicate_guard),
            profile: environment.profile,
            inspector: Inspector::default(),
            throttle: Throttle::new(Arc::clone(&environment.clock)),
            figures,
            audit: audit.clone(),
            fulfilment_token,
            stopped: stopped.clone(),
        });
        let (address, local) = (main.address, Local(web::local_routes(app.clone())));
        let scale_address = scales.as_ref().map(|listener| listener.address);
        let metrics_address = metrics.as_ref().map(|listener| listener.address);
        let mut loops = vec![main.serve(routes(app.clone()), &app, stopped.clone())];
        if let Some(sandbox) = app.sandbox.clone() {
            loops.push(tokio::spawn(sandbox::keep_up(db.clone(), sandbox, stopped.clone())));
        }
        if let Some(scales) = scales {
            loops.push(scales.serve(web::scale_routes(app.clone()), &app, stopped));
        }
        let observing = metrics.map(|metrics| {
            let (stop, stopped) = watch::channel(false);
            let upkeep = tokio::spawn(upkeep(app.clone(), stopped.clone()));
            let serving = metrics.serve(web::metrics_routes(app.clone()), &app, stopped);
            Observing { stop, tasks: [upkeep, serving] }
        });
        let playing = Playing::start(&db);
        Ok(Running {
            address,
            scale_address,
            metrics_address,
            db,
            local,
            audit,
            collector,
            deliverer,
            playing,
            stop,
            loops,
            observing,
        })
    }
}

/// A listener that is bound and does not serve yet.
struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    name: &'static str,
}

impl Listener {
    async fn bind(address: SocketAddr, name: &'static str) -> io::Result<Self> {
        let listener = bind(address).await?;
        Ok(Self { address: listener.local_addr()?, listener, name })
    }

    async fn bind_some(
        address: Option<SocketAddr>,
        name: &'static str,
    ) -> io::Result<Option<Self>> {
        match address {
            Some(address) => Self::bind(address, name).await.map(Some),
            None => Ok(None),
        }
    }

    fn serve(self, router: Router, app: &App, stopped: watch::Receiver<bool>) -> JoinHandle<()> {
        let figures = app.figures.as_ref();
        let open = figures.map_or_else(Gauge::noop, |figures| figures.connections(self.name));
        tokio::spawn(accept(self.listener, router, open, stopped))
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

/// The same server around one read of the store, whoever asks: what a bench compares the proof of
/// who calls with.
pub async fn start_reading(
    config: &Config,
    db: Db,
    environment: &Environment,
    read: impl Fn(&mut Tx<'_>, &mut Vec<u8>) -> domain::Result<()> + Clone + Send + Sync + 'static,
) -> io::Result<Running> {
    Bound::new(config).await?.start_with(db, environment, |app| web::reading_routes(app, read))
}

async fn upkeep(app: App, mut stopped: watch::Receiver<bool>) {
    let stop = stopped.wait_for(|stopped| *stopped);
    tokio::pin!(stop);
    while tokio::time::timeout(UPKEEP, stop.as_mut()).await.is_err() {
        if let Some(figures) = &app.figures {
            figures.upkeep();
        }
    }
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
            .body(Body::from(form));
        self.send(path, request.map_err(io::Error::other)?).await
    }

    /// Sends JSON with a bearer token; the answer's JSON, whose `status` must be 0.
    pub async fn post_json(
        &self,
        path: &str,
        token: &str,
        body: &serde_json::Value,
    ) -> io::Result<serde_json::Value> {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(serde_json::to_vec(body)?));
        self.send(path, request.map_err(io::Error::other)?).await
    }

    async fn send(&self, path: &str, request: Request<Body>) -> io::Result<serde_json::Value> {
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

    /// Where it is noted what is done without a request.
    pub fn audit(&self) -> Audit {
        self.audit.clone()
    }

    /// Takes no further requests, finishes those in hand, writes the rest of the audit, closes the
    /// store. The operator's own
    /// listener answers meanwhile, and says so.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for accepting in self.loops {
            // A loop that panicked has no requests in hand.
            let _ = accepting.await;
        }
        self.playing.stop().await;
        if let Some(deliverer) = self.deliverer {
            deliverer.stop().await;
        }
        if let Some(collector) = self.collector {
            collector.stop().await;
        }
        if let Some(Observing { stop, tasks }) = self.observing {
            stop.send_replace(true);
            for task in tasks {
                let _ = task.await;
            }
        }
        let db = self.db;
        let _ = tokio::task::spawn_blocking(move || db.close()).await;
    }
}

async fn accept(
    listener: TcpListener,
    router: Router,
    open: Gauge,
    mut stopped: watch::Receiver<bool>,
) {
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
        let counted = Counted::new(open.clone());
        tokio::spawn(async move {
            // A connection that breaks off is the caller's affair.
            let _ = tokio::time::timeout(CONNECTION_LIFE, watched).await;
            drop((place, counted));
        });
    }
    drop(listener);
    if tokio::time::timeout(FINISH_WAIT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were broken off");
    }
}

/// A connection while it is open.
struct Counted(Gauge);

impl Counted {
    fn new(open: Gauge) -> Self {
        open.increment(1);
        Self(open)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1);
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
    let answer = move |request: Request<Incoming>| {
        let told = told.clone();
        async move { told.oneshot(request).await.map_err(io::Error::other).and_then(uncut) }
    };
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .serve_connection(TokioIo::new(stream), service_fn(answer))
}
