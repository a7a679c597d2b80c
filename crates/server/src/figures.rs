//! The server's numbers for Prometheus, on a listener of the operator's own. A recorder a server,
//! so that several of one process do not mix. Every handle is made at the start: a request costs a
//! look-up and two atomic operations. Labels come from the table and from this program, never from
//! a caller, so their number is bounded. What each number means is in `docs/logging.md`.

use crate::audit::Audit;
use crate::trace::Traced;
use crate::web::App;
use api::{gateway, ops};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::notification::Outcome;
use domain::status::Family;
use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::collections::HashMap;
use std::time::Duration;
use store::{Db, Meter, QueueMeter};

/// How often samples are taken out of their buffers, scraped or not.
pub(crate) const UPKEEP: Duration = Duration::from_secs(5);
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const JOBS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// What the server counts by name besides the operations of the table.
const OTHERS: [(&str, &str); 6] = [
    ("page", "authorize"),
    ("page", "login"),
    ("page", "logout"),
    ("page", "style"),
    ("health", "healthz"),
    ("health", "readyz"),
];

const REQUESTS: &str = "vitald_requests_total";
const REQUEST_SECONDS: &str = "vitald_request_seconds";
const CONNECTIONS: &str = "vitald_connections_open";
const WAITING: &str = "vitald_jobs_waiting";
const WAIT_SECONDS: &str = "vitald_job_wait_seconds";
const WORK_SECONDS: &str = "vitald_job_work_seconds";
const OUTCOMES: &str = "vitald_jobs_total";
const RETRIES: &str = "vitald_job_retries_total";
const COMMIT_JOBS: &str = "vitald_commit_jobs";
const COMMIT_SECONDS: &str = "vitald_commit_seconds";
const COMMITS_FAILED: &str = "vitald_commits_failed_total";
const AUDIT_WAITING: &str = "vitald_audit_rows_waiting";
const AUDIT_LOST: &str = "vitald_audit_entries_lost_total";
const DATABASE_BYTES: &str = "vitald_database_bytes";
const DELIVERIES: &str = "vitald_delivery_attempts_total";
const DELIVERY_SECONDS: &str = "vitald_delivery_seconds";
const NOTIFICATIONS: &str = "vitald_notifications_in_memory";
const BUILD: &str = "vitald_build_info";
const BEGUN: &str = "process_start_time_seconds";
const MEMORY: &str = "process_resident_memory_bytes";

/// The numbers of one server.
pub(crate) struct Figures {
    handle: PrometheusHandle,
    operations: HashMap<(&'static str, &'static str), Operation>,
    unknown: Operation,
    listeners: [(&'static str, Gauge); 3],
    reads_waiting: Gauge,
    writes_waiting: Gauge,
    audit_waiting: Gauge,
    audit_lost: Counter,
    database_bytes: Option<Gauge>,
    memory_bytes: Gauge,
    deliveries: Deliveries,
}

/// The numbers of delivery.
#[derive(Clone)]
pub(crate) struct Deliveries {
    attempts: Vec<(Outcome, Counter)>,
    seconds: Histogram,
    waiting: Gauge,
}

impl Deliveries {
    fn new() -> Self {
        let counter =
            |outcome: Outcome| (outcome, counter!(DELIVERIES, "outcome" => outcome.name()));
        Self {
            attempts: Outcome::every().map(counter).collect(),
            seconds: histogram!(DELIVERY_SECONDS),
            waiting: gauge!(NOTIFICATIONS),
        }
    }

    /// Counts an attempt.
    pub(crate) fn count(&self, outcome: Outcome, took: Duration) {
        if let Some((_, counter)) = self.attempts.iter().find(|(known, _)| *known == outcome) {
            counter.increment(1);
        }
        self.seconds.record(took);
    }

    /// How many notifications are in memory.
    pub(crate) fn waiting(&self, count: usize) {
        self.waiting.set(count as f64);
    }
}

/// The numbers of one operation.
#[derive(Clone)]
struct Operation {
    families: [Counter; Family::ALL.len()],
    seconds: Histogram,
}

impl Figures {
    /// Begins to measure a server that started `now`, and its store.
    pub(crate) fn new(db: &Db, now: i64) -> Result<Self, BuildError> {
        let mut builder = PrometheusBuilder::new();
        for name in [REQUEST_SECONDS, WAIT_SECONDS, WORK_SECONDS, COMMIT_SECONDS, DELIVERY_SECONDS]
        {
            builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &SECONDS)?;
        }
        let jobs = Matcher::Full(COMMIT_JOBS.to_owned());
        let recorder = builder.set_buckets_for_metric(jobs, &JOBS)?.build_recorder();
        let handle = recorder.handle();
        Ok(metrics::with_local_recorder(&recorder, || {
            describe();
            db.measure(meter());
            gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
            gauge!(BEGUN).set(now as f64);
            Self::registered(db, handle)
        }))
    }

    fn registered(db: &Db, handle: PrometheusHandle) -> Self {
        let unknown = Operation::new("unknown".to_owned());
        let calls = gateway::ALL.iter().map(|call| ("scale", call.action));
        let table = ops::every().filter_map(|entry| Some((entry.service(), entry.action?)));
        let operation = |name: (&'static str, &'static str)| {
            (name, Operation::new(format!("{}/{}", name.0, name.1)))
        };
        Self {
            handle,
            operations: table.chain(calls).chain(OTHERS).map(operation).collect(),
            listeners: ["main", "scales", "metrics"]
                .map(|name| (name, gauge!(CONNECTIONS, "listener" => name))),
            reads_waiting: gauge!(WAITING, "queue" => "read"),
            writes_waiting: gauge!(WAITING, "queue" => "write"),
            audit_waiting: gauge!(AUDIT_WAITING),
            audit_lost: counter!(AUDIT_LOST),
            database_bytes: db.figures().size_bytes.map(|_| gauge!(DATABASE_BYTES)),
            memory_bytes: gauge!(MEMORY),
            deliveries: Deliveries::new(),
            unknown,
        }
    }

    /// Counts a request that was answered.
    pub(crate) fn count(&self, traced: &Traced, http: u16, took: Duration) {
        let known = self.operations.get(&(traced.service, traced.action));
        let operation = known.unwrap_or(&self.unknown);
        operation.families[family(traced.status, http) as usize].increment(1);
        operation.seconds.record(took);
    }

    /// What delivery counts into.
    pub(crate) fn deliveries(&self) -> Deliveries {
        self.deliveries.clone()
    }

    /// The connections that are open on one of the listeners.
    pub(crate) fn connections(&self, listener: &str) -> Gauge {
        let found = self.listeners.iter().find(|(name, _)| *name == listener);
        found.map_or_else(Gauge::noop, |(_, gauge)| gauge.clone())
    }

    /// Takes the samples out of their buffers: without it they would grow until the next scrape.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    fn render(&self, db: &Db, audit: &Audit) -> String {
        let figures = db.figures();
        self.reads_waiting.set(figures.reads_waiting as f64);
        self.writes_waiting.set(figures.writes_waiting as f64);
        let (waiting, lost) = audit.figures();
        self.audit_waiting.set(waiting as f64);
        self.audit_lost.absolute(lost);
        if let (Some(gauge), Some(bytes)) = (&self.database_bytes, figures.size_bytes) {
            gauge.set(bytes as f64);
        }
        self.memory_bytes.set(resident_bytes().unwrap_or_default() as f64);
        self.handle.render()
    }
}

impl Operation {
    fn new(label: String) -> Self {
        let families = Family::ALL.map(
            |family| counter!(REQUESTS, "operation" => label.clone(), "family" => family.name()),
        );
        Self { families, seconds: histogram!(REQUEST_SECONDS, "operation" => label) }
    }
}

/// Answers a scrape.
pub(crate) async fn answer(State(app): State<App>) -> Response {
    let Some(figures) = &app.figures else { return StatusCode::NOT_FOUND.into_response() };
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, figures.render(&app.db, &app.audit)).into_response()
}

/// Pages and unknown paths have no status number of their own: HTTP's speaks for them.
const fn family(status: u16, http: u16) -> Family {
    match (status, http) {
        (0, 404 | 405) => Family::NotImplemented,
        (0, 400..=499) => Family::InvalidParams,
        (0, 500..) => Family::AnErrorOccurred,
        _ => domain::status::family(status),
    }
}

/// What the store counts into.
fn meter() -> Meter {
    Meter {
        reads: queue_meter("read"),
        writes: queue_meter("write"),
        commit_jobs: histogram!(COMMIT_JOBS),
        commit_seconds: histogram!(COMMIT_SECONDS),
        commits_failed: counter!(COMMITS_FAILED),
    }
}

fn queue_meter(queue: &'static str) -> QueueMeter {
    let jobs = |outcome| counter!(OUTCOMES, "queue" => queue, "outcome" => outcome);
    QueueMeter {
        wait_seconds: histogram!(WAIT_SECONDS, "queue" => queue),
        work_seconds: histogram!(WORK_SECONDS, "queue" => queue),
        done: jobs("done"),
        failed: jobs("failed"),
        timed_out: jobs("timed_out"),
        escalated: jobs("escalated"),
        turned_away: jobs("turned_away"),
        retried: counter!(RETRIES, "queue" => queue),
    }
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by operation and family of status.");
    describe_histogram!(REQUEST_SECONDS, "Time from a request's head to its answer.");
    describe_gauge!(CONNECTIONS, "Connections that are open.");
    describe_gauge!(WAITING, "Jobs that wait for a database thread.");
    describe_histogram!(WAIT_SECONDS, "Time a job waited for a database thread.");
    describe_histogram!(WORK_SECONDS, "Time one run of a job took, without the commit.");
    describe_counter!(OUTCOMES, "Jobs by how they ended.");
    describe_counter!(RETRIES, "Further runs of jobs after a conflict or a lost transaction.");
    describe_histogram!(COMMIT_JOBS, "Jobs that shared one commit.");
    describe_histogram!(COMMIT_SECONDS, "Time a commit took.");
    describe_counter!(COMMITS_FAILED, "Commits that failed.");
    describe_gauge!(AUDIT_WAITING, "Rows of the audit that wait to be written.");
    describe_counter!(AUDIT_LOST, "Entries the audit had no room for.");
    describe_gauge!(DATABASE_BYTES, "Size of the SQLite file and its write-ahead log.");
    describe_counter!(DELIVERIES, "Attempts to deliver a notification, by how they ended.");
    describe_histogram!(DELIVERY_SECONDS, "Time an attempt to deliver took.");
    describe_gauge!(NOTIFICATIONS, "Notifications that are due or on their way.");
    describe_gauge!(BUILD, "1, with the version as a label.");
    describe_gauge!(BEGUN, "When the server started, in Unix seconds.");
    describe_gauge!(MEMORY, "Memory the process holds.");
}

/// As Linux tells it; elsewhere nothing.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1_024)
}
