//! SQLite: one writer with group commit, a few readers with snapshots of their own. It knows
//! nothing of what the jobs do.
//!
//! A commit is the expensive part (it waits for the disk), so everything that queued up while the
//! last commit was syncing shares the next one: a savepoint per job, one `begin immediate …
//! commit`, answers after the commit. A job that fails undoes only itself. An error that ends the
//! shared transaction takes the innocent jobs with it; they are run again one by one.

use crate::db::{Environment, OpenError, Worker};
use crate::job::{Job, Verdict};
use crate::migrate::{self, Migration};
use crate::secrets;
use crate::tx::{Engine, Tx, sqlite_error};
use domain::{Error, Failure, Refusal};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A batch takes no further jobs once it has been open this long: commits keep coming under load.
const BATCH_OPEN: Duration = Duration::from_millis(50);
/// How often a file that others are just making is tried again.
const OPEN_TRIES_MAX: u32 = 100;
/// How many virtual machine instructions pass between two looks at the deadline.
const PROGRESS_STEPS: i32 = 20_000;

pub(crate) fn start(path: &Path, worker: &Worker) -> Result<Vec<JoinHandle<()>>, OpenError> {
    make_private(path)?;
    let mut writer = Conn::open(path, &worker.environment)?;
    // What a savepoint may have to undo is kept in memory, not in a file made for each.
    writer.control("pragma temp_store = memory")?;
    if !worker.limits.is_durable {
        writer.control("pragma synchronous = off")?;
    }
    migrate_open(&mut writer, &worker.environment, false)?;
    let mut threads = Vec::new();
    let mut spawn = |name: String, body: Box<dyn FnOnce() + Send>| {
        let thread = std::thread::Builder::new().name(name).spawn(body);
        let thread = thread.map(|thread| threads.push(thread));
        thread.map_err(|error| OpenError::Unreachable(error.to_string()))
    };
    let writing = worker.clone();
    // The writer's connection is the last to go, as the last takes the log into the file: of two
    // that close together each may leave that to the other.
    let (reads_on, all_have_read) = crossbeam_channel::bounded::<()>(0);
    spawn(
        "sqlite-writer".to_owned(),
        Box::new(move || {
            write_loop(&writer, &writing);
            // Nobody sends: it returns once every reader is gone.
            let _ = all_have_read.recv();
        }),
    )?;
    for number in 0..worker.limits.connections {
        let conn = Conn::open(path, &worker.environment)?;
        let reading = worker.clone();
        conn.control("pragma query_only = on")?;
        let reads_on = reads_on.clone();
        let body = move || {
            read_loop(&conn, &reading);
            drop(conn);
            drop(reads_on);
        };
        spawn(format!("sqlite-reader-{number}"), Box::new(body))?;
    }
    Ok(threads)
}

pub(crate) fn migrate(
    path: &Path,
    environment: &Environment,
    dry_run: bool,
) -> Result<Vec<Migration>, OpenError> {
    if dry_run && !path.exists() {
        return Ok(migrate::all_missing());
    }
    make_private(path)?;
    migrate_open(&mut Conn::open(path, environment)?, environment, dry_run)
}

/// Puts a prepared file in place of one that this process has closed. Where others have it open it
/// is left: the log beside it is theirs.
pub(crate) fn replace(path: &Path, prepared: &Path) -> Result<(), Error> {
    if has_log(path) {
        let problem = "another program has the store open; name a server with --url, or end it";
        return Err(Refusal::invalid_param("snapshot", problem).into());
    }
    std::fs::rename(prepared, path).map_err(Error::internal)
}

/// Whether somebody has it open, or had when it was killed.
pub(crate) fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).exists()
}

/// Makes a new file for its owner alone; SQLite gives the same mode to the files beside it.
pub(crate) fn make_private(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(OpenError::Unreachable(format!("{}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

fn migrate_open(
    conn: &mut Conn,
    environment: &Environment,
    dry_run: bool,
) -> Result<Vec<Migration>, OpenError> {
    // Commands beside a busy server should not queue for its lock without need.
    let mut tx = Tx::new(Engine::Sqlite(&conn.sqlite), environment, false, i64::MAX);
    if let Some(migrations) = migrate::current(&mut tx) {
        secrets::check(&mut tx)?;
        return Ok(migrations);
    }
    conn.control("begin immediate")?;
    let mut tx = Tx::new(Engine::Sqlite(&conn.sqlite), environment, true, i64::MAX);
    let result = migrate::run(&mut tx, dry_run).and_then(|migrations| {
        if !dry_run {
            secrets::check(&mut tx)?;
        }
        Ok(migrations)
    });
    if result.is_ok() && !dry_run {
        conn.control("commit")?;
    } else if !conn.has_ended() {
        conn.control("rollback")?;
    }
    result
}

/// Why a file cannot be opened, with what to do about it.
pub(crate) fn unreachable(path: &Path, error: &rusqlite::Error) -> OpenError {
    OpenError::Unreachable(format!("{}: {error}{}", path.display(), mend(error)))
}

/// What an operator can do about an error of the engine.
pub(crate) fn mend(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => {
            "; vitald must be able to write the file and its folder: see their owner and mode, and \
             whether the file system is mounted read-only"
        }
        Some(ErrorCode::DiskFull) => "; make room on the disk",
        Some(ErrorCode::SystemIoFailure) => "; the disk is full, over a limit, or broken",
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "; see the owner and the mode of the file and of its folder"
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "; it is another file or a damaged one: restore it from a backup"
        }
        _ => "",
    }
}

/// A connection that interrupts work which takes too long.
struct Conn {
    sqlite: Connection,
    environment: Environment,
    opened: Instant,
    deadline_ms: Arc<AtomicU64>,
}

impl Conn {
    fn open(path: &Path, environment: &Environment) -> Result<Self, OpenError> {
        let explain = |error: rusqlite::Error| unreachable(path, &error);
        let mut sqlite = Connection::open(path).map_err(explain)?;
        // page_size counts only for a new file; 8 KiB holds a day's groups and suits the chunks.
        // Pages that many commits write again are taken over from the log once in 32 MiB, not in 8.
        let settings = "pragma page_size = 8192; pragma journal_mode = wal; \
            pragma synchronous = full; pragma busy_timeout = 5000; pragma foreign_keys = on; \
            pragma wal_autocheckpoint = 4000; pragma mmap_size = 268435456; \
            pragma trusted_schema = off;";
        let mut tries = 0;
        while let Err(error) = sqlite.execute_batch(settings) {
            // Making a new file a WAL file does not wait for another process that is doing so.
            tries += 1;
            if tries == OPEN_TRIES_MAX || error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy)
            {
                return Err(explain(error));
            }
            sqlite.execute_batch("begin immediate; rollback").map_err(explain)?; // This waits.
        }
        let mode: String =
            sqlite.query_row("pragma journal_mode", [], |row| row.get(0)).map_err(explain)?;
        if mode != "wal" {
            let problem =
                "the file system does not carry SQLite's write-ahead log; use a local disk";
            return Err(OpenError::Unreachable(format!("{}: {problem}", path.display())));
        }
        sqlite.set_prepared_statement_cache_capacity(512);
        // A plan that does not depend on what is bound is made once, not for every binding.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(explain)?;
        let (opened, deadline_ms) = (Instant::now(), Arc::new(AtomicU64::new(u64::MAX)));
        let deadline = Arc::clone(&deadline_ms);
        let is_over = move || elapsed_ms(opened) > deadline.load(Ordering::Relaxed);
        sqlite.progress_handler(PROGRESS_STEPS, Some(is_over)).map_err(explain)?;
        Ok(Self { sqlite, environment: environment.clone(), opened, deadline_ms })
    }

    fn control(&self, sql: &str) -> Result<(), Error> {
        let mut statement = self.sqlite.prepare_cached(sql).map_err(sqlite_error)?;
        let mut rows = statement.raw_query();
        while rows.next().map_err(sqlite_error)?.is_some() {}
        Ok(())
    }

    fn set_deadline(&self, work: Option<Duration>) {
        let at = work.map_or(u64::MAX, |work| elapsed_ms(self.opened) + millis(work));
        self.deadline_ms.store(at, Ordering::Relaxed);
    }

    /// Whether an error has ended the transaction under us.
    fn has_ended(&self) -> bool {
        self.sqlite.is_autocommit()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn elapsed_ms(since: Instant) -> u64 {
    millis(since.elapsed())
}

fn read_loop(conn: &Conn, worker: &Worker) {
    while let Ok(job) = worker.reads.recv() {
        if !job.is_abandoned() {
            read(conn, worker, job);
        }
    }
}

fn read(conn: &Conn, worker: &Worker, mut job: Box<dyn Job>) {
    // Before the snapshot: see InFlight.
    let since = worker.in_flight.since(&*worker.environment.clock);
    if let Err(error) = conn.control("begin") {
        return job.failed(failure_of(error));
    }
    conn.set_deadline(Some(worker.limits.work));
    let engine = Engine::Sqlite(&conn.sqlite);
    let tx = Tx::new(engine, &conn.environment, false, since);
    let verdict = job.run(&mut tx.until(Instant::now() + worker.limits.work));
    conn.set_deadline(None);
    if !conn.has_ended() && conn.control("commit").is_err() {
        let _ = conn.control("rollback");
    }
    match verdict {
        Verdict::Keep => job.committed(),
        Verdict::Undo(failure) => job.failed(failure),
        Verdict::Again => job.failed(Failure::Busy),
    }
}

fn failure_of(error: Error) -> Failure {
    match error {
        Error::Failed(failure) => failure,
        Error::Refused(refusal) => Failure::Internal(refusal.cause),
    }
}

fn write_loop(conn: &Conn, worker: &Worker) {
    while let Ok(first) = worker.writes.recv() {
        let again = write_batch(conn, worker, first);
        for job in again {
            write_alone(conn, worker, job);
        }
    }
}

/// Runs `first` and what is queued behind it in one transaction. Gives back the jobs that lost it
/// through no fault of their own.
fn write_batch(conn: &Conn, worker: &Worker, first: Box<dyn Job>) -> Vec<Box<dyn Job>> {
    worker.in_flight.begin(0, worker.environment.clock.now());
    let opened = Instant::now();
    if let Err(error) = conn.control("begin immediate") {
        worker.in_flight.end(0);
        first.failed(failure_of(error));
        return Vec::new();
    }
    let mut kept: Vec<Box<dyn Job>> = Vec::new();
    let (mut next, mut taken) = (Some(first), 0);
    while let Some(job) = next.take() {
        taken += 1;
        let ended =
            if job.is_abandoned() { false } else { run_in_batch(conn, worker, job, &mut kept) };
        if ended {
            worker.in_flight.end(0);
            return kept;
        }
        if kept.len() < worker.limits.batch_jobs && opened.elapsed() < BATCH_OPEN {
            next = worker.writes.try_recv().ok();
        }
    }
    let committed = commit(conn, worker, opened, kept.len());
    worker.in_flight.end(0);
    match committed {
        Ok(()) => kept.into_iter().for_each(Job::committed),
        Err(_) if taken > 1 => return kept, // Whose fault it was, the time or the space, is open.
        Err(failure) => kept.into_iter().for_each(|job| job.failed(failure.clone())),
    }
    Vec::new()
}

fn write_alone(conn: &Conn, worker: &Worker, job: Box<dyn Job>) {
    worker.in_flight.begin(0, worker.environment.clock.now());
    let opened = Instant::now();
    let mut kept = Vec::new();
    let result = match conn.control("begin immediate") {
        Err(error) => {
            job.failed(failure_of(error));
            Ok(())
        }
        Ok(()) if run_in_batch(conn, worker, job, &mut kept) => Ok(()),
        Ok(()) => commit(conn, worker, opened, kept.len()),
    };
    worker.in_flight.end(0);
    match result {
        Ok(()) => kept.into_iter().for_each(Job::committed),
        Err(failure) => kept.into_iter().for_each(|job| job.failed(failure.clone())),
    }
}

/// Runs one job in its savepoint and adds it to `kept` if it is to be committed. `true` when the
/// whole transaction has ended.
fn run_in_batch(
    conn: &Conn,
    worker: &Worker,
    mut job: Box<dyn Job>,
    kept: &mut Vec<Box<dyn Job>>,
) -> bool {
    if let Err(error) = conn.control("savepoint job") {
        job.failed(failure_of(error));
        return conn.has_ended();
    }
    conn.set_deadline(Some(worker.limits.work));
    let engine = Engine::Sqlite(&conn.sqlite);
    let since = worker.environment.clock.now();
    let tx = Tx::new(engine, &conn.environment, true, since);
    let verdict = job.run(&mut tx.until(Instant::now() + worker.limits.work));
    conn.set_deadline(None);
    let failure = match verdict {
        Verdict::Keep if !conn.has_ended() => match conn.control("release savepoint job") {
            Ok(()) => {
                kept.push(job);
                return false;
            }
            Err(error) => failure_of(error),
        },
        Verdict::Keep => Failure::Internal("the transaction ended under the work".to_owned()),
        Verdict::Undo(failure) => failure,
        Verdict::Again => Failure::Busy,
    };
    job.failed(failure);
    if conn.has_ended() {
        return true;
    }
    let undone = conn.control("rollback to savepoint job");
    let undone = undone.and_then(|()| conn.control("release savepoint job"));
    if undone.is_err() && !conn.has_ended() {
        let _ = conn.control("rollback");
    }
    conn.has_ended()
}

/// Commits, unless the transaction has been open so long that its stamps could be overtaken.
fn commit(conn: &Conn, worker: &Worker, opened: Instant, jobs: usize) -> Result<(), Failure> {
    let begun = Instant::now();
    let result = if opened.elapsed() > worker.limits.work {
        Err(Failure::TimedOut)
    } else {
        conn.control("commit").map_err(failure_of)
    };
    if result.is_err() && !conn.has_ended() {
        let _ = conn.control("rollback");
    }
    worker.note_commit(begun, jobs, result.is_ok());
    if let Err(failure) = &result {
        tracing::error!(%failure, "a commit failed; its work is run again one by one or refused");
    }
    result
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
