//! An empty store for one test, on either engine, with a clock that the test turns. Every opening
//! is a node of its own on the same data.

use domain::{Error, Failure, ManualClock, Profile, Result, SeededEntropy};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::secrets::Keyring;
use store::{Access, Db, Environment, Inspection, Limits, Migration, OpenError, Target, Tx};
use tempfile::TempDir;

/// Where a test looks for its PostgreSQL.
const VARIABLE: &str = "VITALD_TEST_POSTGRES";
/// What the clock shows first.
pub(crate) const NOON: i64 = 1_700_000_000;
/// How long a test waits for what must come; nothing that works comes near it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// A node small enough to have two of them in every test.
pub(crate) const SMALL: Limits = Limits {
    queue_jobs: 1_024,
    connections: 3,
    batch_jobs: 256,
    work: Duration::from_secs(10),
    is_durable: true,
};
/// A node that does one write after another on either engine.
pub(crate) const ONE_AT_A_TIME: Limits = Limits { connections: 1, ..SMALL };

/// The place of a store that lasts as long as the test.
pub(crate) struct Harness {
    /// Every node's clock, unless it is opened with another.
    pub(crate) clock: Arc<ManualClock>,
    entropy: Arc<SeededEntropy>,
    target: Target,
    folder: TempDir,
}

impl Harness {
    /// An empty file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let target = Target::Sqlite(folder.path().join("vitald.db"));
        Self::of(target, folder)
    }

    /// An empty schema of its own on the server the environment names.
    pub(crate) fn postgres() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let server = std::env::var_os(VARIABLE).and_then(|server| server.into_string().ok());
        let server = server.expect("run `cargo xtask test`, which starts a PostgreSQL");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("s_{}_{number}", std::process::id());
        let create = format!("drop schema if exists {schema} cascade; create schema {schema}");
        connect(&server).batch_execute(&create).expect("a schema");
        // A deadlock is noticed early: the tests make some on purpose.
        let address =
            format!("{server}&options=-c%20search_path%3D{schema}%20-c%20deadlock_timeout%3D50ms");
        Self::of(Target::Postgres(address), tempfile::tempdir().expect("a folder"))
    }

    fn of(target: Target, folder: TempDir) -> Self {
        let clock = Arc::new(ManualClock::new(NOON));
        Self { clock, entropy: Arc::new(SeededEntropy::new(1)), target, folder }
    }

    /// Another empty store on the same engine.
    pub(crate) fn another(&self) -> Self {
        if self.is_postgres() { Self::postgres() } else { Self::sqlite() }
    }

    /// Whether it is not SQLite.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.target, Target::Postgres(_))
    }

    /// One more node on the data.
    pub(crate) fn open(&self) -> Db {
        self.open_with(SMALL)
    }

    /// One more node on the data, with limits of its own.
    pub(crate) fn open_with(&self, limits: Limits) -> Db {
        Db::open(&self.target, self.environment("key"), limits).expect("an open store")
    }

    /// One more node on the data, with a clock of its own.
    pub(crate) fn open_at(&self, now: i64) -> Db {
        let clock = Arc::new(ManualClock::new(now));
        let environment = Environment { clock, ..self.environment("key") };
        Db::open(&self.target, environment, SMALL).expect("an open store")
    }

    /// One more node on the data, with the strict rules of OAuth.
    pub(crate) fn open_strict(&self) -> Db {
        let environment = Environment { profile: Profile::Strict, ..self.environment("key") };
        Db::open(&self.target, environment, SMALL).expect("an open store")
    }

    /// An opening that may be refused, with the key file of that name.
    pub(crate) fn try_open(&self, key: &str) -> std::result::Result<Db, OpenError> {
        Db::open(&self.target, self.environment(key), SMALL)
    }

    /// An opening of another PostgreSQL.
    pub(crate) fn open_elsewhere(&self, address: &str) -> std::result::Result<(), OpenError> {
        let target = Target::Postgres(address.to_owned());
        Db::open(&target, self.environment("key"), SMALL).map(drop)
    }

    /// A restart.
    pub(crate) fn reopen(&self, db: Db) -> Db {
        db.close();
        drop(db);
        self.open()
    }

    /// What `vitald migrate` does.
    pub(crate) fn migrate(&self, dry_run: bool) -> std::result::Result<Vec<Migration>, OpenError> {
        Db::migrate(&self.target, &self.environment("key"), dry_run)
    }

    /// Makes a key file, or finds it there.
    pub(crate) fn another_key(&self, name: &str) {
        drop(self.environment(name));
    }

    /// What a look at the data finds, with the key file of that name if it is there.
    pub(crate) fn inspect(&self, key: &str) -> std::result::Result<Inspection, OpenError> {
        let keyring = Keyring::read(&self.folder.path().join(key))?.map(Arc::new);
        store::inspect(&self.target, keyring, self.clock.clone(), self.entropy.clone())
    }

    fn environment(&self, key: &str) -> Environment {
        let keyring = Keyring::open(&self.folder.path().join(key), &*self.entropy);
        let keyring = Arc::new(keyring.expect("a key"));
        Environment {
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            keyring,
            profile: Profile::default(),
        }
    }

    /// The folder with the files of SQLite.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Does something to the data behind the store's back.
    pub(crate) fn tamper(&self, sql: &str) {
        match &self.target {
            Target::Sqlite(path) => {
                let file = rusqlite::Connection::open(path).expect("a file");
                file.execute_batch(sql).expect("tampered");
            }
            Target::Postgres(address) => connect(address).batch_execute(sql).expect("tampered"),
        }
    }

    /// The numbers of a query's first column, read behind the store's back.
    pub(crate) fn numbers(&self, sql: &str) -> Vec<i64> {
        self.column(sql)
    }

    /// A query's first column, read behind the store's back.
    pub(crate) fn column<T>(&self, sql: &str) -> Vec<T>
    where
        T: rusqlite::types::FromSql + for<'a> postgres::types::FromSql<'a>,
    {
        match &self.target {
            Target::Sqlite(path) => {
                let file = rusqlite::Connection::open(path).expect("a file");
                let mut query = file.prepare(sql).expect("a query");
                let rows = query.query_map([], |row| row.get(0)).expect("an answer");
                rows.map(|value| value.expect("a value")).collect()
            }
            Target::Postgres(address) => {
                let rows = connect(address).query(sql, &[]).expect("an answer");
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }
}

fn connect(address: &str) -> postgres::Client {
    postgres::Client::connect(address, postgres::NoTls).expect("the PostgreSQL of the tests")
}

/// Work on a node that must succeed, in the words of a test.
pub(crate) trait Works {
    /// Reads.
    fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> T;
    /// Writes.
    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> T;
    /// Writes, or says why not.
    fn try_write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T>;
}

impl Works for Db {
    fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> T {
        patiently(self, Access::Read, work).expect("a read")
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> T {
        self.try_write(work).expect("a write")
    }

    fn try_write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        patiently(self, Access::Write, work)
    }
}

/// A file that another node holds for long is no fault of either: the work is given again.
fn patiently<T: Send + 'static>(
    db: &Db,
    access: Access,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + Sync + 'static,
) -> Result<T> {
    const TRIES_MAX: usize = 10;
    let work = Arc::new(work);
    let run = || {
        let work = Arc::clone(&work);
        db.run_blocking(access, move |tx| work(tx))
    };
    let is_busy = |answer: &Result<T>| matches!(answer, Err(Error::Failed(Failure::Busy)));
    let mut answers = (0..TRIES_MAX).map(|_| run());
    answers.find(|answer| !is_busy(answer)).unwrap_or_else(|| Err(Failure::Busy.into()))
}
