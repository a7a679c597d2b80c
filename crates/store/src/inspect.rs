//! Looking at a store without changing it: no file, no table, no key and no lock is made. What is
//! found decides whether a program may open it, and what an operator is told of it.

use crate::db::{Environment, OpenError, Target};
use crate::migrate::{self, History};
use crate::secrets::{self, KeyError, Keyring};
use crate::tx::{Engine, Tx};
use crate::{postgres, sqlite};
use domain::{Clock, Entropy, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The engine and its version.
    pub engine: String,
    /// Whether there is a store. PostgreSQL: whether vitald has been here.
    pub is_there: bool,
    /// How much it takes on the disk.
    pub size_bytes: Option<u64>,
    /// Migrations of this program it does not have yet.
    pub missing: Vec<&'static str>,
    /// Migrations it has and this program does not know: a newer one made them.
    pub unknown: Vec<String>,
    /// Migrations that were applied with another text.
    pub altered: Vec<String>,
    /// Whether the key that was given is its key; none if it has none yet or none was given.
    pub is_key_right: Option<bool>,
    /// Whether it was made with a key.
    pub has_key: bool,
    /// The newest time stamp in it.
    pub newest_stamp: Option<i64>,
    /// The time of the database's own machine.
    pub clock: Option<i64>,
}

impl Inspection {
    fn empty(engine: String) -> Self {
        Self {
            engine,
            is_there: false,
            size_bytes: None,
            missing: migrate::all_names(),
            unknown: Vec::new(),
            altered: Vec::new(),
            is_key_right: None,
            has_key: false,
            newest_stamp: None,
            clock: None,
        }
    }

    /// Refuses a store that must not be opened: it would be refused later too, but this is before
    /// anything is made.
    pub fn check(&self) -> std::result::Result<(), OpenError> {
        if let Some(name) = self.unknown.first() {
            return Err(migrate::unknown(name));
        }
        if let Some(name) = self.altered.first() {
            return Err(migrate::altered(name));
        }
        if self.is_key_right == Some(false) {
            return Err(KeyError::Wrong.into());
        }
        Ok(())
    }
}

/// Looks at a store. `key` is the key in use, if there is one already.
pub fn inspect(
    target: &Target,
    key: Option<Arc<Keyring>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> std::result::Result<Inspection, OpenError> {
    let is_given = key.is_some();
    // Without a key nothing sealed is opened: any will do to look at the rest.
    let keyring = key.unwrap_or_else(|| Arc::new(Keyring::unkept(&*entropy)));
    let environment = Environment { clock, entropy, keyring, profile: domain::Profile::default() };
    match target {
        Target::Sqlite(path) => of_sqlite(path, &environment, is_given),
        Target::Postgres(address) => postgres::inspect(address, &environment, is_given),
    }
}

fn of_sqlite(
    path: &Path,
    environment: &Environment,
    is_key_given: bool,
) -> std::result::Result<Inspection, OpenError> {
    let mut found = Inspection::empty(format!("SQLite {}", rusqlite::version()));
    let file = match std::fs::metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => {
            return Err(OpenError::Unreachable(format!("{}: {error}", path.display())));
        }
    };
    if !file.is_file() {
        let text = format!("{} is not a file; move it away", path.display());
        return Err(OpenError::Unreachable(text));
    }
    found.size_bytes = Some(file.len());
    // Somebody has just made it, and has not written to it yet.
    if file.len() == 0 {
        return Ok(found);
    }
    // Where nobody has it open there is no log beside it, and SQLite would make one even to read:
    // it is told then that the file stands still.
    let stands_still = !sqlite::has_log(path);
    match read_sqlite(path, stands_still, environment, is_key_given, &mut found) {
        // Somebody opened it meanwhile.
        Err(_) if stands_still && sqlite::has_log(path) => {
            read_sqlite(path, false, environment, is_key_given, &mut found)?;
        }
        done => done?,
    }
    Ok(found)
}

fn read_sqlite(
    path: &Path,
    stands_still: bool,
    environment: &Environment,
    is_key_given: bool,
    found: &mut Inspection,
) -> std::result::Result<(), OpenError> {
    let explain = |error: rusqlite::Error| sqlite::unreachable(path, &error);
    let conn = open_read_only(path, stands_still).map_err(explain)?;
    conn.execute_batch("begin").map_err(explain)?;
    // The first read is where a file that is no database shows.
    let count = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(explain);
    let tables = count("select count(*) from sqlite_schema where type = 'table'")?;
    if tables == 0 {
        return Ok(());
    }
    if count(HAS_HISTORY_SQLITE)? == 0 {
        let path = path.display();
        return Err(OpenError::Unreachable(format!(
            "{path} is a database of another program; name another folder with --data"
        )));
    }
    let mut tx = Tx::new(Engine::Sqlite(&conn), environment, false, i64::MAX);
    Ok(look(&mut tx, found, is_key_given)?)
}

const HAS_HISTORY_SQLITE: &str =
    "select count(*) from sqlite_schema where type = 'table' and name = 'schema_migration'";
const HAS_HISTORY_POSTGRES: &str =
    "select case when to_regclass('schema_migration') is null then 0 else 1 end::bigint";

/// A connection that only reads; `stands_still`: nobody writes to the file.
pub(crate) fn open_read_only(path: &Path, stands_still: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let still = if stands_still { "&immutable=1" } else { "" };
    let escaped: String = path.to_string_lossy().chars().map(escape).collect();
    let conn = Connection::open_with_flags(format!("file:{escaped}?mode=ro{still}"), flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(conn)
}

/// The characters that mean something in SQLite's addresses.
fn escape(letter: char) -> String {
    match letter {
        '%' | '?' | '#' => format!("%{:02x}", u32::from(letter)),
        other => other.to_string(),
    }
}

/// What PostgreSQL tells beside the common part.
pub(crate) fn of_postgres(
    tx: &mut Tx<'_>,
    is_key_given: bool,
) -> std::result::Result<Inspection, OpenError> {
    let sql = "select current_setting('server_version'), \
        pg_database_size(current_database())::bigint, \
        extract(epoch from clock_timestamp())::bigint";
    let told = tx.row(sql, &[], |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?)))?;
    let (version, size, clock) = told.unwrap_or_default();
    let mut found = Inspection::empty(format!("PostgreSQL {version}"));
    found.size_bytes = u64::try_from(size).ok();
    found.clock = Some(clock);
    if tx.row(HAS_HISTORY_POSTGRES, &[], |row| row.int(0))? == Some(1) {
        look(tx, &mut found, is_key_given)?;
    }
    Ok(found)
}

/// What both engines are asked.
fn look(tx: &mut Tx<'_>, found: &mut Inspection, is_key_given: bool) -> Result<()> {
    let History { missing, unknown, altered, newest } = migrate::history(tx)?;
    let is_whole = !migrate::all_names().first().is_some_and(|first| missing.contains(first));
    found.is_there = is_whole || !unknown.is_empty();
    (found.missing, found.unknown, found.altered) = (missing, unknown, altered);
    found.newest_stamp = newest;
    // A newer program may have moved the rest elsewhere.
    if is_whole && found.unknown.is_empty() {
        let opened = secrets::is_right(tx)?;
        found.has_key = opened.is_some();
        found.is_key_right = opened.filter(|_| is_key_given);
        let stamp = "select coalesce(max(modified), 0) from person";
        let person = tx.row(stamp, &[], |row| row.int(0))?;
        found.newest_stamp = newest.max(person);
    }
    Ok(())
}
