//! A running server with a store of its own, and the plain requests it can be sent.

use crate::answer::Answer;
use crate::schema::Schema;
use domain::notification::{Callbacks, Rule};
use domain::{Clock, ManualClock, Profile, SeededEntropy};
use reqwest::blocking::{Client, RequestBuilder};
use reqwest::redirect::Policy;
use server::clock::{Turn, TurnedClock};
use server::config::Secret;
use server::{Config, Delivery, Rules, Running, Sandbox, Smtp};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::secrets::Keyring;
use store::{Access, Db, Environment, Limits, Target, Tx};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// What the clock shows at first: 2026-09-21T14:13:20Z.
pub(crate) const NOW: i64 = 1_790_000_000;

/// An answer that has not come by then never will: the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Engine {
    #[default]
    Sqlite,
    Postgres,
}

/// How a server is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) engine: Engine,
    pub(crate) seed: u64,
    pub(crate) public_url: Option<&'static str>,
    pub(crate) has_scale_listener: bool,
    pub(crate) has_metrics_listener: bool,
    pub(crate) rules: Rules,
    pub(crate) profile: Profile,
    pub(crate) is_audited: bool,
    /// Where notifications may go.
    pub(crate) callbacks: Callbacks,
    /// Whether they follow the older rule.
    pub(crate) is_older_rule: bool,
    /// Whether a verification that is answered 204 is refused.
    pub(crate) refuses_204: bool,
    /// What is asked for names.
    pub(crate) name_server: Option<SocketAddr>,
    /// Where mail is sent by.
    pub(crate) mail_server: Option<SocketAddr>,
    /// Where texts to phones are handed over.
    pub(crate) sms_hook: Option<SocketAddr>,
    /// Whether it is a sandbox.
    pub(crate) is_sandbox: bool,
    /// What programs prove themselves with that turn a sandbox.
    pub(crate) sandbox_token: Option<&'static str>,
    /// What a warehouse's program proves itself with.
    pub(crate) fulfilment_token: Option<&'static str>,
}

impl Setup {
    fn delivery(&self) -> Delivery {
        let rule = if self.is_older_rule { Rule::older() } else { Rule::current() };
        let (callbacks, refuses_204) = (self.callbacks, self.refuses_204);
        let name_server = self.name_server;
        let smtp = self.mail_server.map(|address| Smtp {
            url: format!("smtp://{address}"),
            from: "vitald@health.example.org".to_owned(),
        });
        let sms_hook = self.sms_hook.map(|address| format!("http://{address}/sms"));
        Delivery {
            smtp,
            sms_hook,
            callbacks,
            rule,
            refuses_204,
            name_server,
            ..Delivery::default()
        }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            seed: 0,
            public_url: None,
            has_scale_listener: false,
            has_metrics_listener: false,
            // As many calls as the test likes.
            rules: Rules { requests_per_minute: 0, ..Rules::default() },
            profile: Profile::default(),
            is_audited: true,
            callbacks: Callbacks::Any,
            is_older_rule: false,
            refuses_204: false,
            name_server: None,
            mail_server: None,
            sms_hook: None,
            is_sandbox: false,
            sandbox_token: None,
            fulfilment_token: None,
        }
    }
}

/// The clock of a server: in the test's hand, in a sandbox also in that of whoever asks it.
#[derive(Debug, Clone)]
pub(crate) enum Hand {
    Plain(Arc<ManualClock>),
    Sandbox(Arc<TurnedClock>),
}

impl Hand {
    fn new(is_sandbox: bool) -> Self {
        if !is_sandbox {
            return Self::Plain(Arc::new(ManualClock::new(NOW)));
        }
        let clock = TurnedClock::default();
        clock.reset(Turn::Frozen(NOW));
        Self::Sandbox(Arc::new(clock))
    }

    /// Shows a later moment at once, whatever is due on the way.
    pub(crate) fn advance(&self, seconds: u32) {
        match self {
            Self::Plain(clock) => clock.advance(seconds),
            Self::Sandbox(clock) => clock.show(clock.now() + i64::from(seconds)),
        }
    }

    pub(crate) fn shared(&self) -> Arc<dyn Clock> {
        match self {
            Self::Plain(clock) => clock.clone(),
            Self::Sandbox(clock) => clock.clone(),
        }
    }

    /// A sandbox around it.
    fn sandbox(&self, token: Option<&str>) -> Option<Sandbox> {
        match self {
            Self::Plain(_) => None,
            Self::Sandbox(clock) => Some(Sandbox::new(clock.clone(), token.map(str::to_owned))),
        }
    }
}

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.shared().now()
    }
}

/// A server under test. It can be stopped and begun again on the same data.
pub(crate) struct App {
    pub(crate) clock: Hand,
    config: Config,
    target: Target,
    environment: Environment,
    http: Client,
    live: Mutex<Option<Live>>,
    runtime: Runtime,
    // Last, so that they go when nothing uses them any more.
    _folder: TempDir,
    schema: Option<Schema>,
}

struct Live {
    running: Running,
    db: Db,
}

impl App {
    /// A server on the embedded store.
    pub(crate) fn new() -> Self {
        Self::on(Engine::Sqlite)
    }

    pub(crate) fn on(engine: Engine) -> Self {
        Self::with(Setup { engine, ..Setup::default() })
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let schema = (setup.engine == Engine::Postgres).then(Schema::create);
        let target = match &schema {
            Some(schema) => Target::Postgres(schema.address()),
            None => Target::Sqlite(folder.path().join("vitald.db")),
        };
        let clock = Hand::new(setup.is_sandbox);
        let entropy = Arc::new(SeededEntropy::new(setup.seed));
        let keyring = Keyring::open(&folder.path().join("vitald.key"), &*entropy).expect("a key");
        let environment = Environment {
            clock: clock.shared(),
            entropy,
            keyring: Arc::new(keyring),
            profile: setup.profile,
        };
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config {
            listen: anywhere,
            scale_listen: setup.has_scale_listener.then_some(anywhere),
            metrics_listen: setup.has_metrics_listener.then_some(anywhere),
            public_url: setup.public_url.map(|url| url.parse().expect("an address")),
            rules: setup.rules,
            audit: setup.is_audited,
            delivery: setup.delivery(),
            sandbox: clock.sandbox(setup.sandbox_token),
            fulfilment_token: setup.fulfilment_token.map(|token| Secret(token.to_owned())),
        };
        Self::of(config, target, environment, clock, folder, schema)
    }

    /// One more server on the same data, with the same clock.
    pub(crate) fn another(&self) -> Self {
        let config = Config { sandbox: self.clock.sandbox(None), ..self.config.clone() };
        let (target, environment) = (self.target.clone(), self.environment.clone());
        let folder = tempfile::tempdir().expect("a folder");
        Self::of(config, target, environment, self.clock.clone(), folder, None)
    }

    fn of(
        config: Config,
        target: Target,
        environment: Environment,
        clock: Hand,
        _folder: TempDir,
        schema: Option<Schema>,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("threads");
        let tls = server::tls::outgoing().expect("TLS");
        let http = Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE);
        let http = http.tls_backend_preconfigured(tls);
        let http = http.build().expect("a client");
        let live = Mutex::new(None);
        let app = Self { clock, config, target, environment, http, live, runtime, _folder, schema };
        app.begin();
        app
    }

    /// Opens the store and listens, at an address the system chooses.
    pub(crate) fn begin(&self) {
        let limits = Limits { connections: 4, ..Limits::default() };
        let db = Db::open(&self.target, self.environment.clone(), limits).expect("a store");
        let starting = server::start(&self.config, db.clone(), &self.environment);
        let running = self.runtime.block_on(starting).expect("a listener");
        *self.live.lock().unwrap() = Some(Live { running, db });
    }

    /// Stops as `vitald serve` does; returns when the store is closed.
    pub(crate) fn stop(&self) {
        let stopping = self.stops_meanwhile();
        self.runtime.block_on(stopping).expect("a clean stop");
    }

    /// Begins to stop while the test goes on.
    pub(crate) fn stops_meanwhile(&self) -> JoinHandle<()> {
        let live = self.live.lock().unwrap().take().expect("a running server");
        self.runtime.spawn(live.running.stop())
    }

    pub(crate) fn waits_for(&self, stopping: JoinHandle<()>) {
        self.runtime.block_on(stopping).expect("a clean stop");
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.live.lock().unwrap().as_ref().expect("a running server").running.address
    }

    pub(crate) fn scale_address(&self) -> SocketAddr {
        let live = self.live.lock().unwrap();
        let running = &live.as_ref().expect("a running server").running;
        running.scale_address.expect("a listener for scales")
    }

    pub(crate) fn metrics_address(&self) -> SocketAddr {
        let live = self.live.lock().unwrap();
        let running = &live.as_ref().expect("a running server").running;
        running.metrics_address.expect("a listener for the operator")
    }

    /// Asks the operator's own listener, whose answers carry no id.
    pub(crate) fn observes(&self, address: SocketAddr, path: &str) -> Answer {
        let answer = self.http.get(format!("http://{address}{path}")).send();
        Answer::of(answer.expect("an answer"))
    }

    /// The store, for what an operator does.
    pub(crate) fn db(&self) -> Db {
        self.live.lock().unwrap().as_ref().expect("a running server").db.clone()
    }

    /// Where the server notes who read or changed whose data.
    pub(crate) fn audit(&self) -> server::Audit {
        self.live.lock().unwrap().as_ref().expect("a running server").running.audit()
    }

    /// One more node on the data, whose clock stands still.
    pub(crate) fn another_node(&self) -> Db {
        let limits = Limits { connections: 4, ..Limits::default() };
        let clock = Arc::new(ManualClock::new(NOW));
        let environment = Environment { clock, ..self.environment.clone() };
        Db::open(&self.target, environment, limits).expect("a store")
    }

    /// What loses the connections of whoever is writing, where there are any.
    pub(crate) fn breaker(&self) -> Option<impl Fn() + Clone + Send + Sync + 'static> {
        self.schema.as_ref().map(Schema::breaker)
    }

    /// Does what a command of `vitald` does, in one transaction.
    pub(crate) fn administers<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<T> + Send + Sync + 'static,
    ) -> T {
        self.db().run_blocking(Access::Write, work).expect("done")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// A request to be completed and given to [`App::sends`].
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(method.parse().expect("a method"), self.url(path))
    }

    /// Sends a request; redirects are not followed. Every answer carries an id.
    #[track_caller]
    pub(crate) fn sends(&self, request: RequestBuilder) -> Answer {
        let answer = Answer::of(request.send().expect("an answer"));
        let id = answer.header("x-request-id");
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        answer
    }

    pub(crate) fn gets(&self, path: &str) -> Answer {
        self.sends(self.request("GET", path))
    }

    /// Sends a form, as most programs do.
    pub(crate) fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.sends(self.request("POST", path).form(fields))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let live = self.live.get_mut().ok().and_then(Option::take);
        if let Some(live) = live {
            self.runtime.block_on(live.running.stop());
        }
    }
}
