//! A transaction on either engine, seen through two verbs: `rows` and `exec`. It has no query of
//! its own; those stand in the file of the noun they are about.
//!
//! Rules for the SQL of this crate: it is static text; parameters are `$1`, `$2`, …; a conflict
//! that can be expected is written `on conflict do nothing` and seen in the count of rows, so that
//! an error of the engine is always a failure and ends the transaction.

use crate::db::Environment;
use crate::lease;
use crate::notification::{self, Happening};
use crate::postgres::{Connection, failure};
use domain::{Clock, Entropy, Error, Failure, Result, UserId};
use std::time::Instant;

pub(crate) use crate::value::{Row, Value, values};

/// The connection under a transaction.
pub(crate) enum Engine<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut Connection),
}

/// An open transaction, with what every piece of work may need: the time, the random source, the
/// key.
pub struct Tx<'c> {
    engine: Engine<'c>,
    environment: &'c Environment,
    now: i64,
    writes_since: i64,
    is_write: bool,
    deadline: Option<Instant>,
    broken: Option<Failure>,
    happenings: Vec<Happening>,
    is_hushed: bool,
    announced: u64,
    surveyed: Vec<(UserId, bool)>,
    page_rows_max: usize,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(
        engine: Engine<'c>,
        environment: &'c Environment,
        is_write: bool,
        writes_since: i64,
    ) -> Self {
        let now = environment.clock.now();
        Self {
            engine,
            environment,
            now,
            writes_since,
            is_write,
            deadline: None,
            broken: None,
            happenings: Vec::new(),
            is_hushed: false,
            announced: 0,
            surveyed: Vec::new(),
            page_rows_max: usize::MAX,
        }
    }

    /// Lists have pages of at most so many rows in this transaction: a sandbox was asked for it.
    pub fn shrink_pages(&mut self, rows_max: usize) {
        self.page_rows_max = rows_max.max(1);
    }

    /// How many rows a page has that would have so many.
    #[must_use]
    pub fn page_rows(&self, usual: usize) -> usize {
        usual.min(self.page_rows_max)
    }

    /// Nobody is told of what this transaction writes.
    pub fn hush(&mut self) {
        self.is_hushed = true;
    }

    /// What happened and is not told yet.
    pub(crate) fn happenings(&mut self) -> &mut Vec<Happening> {
        &mut self.happenings
    }

    /// Ends the work of a transaction that is to be kept: whoever wants to know is told in it.
    pub(crate) fn conclude(&mut self) -> Result<()> {
        if self.is_hushed || self.happenings.is_empty() {
            return Ok(());
        }
        notification::flush(self)
    }

    /// Ends a moment, whatever happened in it is told, and goes on at a later one: a sandbox whose
    /// clock is turned passes several in one transaction.
    pub fn go_on_at(&mut self, moment: i64) -> Result<()> {
        self.conclude()?;
        self.now = self.now.max(moment);
        Ok(())
    }

    /// Says that there is something to deliver in a bucket, once this is committed.
    pub(crate) fn announce(&mut self, bucket: i64) {
        self.announced |= 1 << bucket.rem_euclid(lease::BUCKETS);
    }

    /// Leaves it to whoever turns the clock to say that there is something to deliver: it is not
    /// due before the clock shows it.
    pub fn leave_announcing(&mut self) {
        self.announced = 0;
    }

    /// Whether surveys are activated for a person, once this transaction has looked.
    pub(crate) fn surveyed(&self, user: UserId) -> Option<bool> {
        let known = self.surveyed.iter().find(|(known, _)| *known == user);
        known.map(|(_, is_surveyed)| *is_surveyed)
    }

    /// Notes what the look for [`Self::surveyed`] found.
    pub(crate) fn note_surveyed(&mut self, user: UserId, is_surveyed: bool) {
        self.surveyed.push((user, is_surveyed));
    }

    /// Surveys were activated or are no longer: what was found does not hold any more.
    pub(crate) fn forget_surveyed(&mut self) {
        self.surveyed.clear();
    }

    /// The buckets that were announced, a bit each.
    pub(crate) fn announced(&self) -> u64 {
        self.announced
    }

    /// The same, with a moment after which it runs no further statement.
    pub(crate) fn until(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    fn check_deadline(&mut self) -> Result<()> {
        let is_over = self.deadline.is_some_and(|deadline| Instant::now() > deadline);
        let result = if is_over { Err(Failure::TimedOut.into()) } else { Ok(()) };
        self.note(result)
    }

    /// The time of this transaction: it stands still within it, but for [`Self::go_on_at`].
    pub const fn now(&self) -> i64 {
        self.now
    }

    /// The clock itself, for what outlives the transaction.
    pub fn clock(&self) -> &dyn Clock {
        &*self.environment.clock
    }

    /// The random source.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.environment.entropy
    }

    /// The rules of OAuth that are kept.
    pub fn profile(&self) -> domain::Profile {
        self.environment.profile
    }

    /// Who a person is for one application alone: 64 hex digits that stay the same, and that nobody
    /// can tell the person from without the key.
    pub fn pseudonym(&self, client_id: &str, user: UserId) -> String {
        self.keyring().digest(&format!("hash_userid:{client_id}:{user}"))
    }

    /// A digest of a text that nobody can make without the key: 64 hex digits.
    pub fn keyed_digest(&self, text: &str) -> String {
        self.keyring().digest(text)
    }

    pub(crate) fn keyring(&self) -> &crate::secrets::Keyring {
        &self.environment.keyring
    }

    /// No write of this process that this transaction cannot see is stamped before this moment.
    pub(crate) fn writes_since(&self) -> i64 {
        self.writes_since
    }

    /// Says that what follows writes. In a read it ends the work, which is then run again, whole,
    /// as a write.
    pub fn need_write(&self) -> Result<()> {
        if self.is_write { Ok(()) } else { Err(Failure::NeedsWrite.into()) }
    }

    /// An error of the engine that the work may have overlooked.
    pub(crate) fn broken(&self) -> Option<Failure> {
        self.broken.clone()
    }

    /// Runs `work` so that a refusal of it undoes what it wrote; what was written before it stays.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if !self.is_write {
            return work(self);
        }
        self.control_soon("savepoint attempt")?;
        let before = self.happenings.clone();
        let outcome = work(self);
        match &outcome {
            Ok(_) => self.control_soon("release savepoint attempt")?,
            Err(Error::Refused(_)) => {
                self.happenings = before;
                self.forget_surveyed();
                self.control_soon("rollback to savepoint attempt")?;
                self.control_soon("release savepoint attempt")?;
            }
            Err(Error::Failed(_)) => {}
        }
        outcome
    }

    pub(crate) fn rows<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each_row(sql, params, &mut |row| read(row).map(|row| rows.push(row)))?;
        Ok(rows)
    }

    /// Everything about a query but what its rows are: compiled once, not once a query.
    fn each_row(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: EachRow<'_>,
    ) -> Result<()> {
        self.check_deadline()?;
        // The text has `$1` where a value goes.
        tracing::trace!(sql, "read");
        let result = match &mut self.engine {
            Engine::Sqlite(conn) => sqlite_rows(conn, sql, params, read),
            Engine::Postgres(conn) => conn.rows(sql, params, read),
        };
        self.note(result)
    }

    /// The first row, if there is one.
    pub(crate) fn row<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.rows(sql, params, read)?.into_iter().next())
    }

    /// A change that gives back its first row, if it changed any.
    pub(crate) fn change<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.need_write()?;
        self.row(sql, params, read)
    }

    /// How many rows it changed.
    pub(crate) fn exec(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64> {
        self.need_write()?;
        self.check_deadline()?;
        tracing::trace!(sql, "write");
        let result = match &mut self.engine {
            Engine::Sqlite(conn) => sqlite_exec(conn, sql, params),
            Engine::Postgres(conn) => conn.exec(sql, params),
        };
        self.note(result)
    }

    /// The same statement for many parameters, in order. PostgreSQL is not waited for in between.
    pub(crate) fn exec_each(&mut self, sql: &'static str, each: &[Vec<Value<'_>>]) -> Result<()> {
        self.need_write()?;
        self.check_deadline()?;
        tracing::trace!(sql, times = each.len(), "write");
        let result = match &mut self.engine {
            Engine::Sqlite(conn) => {
                each.iter().try_for_each(|params| sqlite_exec(conn, sql, params).map(|_| ()))
            }
            Engine::Postgres(conn) => conn.exec_each(sql, each),
        };
        self.note(result)
    }

    /// Text of the frame: transaction control and migrations. Not prepared, no parameters.
    pub(crate) fn control(&mut self, sql: &str) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(conn) => conn.execute_batch(sql).map_err(sqlite_error),
            Engine::Postgres(conn) => conn.now(sql).map_err(|error| failure(&error)),
        };
        self.note(result)
    }

    /// Transaction control that fails only if the statement after it fails too: with PostgreSQL it
    /// travels with that one.
    pub(crate) fn control_soon(&mut self, sql: &str) -> Result<()> {
        if let Engine::Postgres(conn) = &mut self.engine {
            conn.later(sql);
            return Ok(());
        }
        self.control(sql)
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(Error::Failed(failure)) = &result {
            self.broken.get_or_insert_with(|| failure.clone());
        }
        result
    }
}

/// What is done with each row.
pub(crate) type EachRow<'r> = &'r mut dyn FnMut(&Row<'_>) -> Result<()>;

fn sqlite_rows(
    conn: &rusqlite::Connection,
    sql: &'static str,
    params: &[Value<'_>],
    read: EachRow<'_>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql).map_err(sqlite_error)?;
    bind(&mut statement, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(sqlite_error)? {
        read(&Row::Sqlite(row))?;
    }
    Ok(())
}

fn sqlite_exec(
    conn: &rusqlite::Connection,
    sql: &'static str,
    params: &[Value<'_>],
) -> Result<u64> {
    let mut statement = conn.prepare_cached(sql).map_err(sqlite_error)?;
    bind(&mut statement, params)?;
    statement.raw_execute().map(|rows| rows as u64).map_err(sqlite_error)
}

/// Names of parameters: SQLite numbers `$n` by first appearance, so they are bound by name.
const NAMES: [&str; 20] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20",
];

fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Value<'_>]) -> Result<()> {
    if statement.parameter_count() != params.len() || params.len() > NAMES.len() {
        return Err(Error::internal("the number of parameters differs from the statement's"));
    }
    for (value, name) in params.iter().zip(NAMES) {
        let index = statement
            .parameter_index(name)
            .map_err(sqlite_error)?
            .ok_or_else(|| Error::internal(format!("the statement has no {name}")))?;
        match value {
            Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null),
            Value::Int(value) => statement.raw_bind_parameter(index, value),
            Value::Text(value) => statement.raw_bind_parameter(index, value),
            Value::Blob(value) => statement.raw_bind_parameter(index, value),
        }
        .map_err(sqlite_error)?;
    }
    Ok(())
}

/// Errors of SQLite as failures. The engine's words name tables and columns, never values.
pub(crate) fn sqlite_error(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    match error.sqlite_error_code() {
        Some(Code::OperationInterrupted) => Failure::TimedOut.into(),
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => Failure::Busy.into(),
        _ => Error::internal(format!("sqlite: {error}{}", crate::sqlite::mend(&error))),
    }
}
