//! Recordings of signals: a row with what is known of one, and beside it the packed signal, which
//! lists do not read. Who may see one is decided where it is asked for.

use crate::fieldset::{pack, unpack};
use crate::tx::{Row, Tx, values};
use crate::{notification, person};
use domain::recording::About;
pub use domain::recording::Kind;
use domain::{DeviceId, Error, GroupId, Refusal, Result, UserId};

/// A recording as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// What was recorded.
    pub kind: Kind,
    /// When it was taken.
    pub date: i64,
    /// What took it, if it is known.
    pub device: Option<DeviceId>,
    /// The person's zone at that time.
    pub time_zone: String,
    /// What is known of it.
    pub about: About,
}

/// A recording as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id (`signalid`).
    pub id: GroupId,
    /// When it was stored.
    pub created: i64,
    /// The stamp of its last change.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
    /// The recording.
    pub recording: Recording,
}

macro_rules! stored {
    ($rest:literal) => {
        concat!(
            "select kind, date, device_id, time_zone, about, seq, created, modified, change_seq \
             from recording where user_id = $1 and deleted = 0 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>, user: UserId) -> Result<Stored> {
    let unknown = || Error::internal("a stored recording is of no known kind");
    Ok(Stored {
        recording: Recording {
            kind: Kind::of(row.int(0)?).ok_or_else(unknown)?,
            date: row.int(1)?,
            device: row.int_or_null(2)?.map(DeviceId),
            time_zone: row.text(3)?,
            about: unpack(row.blob_in_place(4)?)?,
        },
        id: GroupId::new(user, row.int(5)?),
        created: row.int(6)?,
        modified: row.int(7)?,
        change_seq: row.int(8)?,
    })
}

/// Recordings of a kind taken between two moments, both included, after the one of that number,
/// newest first.
pub fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: Kind,
    (start, end): (i64, i64),
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let place = match after {
        Some(seq) => place_of(tx, user, kind, seq)?,
        None => (i64::MAX, i64::MAX),
    };
    let place = place.min((end, i64::MAX));
    tx.rows(
        stored!(
            "kind = $2 and (date, seq) < ($3, $4) and date >= $5 \
                 order by date desc, seq desc limit $6"
        ),
        values![user.0, kind.number(), place.0, place.1, start, limit],
        |row| read(row, user),
    )
}

fn place_of(tx: &mut Tx<'_>, user: UserId, kind: Kind, seq: i64) -> Result<(i64, i64)> {
    let sql = "select date, seq from recording where user_id = $1 and seq = $2 and kind = $3";
    let key = values![user.0, seq, kind.number()];
    let place = tx.row(sql, key, |row| Ok((row.int(0)?, row.int(1)?)))?;
    place.ok_or_else(|| {
        Refusal::invalid_param("offset", "give the offset of the answer before, unchanged").into()
    })
}

/// The recording of that id.
pub fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Stored>> {
    let (user, seq) = id.parts();
    tx.row(stored!("seq = $2"), values![user.0, seq], |row| read(row, user))
}

/// The packed signal of a recording.
pub fn signal(tx: &mut Tx<'_>, id: GroupId) -> Result<Vec<u8>> {
    let (user, seq) = id.parts();
    let sql = "select body from recording_signal where user_id = $1 and seq = $2";
    let body = tx.row(sql, values![user.0, seq], |row| row.blob(0))?;
    body.ok_or_else(|| Error::internal("a recording has no signal"))
}

/// The recording a device took at that moment.
pub fn taken_at(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: Kind,
    device: Option<DeviceId>,
    date: i64,
) -> Result<Option<Stored>> {
    let key = values![user.0, kind.number(), date];
    let found = tx.rows(stored!("kind = $2 and date = $3"), key, |row| read(row, user))?;
    Ok(found.into_iter().find(|stored| stored.recording.device == device))
}

/// The recordings that came after one change of the person up to another, in the order of their
/// changes.
pub fn changed(tx: &mut Tx<'_>, user: UserId, (after, upto): (i64, i64)) -> Result<Vec<Stored>> {
    tx.rows(
        stored!(
            "change_seq > $2 and change_seq <= $3 \
             order by change_seq, seq"
        ),
        values![user.0, after, upto],
        |row| read(row, user),
    )
}

/// Stores a recording with its packed signal.
pub fn insert(
    tx: &mut Tx<'_>,
    user: UserId,
    recording: &Recording,
    signal: &[u8],
) -> Result<GroupId> {
    let stamp = person::touch(tx, user, 1)?;
    let id = person::numbered(user, stamp.group_seq)?;
    let now = tx.now();
    tx.exec(
        "insert into recording (user_id, kind, date, seq, device_id, time_zone, created, modified, \
         change_seq, deleted, about) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)",
        values![
            user.0,
            recording.kind.number(),
            recording.date,
            stamp.group_seq,
            recording.device.map(|device| device.0),
            recording.time_zone.as_str(),
            now,
            stamp.modified,
            stamp.change_seq,
            &pack(&recording.about)[..],
        ],
    )?;
    let sql = "insert into recording_signal (user_id, seq, body) values ($1, $2, $3)";
    tx.exec(sql, values![user.0, stamp.group_seq, signal])?;
    notification::recorded(tx, user, recording.kind, recording.date, id);
    Ok(id)
}

/// The token an application can fetch one recording with by a signed call: the id with a digest
/// that only this server can make. Nothing of it is stored.
pub fn token(tx: &Tx<'_>, client_id: &str, id: GroupId) -> String {
    let digest = tx.keyed_digest(&format!("signal_token:{client_id}:{id}"));
    format!("{:x}.{digest}", id.0)
}
