//! Who read or changed whose data, when, by which application or member of staff: a chain of rows
//! that is only added to. Each row holds the hash of the row before it, so that none can be
//! changed, taken out or put in without the rest showing it; `verify.rs` looks. When rows are
//! written is decided by whoever calls. It keeps no parameter, value, token or address.

mod verify;

pub use verify::{Fault, Head, Walk, begin, hash_of_text, step};

use crate::tx::{Row, Tx, values};
use domain::{Error, Result, UserId};
use sha2::{Digest as _, Sha256};

/// The only chain there is: the key of its head.
const CHAIN: i64 = 1;
/// What stands before the first row of a chain.
const GENESIS: Hash = [0; 32];
/// Begins what is hashed, so that no other hash of ours can be mistaken for one of the chain.
const DOMAIN: &[u8] = b"vitald audit 1";

/// The hash of a row: SHA-256 of its fields and of the hash before it.
pub type Hash = [u8; 32];

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A program, by its `client_id`.
    Application(String),
    /// A person on the pages.
    Person(UserId),
    /// The operator, at the command line.
    Staff,
    /// The server itself: it says what is missing.
    Server,
}

/// What was done, as often as it was done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Deed {
    /// Who did it.
    pub actor: Actor,
    /// Whose data it was; `None`: nobody's alone.
    pub user: Option<UserId>,
    /// A name of a table of this program, never text of a caller.
    pub service: &'static str,
    /// A name of a table of this program, never text of a caller.
    pub action: &'static str,
    /// The status it was answered with; 0: it was done.
    pub status: u16,
}

/// The same deed, once or several times in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was done.
    pub deed: Deed,
    /// When it was first done.
    pub first_at: i64,
    /// When it was last done.
    pub last_at: i64,
    /// How often.
    pub calls: u32,
}

impl Line {
    /// A deed that was done once.
    pub const fn once(deed: Deed, at: i64) -> Self {
        Self { deed, first_at: at, last_at: at, calls: 1 }
    }
}

/// A row of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place: 1, 2, 3 …
    pub seq: i64,
    /// When it was first done.
    pub first_at: i64,
    /// When it was last done.
    pub last_at: i64,
    /// How often.
    pub calls: i64,
    /// `application`, `person`, `staff` or `server`.
    pub actor: String,
    /// The application.
    pub client_id: Option<String>,
    /// The person who acted.
    pub person: Option<UserId>,
    /// Whose data it was.
    pub user: Option<UserId>,
    /// See [`Deed::service`].
    pub service: String,
    /// See [`Deed::action`].
    pub action: String,
    /// See [`Deed::status`].
    pub status: i64,
    /// When the row was added; never falls along the chain.
    pub written: i64,
    /// The hash of the row before it.
    pub previous: Vec<u8>,
    /// Its own hash.
    pub hash: Vec<u8>,
}

/// Writes down one deed in the transaction that does it: the one is not there without the other.
/// To be called last, as everybody else who adds to the chain waits from then on.
pub fn note(tx: &mut Tx<'_>, deed: Deed) -> Result<()> {
    let now = tx.now();
    append(tx, &[Line::once(deed, now)])
}

/// Adds rows to the chain, in this order. Whoever else adds waits until this transaction ends.
pub fn append(tx: &mut Tx<'_>, lines: &[Line]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    tx.need_write()?;
    let (mut seq, mut previous, written) = lock(tx)?;
    let written = written.max(tx.now());
    for line in lines {
        seq += 1;
        let mut record = record(line, seq, written, previous.to_vec());
        previous = hash(&record);
        record.hash = previous.to_vec();
        insert(tx, &record)?;
    }
    tx.exec(
        "update audit_head set entries = $2, written = $3, hash = $4 where chain = $1",
        values![CHAIN, seq, written, &previous[..]],
    )?;
    Ok(())
}

/// Locks the end of the chain: how many rows there are, the hash of the last, and when it was
/// added.
fn lock(tx: &mut Tx<'_>) -> Result<(i64, Hash, i64)> {
    let sql = "update audit_head set entries = entries where chain = $1 \
               returning entries, hash, written";
    let read = |row: &Row<'_>| Ok((row.int(0)?, row.blob(1)?, row.int(2)?));
    let mut found = tx.row(sql, values![CHAIN], read)?;
    if found.is_none() {
        tx.exec(
            "insert into audit_head (chain, entries, written, hash) values ($1, 0, 0, $2) \
             on conflict do nothing",
            values![CHAIN, &GENESIS[..]],
        )?;
        found = tx.row(sql, values![CHAIN], read)?;
    }
    let (entries, hash, written) = found.ok_or_else(broken)?;
    Ok((entries, hash.try_into().map_err(|_| broken())?, written))
}

fn broken() -> Error {
    Error::internal("the audit's head and its entries do not fit; see `vitald audit verify`")
}

fn record(line: &Line, seq: i64, written: i64, previous: Vec<u8>) -> Record {
    let Line { deed, first_at, last_at, calls } = line;
    let (actor, client_id, person) = match &deed.actor {
        Actor::Application(client_id) => ("application", Some(client_id.clone()), None),
        Actor::Person(person) => ("person", None, Some(*person)),
        Actor::Staff => ("staff", None, None),
        Actor::Server => ("server", None, None),
    };
    Record {
        seq,
        first_at: *first_at,
        last_at: *last_at,
        calls: i64::from(*calls),
        actor: actor.to_owned(),
        client_id,
        person,
        user: deed.user,
        service: deed.service.to_owned(),
        action: deed.action.to_owned(),
        status: i64::from(deed.status),
        written,
        previous,
        hash: Vec::new(),
    }
}

/// What a row's hash has to be. Every field goes in with its length before it, or with a mark that
/// it is absent, so that no two rows give the same bytes.
fn hash(record: &Record) -> Hash {
    let mut digest = Sha256::new();
    digest.update(DOMAIN);
    let mut field = |bytes: Option<&[u8]>| match bytes {
        None => digest.update([0]),
        Some(bytes) => {
            digest.update([1]);
            digest.update((bytes.len() as u64).to_be_bytes());
            digest.update(bytes);
        }
    };
    let number = |id: Option<UserId>| id.map(|id| id.0.to_be_bytes());
    let (person, user) = (number(record.person), number(record.user));
    for int in [record.seq, record.first_at, record.last_at, record.calls] {
        field(Some(&int.to_be_bytes()));
    }
    field(Some(record.actor.as_bytes()));
    field(record.client_id.as_deref().map(str::as_bytes));
    field(person.as_ref().map(<[u8; 8]>::as_slice));
    field(user.as_ref().map(<[u8; 8]>::as_slice));
    field(Some(record.service.as_bytes()));
    field(Some(record.action.as_bytes()));
    field(Some(&record.status.to_be_bytes()));
    field(Some(&record.written.to_be_bytes()));
    field(Some(&record.previous));
    digest.finalize().into()
}

fn insert(tx: &mut Tx<'_>, record: &Record) -> Result<()> {
    let added = tx.exec(
        "insert into audit_entry (seq, first_at, last_at, calls, actor, client_id, person_id, \
         user_id, service, action, status, written, previous, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict do nothing",
        values![
            record.seq,
            record.first_at,
            record.last_at,
            record.calls,
            record.actor.as_str(),
            record.client_id.as_deref(),
            record.person.map(|id| id.0),
            record.user.map(|id| id.0),
            record.service.as_str(),
            record.action.as_str(),
            record.status,
            record.written,
            record.previous.as_slice(),
            record.hash.as_slice(),
        ],
    )?;
    // A row in this place means that the head was set back.
    if added == 1 { Ok(()) } else { Err(broken()) }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select seq, first_at, last_at, calls, actor, client_id, person_id, user_id, service, \
             action, status, written, previous, hash from audit_entry ",
            $rest
        )
    };
}
use columns;

fn read(row: &Row<'_>) -> Result<Record> {
    Ok(Record {
        seq: row.int(0)?,
        first_at: row.int(1)?,
        last_at: row.int(2)?,
        calls: row.int(3)?,
        actor: row.text(4)?,
        client_id: row.text_or_null(5)?,
        person: row.int_or_null(6)?.map(UserId),
        user: row.int_or_null(7)?.map(UserId),
        service: row.text(8)?,
        action: row.text(9)?,
        status: row.int(10)?,
        written: row.int(11)?,
        previous: row.blob(12)?,
        hash: row.blob(13)?,
    })
}

/// Which rows are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this person's data.
    pub user: Option<UserId>,
    /// By this application.
    pub client_id: Option<String>,
    /// What was done at this moment or later.
    pub since: Option<i64>,
    /// Rows before this place: where the page before ended.
    pub before: Option<i64>,
}

/// The latest rows that fit, latest first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, limit: i64) -> Result<Vec<Record>> {
    let since = filter.since.unwrap_or(i64::MIN);
    let first = if filter.since.is_some() { first_written(tx, since)? } else { i64::MIN };
    let before = filter.before.unwrap_or(i64::MAX);
    let (user, client) = (filter.user.map(|user| user.0), filter.client_id.as_deref());
    match (user, client) {
        (Some(user), None) => tx.rows(
            columns!(
                "where user_id = $1 and seq < $2 and seq >= $3 and last_at >= $4 \
                 order by seq desc limit $5"
            ),
            values![user, before, first, since, limit],
            read,
        ),
        (None, Some(client)) => tx.rows(
            columns!(
                "where client_id = $1 and seq < $2 and seq >= $3 and last_at >= $4 \
                 order by seq desc limit $5"
            ),
            values![client, before, first, since, limit],
            read,
        ),
        (Some(user), Some(client)) => tx.rows(
            columns!(
                "where user_id = $1 and seq < $2 and seq >= $3 and last_at >= $4 \
                 and client_id = $6 order by seq desc limit $5"
            ),
            values![user, before, first, since, limit, client],
            read,
        ),
        (None, None) => tx.rows(
            columns!("where seq < $1 and seq >= $2 and last_at >= $3 order by seq desc limit $4"),
            values![before, first, since, limit],
            read,
        ),
    }
}

/// The place of the first row that was added at `since` or later. As `written` never falls, halving
/// finds it without an index; what was done later was written later still.
fn first_written(tx: &mut Tx<'_>, since: i64) -> Result<i64> {
    let sql = "select entries from audit_head where chain = $1";
    let entries = tx.row(sql, values![CHAIN], |row| row.int(0))?.unwrap_or_default();
    let (mut low, mut high) = (1, entries + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let sql = "select written from audit_entry where seq >= $1 order by seq limit 1";
        let written = tx.row(sql, values![middle], |row| row.int(0))?;
        if written.is_none_or(|written| written >= since) {
            high = middle
        } else {
            low = middle + 1
        }
    }
    Ok(low)
}
