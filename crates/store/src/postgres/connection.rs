//! A connection to PostgreSQL, for one thread that waits for its answers. What frames a transaction
//! is not sent on its own: it travels with the next statement, so that a way there and back is
//! saved for each. It knows nothing of jobs.

use crate::db::{Limits, OpenError};
use crate::tx::{EachRow, Row, Value};
use domain::{Error, Failure};
use std::collections::HashMap;
use std::error::Error as _;
use std::future::Future;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, Statement};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The system takes whole seconds, and not none.
const KEEPALIVE_MIN: Duration = Duration::from_secs(1);

/// A connection with its prepared statements: as many as there are texts in this crate.
pub(crate) struct Connection {
    runtime: Runtime,
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Transaction control that goes with the next statement.
    pending: String,
}

type Params<'p> = [&'p (dyn ToSql + Sync)];

impl Connection {
    /// Connects, with limits on how long anything may take.
    pub(super) fn open(config: &Config, limits: &Limits) -> Result<Self, OpenError> {
        let mut config = config.clone();
        config.connect_timeout(CONNECT_TIMEOUT).application_name("vitald");
        // A network that swallows everything must not hold a thread for hours.
        config.tcp_user_timeout(limits.work * 2).keepalives_idle(limits.work.max(KEEPALIVE_MIN));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| OpenError::Unreachable(error.to_string()))?;
        let client = runtime.block_on(connect(&config))?;
        let work_ms = limits.work.as_millis();
        let settings = format!(
            "set plan_cache_mode = force_generic_plan; \
             set statement_timeout = {work_ms}; set lock_timeout = {work_ms}; \
             set idle_in_transaction_session_timeout = {}; set client_min_messages = warning",
            work_ms * 2
        );
        runtime.block_on(client.batch_execute(&settings)).map_err(|error| explain(&error))?;
        Ok(Self { runtime, client, statements: HashMap::new(), pending: String::new() })
    }

    /// Whether it is gone for good.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Control whose outcome need not be known before the next statement's.
    pub(crate) fn later(&mut self, control: &str) {
        self.pending.push_str(control);
        self.pending.push(';');
    }

    /// Control whose outcome must be known, after what was left for later.
    pub(crate) fn now(&mut self, control: &str) -> Result<(), tokio_postgres::Error> {
        self.later(control);
        self.settle()
    }

    /// Sends what was left for later.
    pub(super) fn settle(&mut self) -> Result<(), tokio_postgres::Error> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        self.runtime.block_on(self.client.batch_execute(&pending))
    }

    /// The rows of a query.
    pub(crate) fn rows(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: EachRow<'_>,
    ) -> domain::Result<()> {
        let rows = self.with_pending(sql, params, async |client, statement, params| {
            client.query(statement, params).await
        })?;
        rows.iter().try_for_each(|row| read(&Row::Postgres(row)))
    }

    /// How many rows a statement changed.
    pub(crate) fn exec(&mut self, sql: &'static str, params: &[Value<'_>]) -> domain::Result<u64> {
        self.with_pending(sql, params, async |client, statement, params| {
            client.execute(statement, params).await
        })
    }

    /// The same statement for many parameters: all are on their way before any is waited for.
    pub(crate) fn exec_each(
        &mut self,
        sql: &'static str,
        each: &[Vec<Value<'_>>],
    ) -> domain::Result<()> {
        let statement = self.prepare(sql)?;
        self.settle().map_err(|error| failure(&error))?;
        let (client, statement) = (&self.client, &statement);
        let executed = each.iter().map(|params| async move {
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
            client.execute(statement, &params).await
        });
        let executed = self.runtime.block_on(futures_util::future::try_join_all(executed));
        executed.map(|_| ()).map_err(|error| failure(&error))
    }

    fn with_pending<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        send: impl AsyncFn(&Client, &Statement, &Params<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> domain::Result<T> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        let pending = std::mem::take(&mut self.pending);
        let answer = send(&self.client, &statement, &params);
        let answer = if pending.is_empty() {
            self.runtime.block_on(answer)
        } else {
            // Both are on their way before either is waited for, in this order.
            self.runtime.block_on(in_order(self.client.batch_execute(&pending), answer))
        };
        answer.map_err(|error| failure(&error))
    }

    fn prepare(&mut self, sql: &'static str) -> domain::Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let prepared = self.runtime.block_on(self.client.prepare(sql));
        let statement = prepared.map_err(|error| failure(&error))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }
}

/// The answer of the second, unless the first failed: then it is the cause.
async fn in_order<T, E>(
    first: impl Future<Output = Result<(), E>>,
    second: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let (first, second) = tokio::join!(biased; first, second);
    first.and(second)
}

/// Connects and has the runtime drive the connection whenever something is waited for.
async fn connect(config: &Config) -> Result<Client, OpenError> {
    match config.get_ssl_mode() {
        SslMode::Disable => {
            let (client, connection) = config.connect(NoTls).await.map_err(|e| explain(&e))?;
            // How it ends is told to whoever waits for an answer.
            tokio::spawn(async { drop(connection.await) });
            Ok(client)
        }
        _ => {
            let (client, connection) = config.connect(tls()?).await.map_err(|e| explain(&e))?;
            tokio::spawn(async { drop(connection.await) });
            Ok(client)
        }
    }
}

fn explain(error: &tokio_postgres::Error) -> OpenError {
    let cause = error.source().map(ToString::to_string);
    let cause = cause.unwrap_or_else(|| error.to_string());
    let hint = if cause.contains("certificate") {
        "; install its root certificate, or on a network you trust add ?sslmode=disable"
    } else {
        ""
    };
    OpenError::Unreachable(format!("{cause}{hint}"))
}

fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect, OpenError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Unreachable(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

/// Errors of PostgreSQL as failures. Only code, table and constraint: its words can quote values.
pub(crate) fn failure(error: &tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else {
        if error.is_closed() || error.source().is_some() {
            return Failure::Conflict("the connection to PostgreSQL was lost".to_owned()).into();
        }
        return Error::internal(format!("postgres: {error}"));
    };
    let code = db.code();
    let place = db.constraint().or(db.table()).unwrap_or_default();
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
        || [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code)
    {
        return Failure::Conflict(format!("postgres {}", code.code())).into();
    }
    if [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE].contains(code) {
        return Failure::TimedOut.into();
    }
    Error::internal(format!("postgres {} {place}", code.code()))
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Blob(value) => value.to_sql(ty, out),
        }
    }

    /// PostgreSQL infers each parameter's type; a mismatch is a defect the suite would find.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
