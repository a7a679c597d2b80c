//! The schema and its history. One set of texts for both engines; this file knows the few words
//! PostgreSQL spells differently. It never goes back: a downgrade restores a backup.

use crate::db::OpenError;
use crate::tx::{Tx, values};
use data_encoding::HEXLOWER;
use domain::Error;
use sha2::{Digest, Sha256};

/// Every migration, in order. A text that has been released is never edited: its checksum is kept.
const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_initial", include_str!("../migrations/0001_initial.sql")),
    ("0002_goals_and_imports", include_str!("../migrations/0002_goals_and_imports.sql")),
    ("0003_drop_modified_index", include_str!("../migrations/0003_drop_modified_index.sql")),
    ("0004_partners", include_str!("../migrations/0004_partners.sql")),
    ("0005_audit", include_str!("../migrations/0005_audit.sql")),
    ("0006_device_sync", include_str!("../migrations/0006_device_sync.sql")),
    ("0007_series", include_str!("../migrations/0007_series.sql")),
    ("0008_notifications", include_str!("../migrations/0008_notifications.sql")),
    ("0009_programmes", include_str!("../migrations/0009_programmes.sql")),
    ("0010_sandbox", include_str!("../migrations/0010_sandbox.sql")),
    ("0011_simulated_people", include_str!("../migrations/0011_simulated_people.sql")),
    ("0012_fault_refresh", include_str!("../migrations/0012_fault_refresh.sql")),
];

/// One step of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its file's name.
    pub name: &'static str,
    /// When it was applied to this database; none yet in a dry run.
    pub applied_at: Option<i64>,
    /// Whether this very call applied it.
    pub is_new: bool,
}

/// Applies what is missing, in the caller's transaction.
pub(crate) fn run(tx: &mut Tx<'_>, dry_run: bool) -> Result<Vec<Migration>, OpenError> {
    tx.control(&spell(
        tx,
        "create table if not exists schema_migration (
            name text not null primary key, checksum text not null, applied integer not null
        ) strict, without rowid",
    ))?;
    if tx.is_postgres() {
        // Nodes that start together wait for each other here.
        tx.control("lock table schema_migration in exclusive mode")?;
    }
    let sql = "select name, checksum, applied from schema_migration order by name";
    let applied = tx.rows(sql, &[], |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))?;
    if let Some((name, ..)) = applied.iter().find(|(name, ..)| !is_known(name)) {
        return Err(unknown(name));
    }
    let mut migrations = Vec::new();
    for (name, text) in MIGRATIONS {
        let checksum = checksum_of(text);
        let found = applied.iter().find(|(applied, ..)| applied == name);
        if let Some((_, kept, at)) = found {
            if *kept != checksum {
                return Err(altered(name));
            }
            migrations.push(Migration { name, applied_at: Some(*at), is_new: false });
        } else if dry_run {
            migrations.push(Migration { name, applied_at: None, is_new: true });
        } else {
            tx.control(&spell(tx, text))?;
            let sql = "insert into schema_migration (name, checksum, applied) values ($1, $2, $3)";
            let now = tx.now();
            tx.exec(sql, values![*name, checksum.as_str(), now])?;
            migrations.push(Migration { name, applied_at: Some(now), is_new: true });
        }
    }
    Ok(migrations)
}

pub(crate) fn unknown(name: &str) -> OpenError {
    OpenError::Schema(format!(
        "it has the migration {name}, which this version does not know; use the version that wrote \
         it, or a newer one"
    ))
}

pub(crate) fn altered(name: &str) -> OpenError {
    OpenError::Schema(format!(
        "migration {name} was applied with another text; restore the original file"
    ))
}

/// How the schema of a database compares with this program's.
pub(crate) struct History {
    pub(crate) missing: Vec<&'static str>,
    pub(crate) unknown: Vec<String>,
    pub(crate) altered: Vec<String>,
    /// When the last migration was applied.
    pub(crate) newest: Option<i64>,
}

/// Compares, and changes nothing.
pub(crate) fn history(tx: &mut Tx<'_>) -> Result<History, Error> {
    let sql = "select name, checksum, applied from schema_migration order by name";
    let applied = tx.rows(sql, &[], |row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))?;
    let has = |known: &str| applied.iter().any(|(name, ..)| name == known);
    let is_altered = |name: &str, kept: &str| {
        let known = MIGRATIONS.iter().find(|(known, _)| *known == name);
        known.is_some_and(|(_, text)| checksum_of(text) != kept)
    };
    let names = |keep: &dyn Fn(&str, &str) -> bool| {
        let kept = applied.iter().filter(|(name, checksum, _)| keep(name, checksum));
        kept.map(|(name, ..)| name.clone()).collect::<Vec<_>>()
    };
    Ok(History {
        missing: all_names().into_iter().filter(|name| !has(name)).collect(),
        unknown: names(&|name, _| !is_known(name)),
        altered: names(&is_altered),
        newest: applied.iter().map(|(.., at)| *at).max(),
    })
}

/// The names of all migrations, in order.
pub(crate) fn all_names() -> Vec<&'static str> {
    MIGRATIONS.iter().map(|(name, _)| *name).collect()
}

/// The migrations of a database that needs none: found out without writing or locking. `None`: it
/// needs some, or it is not one of ours.
pub(crate) fn current(tx: &mut Tx<'_>) -> Option<Vec<Migration>> {
    let sql = "select name, checksum, applied from schema_migration order by name";
    let read = |row: &crate::tx::Row<'_>| Ok((row.text(0)?, row.text(1)?, row.int(2)?));
    let applied = tx.rows(sql, &[], read).ok()?;
    let pairs = MIGRATIONS.iter().zip(&applied);
    let same = |((name, text), (applied, checksum, _)): (&(&str, &str), &(String, String, i64))| {
        name == applied && checksum_of(text) == *checksum
    };
    if applied.len() != MIGRATIONS.len() || !pairs.clone().all(same) {
        return None;
    }
    let migration = |(name, at)| Migration { name, applied_at: Some(at), is_new: false };
    Some(pairs.map(|((name, _), (.., at))| migration((*name, *at))).collect())
}

/// The migrations of a database that does not exist yet.
pub(crate) fn all_missing() -> Vec<Migration> {
    let missing = MIGRATIONS.iter();
    missing.map(|(name, _)| Migration { name, applied_at: None, is_new: true }).collect()
}

fn checksum_of(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn is_known(name: &str) -> bool {
    MIGRATIONS.iter().any(|(known, _)| *known == name)
}

/// The text in the words of the engine.
fn spell(tx: &Tx<'_>, sql: &str) -> String {
    if !tx.is_postgres() {
        return sql.to_owned();
    }
    sql.replace(") strict, without rowid", ")")
        .replace(" integer", " bigint")
        .replace(" blob", " bytea")
        .replace(" real", " double precision")
}
