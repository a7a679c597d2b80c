//! What only SQLite can do wrong, because its jobs share a transaction: a job that ends it, that
//! takes too long, or that fills the disk. The tests reach below the nouns, so they stand here.

use super::*;
use crate::tx::values;
use crate::{Access, Db, Limits, Target};
use crossbeam_channel::{Sender, bounded};
use domain::{ManualClock, Result, SeededEntropy};
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll, Waker};
use tempfile::TempDir;

/// How often a scene is played until its jobs happened to share a transaction: who is slow may
/// find that the writer did not wait.
const SCENES_MAX: usize = 50;
const ENDLESS: &str =
    "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n";
const ENDLESS_WRITE: &str = "insert into setting (name, value) \
     with recursive n (i) as (select 1 union all select i + 1 from n) \
     select 'endless-' || i, x'00' from n";

fn place() -> (TempDir, std::path::PathBuf, Environment) {
    let folder = tempfile::tempdir().expect("a folder");
    let entropy = Arc::new(SeededEntropy::new(1));
    let keyring = secrets::Keyring::open(&folder.path().join("key"), &*entropy).expect("a key");
    let (clock, keyring) = (Arc::new(ManualClock::new(1_700_000_000)), Arc::new(keyring));
    let file = folder.path().join("vitald.db");
    (folder, file, Environment { clock, entropy, keyring, profile: domain::Profile::default() })
}

fn open(limits: Limits) -> (Db, TempDir) {
    let (folder, file, environment) = place();
    (Db::open(&Target::Sqlite(file), environment, limits).expect("a store"), folder)
}

/// Notes that something was done.
fn note(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    let sql = "insert into setting (name, value) values ($1, $2)";
    tx.exec(sql, values![name, &b"noted"[..]]).map(drop)
}

fn is_noted(db: &Db, name: &str) -> bool {
    let name = name.to_owned();
    let sql = "select count(*) from setting where name = $1";
    let count = move |tx: &mut Tx<'_>| tx.row(sql, values![name.as_str()], |row| row.int(0));
    db.run_blocking(Access::Read, count).expect("a read") == Some(1)
}

/// Work that stands in the queue.
struct Queued<T>(std::pin::Pin<Box<dyn Future<Output = Result<T>> + Send>>);

fn queue<T: Send + 'static>(
    db: &Db,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
) -> Queued<T> {
    let db = db.clone();
    let mut answer = Box::pin(async move { db.run(Access::Write, work).await });
    let early = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(early.is_pending(), "the queue took nothing");
    Queued(answer)
}

impl<T> Queued<T> {
    fn answer(mut self) -> Result<T> {
        loop {
            match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::yield_now(),
            }
        }
    }
}

/// The first job of a batch: it notes its name, and its first run stands still until it is let go.
struct First {
    go: Sender<()>,
    runs: Arc<AtomicUsize>,
    job: Queued<()>,
}

fn first(db: &Db, name: String) -> First {
    let (go, may_go) = bounded::<()>(0);
    let (reached, is_reached) = bounded(1);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let job = queue(db, move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        let _ = reached.try_send(());
        let _ = may_go.recv();
        note(tx, &name)
    });
    is_reached.recv().expect("the first run");
    First { go, runs, job }
}

/// Plays a job between two innocent ones until all shared a transaction: the innocent ones are done
/// exactly once, the culprit's answer is that which `is_right` expects, and nothing of it is left.
fn between_innocents(
    limits: Limits,
    culprit: fn(&mut Tx<'_>) -> Result<()>,
    is_right: fn(&Result<()>) -> bool,
) {
    let (db, _folder) = open(limits);
    let shared = (0..SCENES_MAX).any(|scene| {
        let before = first(&db, format!("before-{scene}"));
        let guilty = queue(&db, move |tx| {
            note(tx, "guilty")?;
            culprit(tx)
        });
        let after = queue(&db, move |tx| note(tx, &format!("after-{scene}")));
        drop(before.go);
        let answer = guilty.answer();
        assert!(is_right(&answer), "{answer:?}");
        assert_eq!(before.job.answer(), Ok(()));
        assert_eq!(after.answer(), Ok(()));
        for name in [format!("before-{scene}"), format!("after-{scene}")] {
            assert!(is_noted(&db, &name), "{name}");
        }
        assert!(!is_noted(&db, "guilty"));
        before.runs.load(Ordering::SeqCst) == 2
    });
    assert!(shared, "the jobs never shared a transaction");
}

#[test]
fn a_job_that_ends_the_shared_transaction_fails_and_its_neighbours_are_run_again() {
    between_innocents(
        Limits::default(),
        |tx| tx.control("rollback"),
        |answer| matches!(answer, Err(Error::Failed(Failure::Internal(_)))),
    );
}

#[test]
fn a_job_that_ends_the_shared_transaction_and_panics_harms_nobody_else() {
    between_innocents(
        Limits::default(),
        |tx| {
            tx.control("rollback")?;
            panic!("on purpose")
        },
        |answer| matches!(answer, Err(Error::Failed(Failure::Internal(_)))),
    );
}

/// Limits under which waiting for the end of endless work does not take long.
fn impatient() -> Limits {
    Limits { work: Duration::from_millis(250), ..Limits::default() }
}

#[test]
fn endless_reading_is_interrupted_and_its_neighbours_are_done() {
    between_innocents(
        impatient(),
        |tx| tx.rows(ENDLESS, &[], |_| Ok(())).map(drop),
        |answer| *answer == Err(Failure::TimedOut.into()),
    );
}

#[test]
fn endless_writing_is_interrupted_and_its_neighbours_are_done() {
    between_innocents(
        impatient(),
        |tx| tx.exec(ENDLESS_WRITE, &[]).map(drop),
        |answer| *answer == Err(Failure::TimedOut.into()),
    );
}

#[test]
fn an_endless_read_job_is_interrupted_and_the_reader_goes_on() {
    let (db, _folder) = open(Limits { connections: 1, ..impatient() });
    let endless = db.run_blocking(Access::Read, |tx| tx.rows(ENDLESS, &[], |_| Ok(())).map(drop));
    assert_eq!(endless, Err(Failure::TimedOut.into()));
    assert!(is_noted(&db, "key_check"));
}

#[test]
fn a_job_that_dawdles_between_its_statements_is_not_committed() {
    let (db, _folder) = open(impatient());
    let dawdling = db.run_blocking(Access::Write, |tx| {
        note(tx, "late")?;
        let began = Instant::now();
        while began.elapsed() <= impatient().work {
            std::thread::yield_now();
        }
        Ok(())
    });
    assert_eq!(dawdling, Err(Failure::TimedOut.into()));
    assert!(!is_noted(&db, "late"));
    db.run_blocking(Access::Write, |tx| note(tx, "in time")).expect("written");
}

#[test]
fn an_error_of_the_engine_fails_the_work_even_if_the_work_overlooks_it() {
    let (db, _folder) = open(Limits::default());
    let answer = db.run_blocking(Access::Write, |tx| {
        note(tx, "overlooked")?;
        assert!(tx.exec("insert into setting (name, value) values (null, null)", &[]).is_err());
        Ok(())
    });
    assert!(matches!(answer, Err(Error::Failed(Failure::Internal(_)))), "{answer:?}");
    assert!(!is_noted(&db, "overlooked"));
}

#[test]
fn a_read_cannot_write_even_by_control() {
    let (db, _folder) = open(Limits::default());
    let answer = db.run_blocking(Access::Read, |tx| tx.control("delete from setting"));
    assert!(matches!(answer, Err(Error::Failed(Failure::Internal(_)))), "{answer:?}");
    assert!(is_noted(&db, "key_check"));
}

/// Leaves the file this many more pages; the writer keeps the limit.
fn leave_pages(db: &Db, pages: i64) {
    let limit = move |tx: &mut Tx<'_>| {
        let now = tx.row("pragma page_count", &[], |row| row.int(0))?.unwrap_or_default();
        tx.control(&format!("pragma max_page_count = {}", now + pages))
    };
    db.run_blocking(Access::Write, limit).expect("a limit");
}

fn fill(tx: &mut Tx<'_>, name: &str, bytes: usize) -> Result<()> {
    let sql = "insert into setting (name, value) values ($1, $2)";
    tx.exec(sql, values![name, &vec![7_u8; bytes][..]]).map(drop)
}

#[test]
fn a_full_disk_is_a_clear_failure_that_harms_nothing_else() {
    let (db, _folder) = open(Limits::default());
    db.run_blocking(Access::Write, |tx| note(tx, "earlier")).expect("written");
    leave_pages(&db, 20);
    for _ in 0..3 {
        let answer = db.run_blocking(Access::Write, |tx| {
            note(tx, "with the big one")?;
            fill(tx, "big", 8_192 * 40)
        });
        let Err(Error::Failed(Failure::Internal(cause))) = answer else { panic!("{answer:?}") };
        assert!(cause.contains("full"), "{cause}");
        assert!(is_noted(&db, "earlier"));
        assert!(!is_noted(&db, "with the big one"));
    }
    db.run_blocking(Access::Write, |tx| note(tx, "later")).expect("a small write");
    leave_pages(&db, 1_000);
    db.run_blocking(Access::Write, |tx| fill(tx, "big", 8_192 * 40)).expect("room again");
    assert!(is_noted(&db, "later"));
    assert!(is_noted(&db, "big"));
}

#[test]
fn who_fills_the_disk_takes_no_neighbour_along() {
    between_innocents(
        Limits::default(),
        |tx| {
            let now = tx.row("pragma page_count", &[], |row| row.int(0))?.unwrap_or_default();
            tx.control(&format!("pragma max_page_count = {}", now + 20))?;
            let filled = fill(tx, "big", 8_192 * 40);
            let _ = tx.control("pragma max_page_count = 1000000"); // For who comes after.
            filled
        },
        |answer| matches!(answer, Err(Error::Failed(Failure::Internal(_)))),
    );
}

#[test]
fn many_small_jobs_share_commits_and_all_are_there() {
    const JOBS: usize = 600; // More than two batches.
    let (db, _folder) = open(Limits::default());
    let gate = first(&db, "first".to_owned());
    let jobs: Vec<_> =
        (0..JOBS).map(|job| queue(&db, move |tx| note(tx, &format!("job-{job}")))).collect();
    drop(gate.go);
    assert_eq!(gate.job.answer(), Ok(()));
    for (number, job) in jobs.into_iter().enumerate() {
        assert_eq!(job.answer(), Ok(()));
        assert!(is_noted(&db, &format!("job-{number}")));
    }
}

#[test]
fn a_file_that_another_process_is_just_making_is_waited_for() {
    let (_folder, file, environment) = place();
    let other = Connection::open(&file).expect("a file");
    other.execute_batch("create table other (n integer); begin immediate").expect("a lock");
    let opening = std::thread::spawn(move || {
        Db::open(&Target::Sqlite(file), environment, Limits::default()).map(drop)
    });
    // Whoever does not wait is done by then; who does wait cannot be seen doing so.
    let began = Instant::now();
    while !opening.is_finished() && began.elapsed() < Duration::from_millis(200) {
        std::thread::yield_now();
    }
    other.execute_batch("commit").expect("the end of the lock");
    opening.join().expect("an answer").expect("an open store");
}

#[test]
fn a_store_that_is_closed_leaves_no_log_beside_its_file() {
    for round in 0..40 {
        let (db, folder) = open(Limits { connections: 1, ..Limits::default() });
        let name = format!("round-{round}");
        db.run_blocking(Access::Write, move |tx| note(tx, &name)).expect("noted");
        db.close();
        assert!(!folder.path().join("vitald.db-wal").exists(), "round {round}");
    }
}
