//! The handle: two bounded queues and the threads behind them. What an engine does with a job
//! stands in `sqlite.rs` and `postgres.rs`.

use crate::job::{self, Job, Work};
use crate::meter::{Figures, Meter};
use crate::secrets::{KeyError, Keyring};
use crate::tx::Tx;
use crate::wake::Wake;
use crate::{Migration, postgres, sqlite};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use domain::{Clock, Entropy, Error, Failure, Profile, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What a piece of work does to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It reads, in one snapshot.
    Read,
    /// It may write.
    Write,
}

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A file; `:memory:` is not supported, as readers have connections of their own.
    Sqlite(PathBuf),
    /// A PostgreSQL address, `postgres://…`.
    Postgres(String),
}

/// What work may reach besides the transaction.
#[derive(Clone)]
pub struct Environment {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub entropy: Arc<dyn Entropy>,
    /// The key client secrets are sealed with.
    pub keyring: Arc<Keyring>,
    /// The rules of OAuth that are kept.
    pub profile: Profile,
}

/// Named maxima of the store, and what it promises.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Jobs that wait in each of the two queues.
    pub queue_jobs: usize,
    /// Connections that read (SQLite), or read and write (PostgreSQL).
    pub connections: usize,
    /// Jobs that share one commit (SQLite).
    pub batch_jobs: usize,
    /// How long one job may work, and one shared transaction may stay open.
    pub work: Duration,
    /// Whether what is kept outlives a machine that loses its power: a commit then waits for the
    /// disk (SQLite). Only a store that is thrown away with its process can do without.
    pub is_durable: bool,
}

impl Limits {
    /// A write of another process is stamped at most this long before it can be seen: the default
    /// of `work` plus the permitted skew between two machines' clocks. See `person::update_time`.
    pub const FOREIGN_WRITE_SECONDS: i64 = 15;
    /// How often a job is run again after conflicts.
    pub const ATTEMPTS: usize = 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_jobs: 4_096,
            connections: 8,
            batch_jobs: 256,
            work: Duration::from_secs(10),
            is_durable: true,
        }
    }
}

/// Why a store could not be opened. The texts are for the operator and say what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or server could not be reached.
    #[error("cannot open the database: {0}")]
    Unreachable(String),
    /// The schema is not one this program knows.
    #[error("the database's schema: {0}")]
    Schema(String),
    /// The key file is missing or wrong.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The store. Cheap to clone; the last clone that goes waits for the work in hand.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    queues: Mutex<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    meter: Arc<OnceLock<Arc<Meter>>>,
    wake: Arc<Wake>,
    file: Option<PathBuf>,
    environment: Environment,
    limits: Limits,
}

#[derive(Clone)]
struct Queues {
    read: Sender<Box<dyn Job>>,
    write: Sender<Box<dyn Job>>,
}

/// The other end of the queues, and what every engine thread needs.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) reads: Receiver<Box<dyn Job>>,
    pub(crate) writes: Receiver<Box<dyn Job>>,
    pub(crate) environment: Environment,
    pub(crate) limits: Limits,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) meter: Arc<OnceLock<Arc<Meter>>>,
}

impl Worker {
    pub(crate) fn note_commit(&self, begun: Instant, jobs: usize, is_durable: bool) {
        let Some(meter) = self.meter.get() else { return };
        if is_durable {
            meter.commit_seconds.record(begun.elapsed());
            meter.commit_jobs.record(jobs as f64);
        } else {
            meter.commits_failed.increment(1);
        }
    }
}

/// Since when each writing thread has been writing.
pub(crate) struct InFlight(Vec<AtomicI64>);

impl InFlight {
    const IDLE: i64 = i64::MAX;

    fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| AtomicI64::new(Self::IDLE)).collect())
    }

    /// To be called before the transaction begins, with a time not after any stamp it will make.
    pub(crate) fn begin(&self, thread: usize, now: i64) {
        self.0[thread].store(now, Ordering::SeqCst);
    }

    /// To be called when the transaction has ended and can be seen.
    pub(crate) fn end(&self, thread: usize) {
        self.0[thread].store(Self::IDLE, Ordering::SeqCst);
    }

    /// To be called before a snapshot is taken: no write of this process that the snapshot cannot
    /// see is stamped before this. The clock is read first: a write that begins after that is not
    /// stamped earlier.
    pub(crate) fn since(&self, clock: &dyn Clock) -> i64 {
        let now = clock.now();
        self.0.iter().map(|slot| slot.load(Ordering::SeqCst)).fold(now, i64::min)
    }
}

impl Db {
    /// Opens the store, brings its schema up to date and proves the key.
    pub fn open(
        target: &Target,
        environment: Environment,
        limits: Limits,
    ) -> std::result::Result<Self, OpenError> {
        let meter = Arc::new(OnceLock::new());
        let (queues, worker) = line_up(environment.clone(), limits, Arc::clone(&meter));
        let (threads, file) = match target {
            Target::Sqlite(path) => (sqlite::start(path, &worker)?, Some(path.clone())),
            Target::Postgres(address) => (postgres::start(address, &worker)?, None),
        };
        let (queues, threads) = (Mutex::new(Some(queues)), Mutex::new(threads));
        let wake = Arc::default();
        Ok(Self(Arc::new(Inner { queues, threads, meter, wake, file, environment, limits })))
    }

    /// The file of an embedded store.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.0.environment
    }

    /// Puts a file that was prepared in place of the embedded store's. Work in hand is finished
    /// first, and whoever comes meanwhile waits; `between` is done when nobody works on either.
    pub(crate) fn exchange(&self, prepared: &Path, between: impl FnOnce()) -> Result<()> {
        let Inner { meter, environment, limits, .. } = &*self.0;
        let Some(file) = self.file() else {
            return Err(Error::internal("only an embedded store is a file"));
        };
        let mut queues = self.0.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if queues.take().is_none() {
            return Err(Failure::ShuttingDown.into());
        }
        let mut threads = self.0.threads.lock().unwrap_or_else(PoisonError::into_inner);
        wait_for(&mut threads);
        let exchanged = sqlite::replace(file, prepared);
        if exchanged.is_ok() {
            between();
        }
        // Also where nothing was exchanged: what was there goes on.
        let (opened, worker) = line_up(environment.clone(), *limits, Arc::clone(meter));
        *threads = sqlite::start(file, &worker).map_err(Error::internal)?;
        *queues = Some(opened);
        exchanged
    }

    /// Begins to measure. The first meter stays.
    pub fn measure(&self, meter: Meter) {
        // A second one is the caller's mistake, and only numbers are missing then.
        let _ = self.0.meter.set(Arc::new(meter));
    }

    /// What rings when this process has committed something to deliver.
    pub fn wake(&self) -> Arc<Wake> {
        Arc::clone(&self.0.wake)
    }

    /// How much waits, and how big the database is.
    pub fn figures(&self) -> Figures {
        let queues = self.0.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = queues.as_ref().map(|queues| (queues.read.len(), queues.write.len()));
        drop(queues);
        let (reads_waiting, writes_waiting) = waiting.unwrap_or_default();
        Figures {
            reads_waiting,
            writes_waiting,
            size_bytes: self.0.file.as_deref().and_then(size_bytes),
        }
    }

    /// The migrations of a store that is not open, with when each was applied; applies the missing
    /// ones unless it is a `dry_run`.
    pub fn migrate(
        target: &Target,
        environment: &Environment,
        dry_run: bool,
    ) -> std::result::Result<Vec<Migration>, OpenError> {
        match target {
            Target::Sqlite(path) => sqlite::migrate(path, environment, dry_run),
            Target::Postgres(address) => postgres::migrate(address, environment, dry_run),
        }
    }

    /// Runs `work` in one transaction and gives what it gave, once that is durable. A read that has
    /// to write is run again, whole, as a write.
    pub async fn run<T: Send + 'static>(
        &self,
        access: Access,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let work: Work<T> = Arc::new(work);
        let first = arrived(self.submit(access, Arc::clone(&work))?.await);
        match first {
            Err(Error::Failed(Failure::NeedsWrite)) if access == Access::Read => {
                arrived(self.submit(Access::Write, work)?.await)
            }
            other => other,
        }
    }

    /// The same for callers that are not async: commands and tests.
    pub fn run_blocking<T: Send + 'static>(
        &self,
        access: Access,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let work: Work<T> = Arc::new(work);
        let first = arrived(self.submit(access, Arc::clone(&work))?.blocking_recv());
        match first {
            Err(Error::Failed(Failure::NeedsWrite)) if access == Access::Read => {
                arrived(self.submit(Access::Write, work)?.blocking_recv())
            }
            other => other,
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        access: Access,
        work: Work<T>,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let meter = self.0.meter.get();
        let (job, answer) = job::new(access, work, meter.cloned(), Arc::clone(&self.0.wake));
        let queues = self.0.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queues = queues.as_ref().ok_or(Failure::ShuttingDown)?;
        let queue = match access {
            Access::Read => &queues.read,
            Access::Write => &queues.write,
        };
        match queue.try_send(job) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(_)) => {
                if let Some(meter) = meter {
                    meter.queue(access).turned_away.increment(1);
                }
                Err(Failure::Busy.into())
            }
            Err(TrySendError::Disconnected(_)) => Err(Failure::ShuttingDown.into()),
        }
    }

    /// Takes no more work, finishes what is queued, and waits for the threads.
    pub fn close(&self) {
        self.0.close();
    }
}

/// Two empty queues, and what their threads need.
fn line_up(
    environment: Environment,
    limits: Limits,
    meter: Arc<OnceLock<Arc<Meter>>>,
) -> (Queues, Worker) {
    let (read, reads) = bounded(limits.queue_jobs);
    let (write, writes) = bounded(limits.queue_jobs);
    let in_flight = Arc::new(InFlight::new(limits.connections.max(1)));
    (Queues { read, write }, Worker { reads, writes, environment, limits, in_flight, meter })
}

fn wait_for(threads: &mut Vec<JoinHandle<()>>) {
    for thread in threads.drain(..) {
        // A thread that panicked has nothing left to finish.
        let _ = thread.join();
    }
}

/// The file and the write-ahead log beside it.
fn size_bytes(path: &Path) -> Option<u64> {
    let file = std::fs::metadata(path).ok()?.len();
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Some(file + std::fs::metadata(log).map_or(0, |log| log.len()))
}

fn arrived<T>(answer: std::result::Result<Result<T>, oneshot::error::RecvError>) -> Result<T> {
    answer.unwrap_or_else(|_| Err(Error::internal("a database thread is gone")))
}

impl Inner {
    fn close(&self) {
        drop(self.queues.lock().unwrap_or_else(PoisonError::into_inner).take());
        wait_for(&mut self.threads.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
