//! PostgreSQL: N connections on N threads, each doing one job at a time in one transaction: a read
//! in one repeatable-read snapshot, a write that is run again, whole, after a conflict. It knows
//! nothing of what the jobs do.

mod connection;

use crate::db::{Access, Environment, Limits, OpenError, Worker};
use crate::inspect::{self, Inspection};
use crate::job::{Job, Verdict};
use crate::migrate::{self, Migration};
use crate::secrets;
use crate::tx::{Engine, Tx};
pub(crate) use connection::{Connection, failure};
use crossbeam_channel::Receiver;
use domain::{Error, Failure};
use std::str::FromStr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio_postgres::Config;
use tokio_postgres::error::SqlState;

const BEGIN_READ: &str = "begin transaction isolation level repeatable read, read only";
const BEGIN_WRITE: &str = "begin transaction isolation level read committed, read write";

pub(crate) fn start(address: &str, worker: &Worker) -> Result<Vec<JoinHandle<()>>, OpenError> {
    let config = parse(address)?;
    let mut threads = Vec::new();
    for number in 0..worker.limits.connections.max(1) {
        let (config, worker) = (config.clone(), worker.clone());
        let (ready, is_ready) = mpsc::sync_channel(1);
        // The blocking driver owns a small runtime, so it is only touched on threads of its own.
        let body = move || {
            let opened = Connection::open(&config, &worker.limits).and_then(|mut connection| {
                if number == 0 {
                    migrate_open(&mut connection, &worker.environment, false)?;
                }
                Ok(connection)
            });
            match opened {
                Ok(connection) => {
                    let _ = ready.send(Ok(()));
                    let connection = Some(connection);
                    Thread { number, config, worker, connection }.serve();
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        };
        let thread = std::thread::Builder::new().name(format!("postgres-{number}")).spawn(body);
        threads.push(thread.map_err(|error| OpenError::Unreachable(error.to_string()))?);
        let gone = |_| OpenError::Unreachable("a connection thread ended".to_owned());
        is_ready.recv().map_err(gone)??;
    }
    Ok(threads)
}

pub(crate) fn migrate(
    address: &str,
    environment: &Environment,
    dry_run: bool,
) -> Result<Vec<Migration>, OpenError> {
    let config = parse(address)?;
    let open =
        || migrate_open(&mut Connection::open(&config, &Limits::default())?, environment, dry_run);
    let ended = |_| OpenError::Unreachable("the connection thread ended".to_owned());
    std::thread::scope(|scope| scope.spawn(open).join().map_err(ended)?)
}

/// Looks at it in one snapshot that cannot write.
pub(crate) fn inspect(
    address: &str,
    environment: &Environment,
    is_key_given: bool,
) -> Result<Inspection, OpenError> {
    let config = parse(address)?;
    let look = || {
        let mut connection = Connection::open(&config, &Limits::default())?;
        let engine = Engine::Postgres(&mut connection);
        let mut tx = Tx::new(engine, environment, false, i64::MAX);
        tx.control(BEGIN_READ)?;
        let found = inspect::of_postgres(&mut tx, is_key_given);
        tx.control("rollback")?;
        found
    };
    let ended = |_| OpenError::Unreachable("the connection thread ended".to_owned());
    std::thread::scope(|scope| scope.spawn(look).join().map_err(ended)?)
}

fn parse(address: &str) -> Result<Config, OpenError> {
    // The driver's words can quote the address, which holds a password.
    let unreadable = |_| {
        OpenError::Unreachable(
            "the address is not postgres://USER:PASSWORD@HOST/NAME, or has an option that is not \
             known (sslmode is one of disable, prefer, require)"
                .to_owned(),
        )
    };
    Config::from_str(address).map_err(unreadable)
}

fn migrate_open(
    connection: &mut Connection,
    environment: &Environment,
    dry_run: bool,
) -> Result<Vec<Migration>, OpenError> {
    match migrate_once(connection, environment, dry_run) {
        // Of nodes that create the first table together all but one fail, though it says `if not
        // exists`; once they have failed it is there.
        Err(OpenError::Failed(_)) => migrate_once(connection, environment, dry_run),
        other => other,
    }
}

fn migrate_once(
    connection: &mut Connection,
    environment: &Environment,
    dry_run: bool,
) -> Result<Vec<Migration>, OpenError> {
    let mut tx = Tx::new(Engine::Postgres(connection), environment, true, i64::MAX);
    tx.control(BEGIN_WRITE)?;
    tx.control("set local lock_timeout = 0; set local statement_timeout = 0")?;
    let result = migrate::run(&mut tx, dry_run).and_then(|migrations| {
        if !dry_run {
            secrets::check(&mut tx)?;
        }
        Ok(migrations)
    });
    tx.control(if result.is_ok() && !dry_run { "commit" } else { "rollback" })?;
    result
}

/// One thread with its connection, which may be lost and made anew.
struct Thread {
    number: usize,
    config: Config,
    worker: Worker,
    connection: Option<Connection>,
}

impl Thread {
    fn serve(mut self) {
        let (reads, writes) = (self.worker.reads.clone(), self.worker.writes.clone());
        loop {
            // Either queue; a queue whose senders are gone and which is empty ends its arm.
            let (access, job) = crossbeam_channel::select! {
                recv(reads) -> job => (Access::Read, job),
                recv(writes) -> job => (Access::Write, job),
                default => {
                    self.settle();
                    crossbeam_channel::select! {
                        recv(reads) -> job => (Access::Read, job),
                        recv(writes) -> job => (Access::Write, job),
                    }
                }
            };
            match (access, job) {
                (access, Ok(job)) if !job.is_abandoned() => self.run(access, job),
                (_, Ok(_)) => {}
                (Access::Read, Err(_)) => return self.finish(Access::Write, &writes),
                (Access::Write, Err(_)) => return self.finish(Access::Read, &reads),
            }
        }
    }

    /// Leaves no snapshot open while nobody asks for anything.
    fn settle(&mut self) {
        if let Some(connection) = &mut self.connection {
            // A connection that is lost is seen by the next job.
            let _ = connection.settle();
        }
    }

    /// Does what is left in one queue once the other has ended.
    fn finish(&mut self, access: Access, jobs: &Receiver<Box<dyn Job>>) {
        jobs.iter().filter(|job| !job.is_abandoned()).for_each(|job| self.run(access, job));
    }

    fn run(&mut self, access: Access, mut job: Box<dyn Job>) {
        let mut failure = Failure::Busy;
        for _ in 0..Limits::ATTEMPTS {
            match self.attempt(access, &mut *job) {
                Ok(()) => return job.committed(),
                Err(Failure::Conflict(why)) => failure = Failure::Conflict(why),
                Err(other) => return job.failed(other),
            }
        }
        job.failed(failure);
    }

    /// One run in one transaction. `Conflict` says that nothing was kept and it may be run again.
    fn attempt(&mut self, access: Access, job: &mut dyn Job) -> Result<(), Failure> {
        let is_write = access == Access::Write;
        if is_write {
            self.worker.in_flight.begin(self.number, self.worker.environment.clock.now());
        }
        let result = self.transact(is_write, job);
        if is_write {
            self.worker.in_flight.end(self.number);
        }
        if self.connection.as_ref().is_some_and(|connection| connection.is_closed()) {
            self.connection = None;
        }
        result
    }

    fn transact(&mut self, is_write: bool, job: &mut dyn Job) -> Result<(), Failure> {
        let limits = self.worker.limits;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty => {
                let opened = Connection::open(&self.config, &limits);
                empty.insert(opened.map_err(|error| Failure::Internal(error.to_string()))?)
            }
        };
        // Before the snapshot: see InFlight.
        let since = self.worker.in_flight.since(&*self.worker.environment.clock);
        let opened = Instant::now();
        let begin = if is_write { BEGIN_WRITE } else { BEGIN_READ };
        let environment = &self.worker.environment;
        let tx = Tx::new(Engine::Postgres(connection), environment, is_write, since);
        let mut tx = tx.until(opened + limits.work);
        tx.control_soon(begin).map_err(failure_of)?;
        let mut verdict = job.run(&mut tx);
        if verdict == Verdict::Keep && is_write && opened.elapsed() > limits.work {
            verdict = Verdict::Undo(Failure::TimedOut);
        }
        match verdict {
            // Nothing depends on how a read ends.
            Verdict::Keep if !is_write => {
                connection.later("commit");
                Ok(())
            }
            Verdict::Keep => {
                let begun = Instant::now();
                let committed = connection.now("commit");
                self.worker.note_commit(begun, 1, committed.is_ok());
                committed.map_err(|error| commit_failure(&error))
            }
            undone => {
                let _ = connection.now("rollback");
                match undone {
                    Verdict::Undo(failure) => Err(failure),
                    _ => Err(Failure::Conflict("a concurrent transaction".to_owned())),
                }
            }
        }
    }
}

/// A commit that lost to another transaction may be run again. After anything else, such as a lost
/// connection, it may have happened.
fn commit_failure(error: &tokio_postgres::Error) -> Failure {
    let lost_to = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    let may_run_again = error.code().is_some_and(|code| lost_to.contains(code));
    if !may_run_again {
        return Failure::Internal("the outcome of a commit is not known".to_owned());
    }
    failure_of(failure(error))
}

fn failure_of(error: Error) -> Failure {
    match error {
        Error::Failed(failure) => failure,
        Error::Refused(refusal) => Failure::Internal(refusal.cause),
    }
}
