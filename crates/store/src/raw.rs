//! Raw data of a sensor: when a program wants it, and the segments that came. What a sensor's
//! columns are is not decided here.

use crate::person;
use crate::tx::{Row, Tx, values};
use crate::varint::{put, take};
use domain::{DeviceId, Error, GroupId, Refusal, Result, UserId};

/// That a program wants a sensor's raw data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capture {
    /// The reference's number of the sensor.
    pub sensor: i64,
    /// From when on.
    pub since: i64,
    /// Until when; none: until it is told otherwise.
    pub until: Option<i64>,
}

/// Raw data that came at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is of.
    pub device: DeviceId,
    /// The reference's number of the sensor.
    pub sensor: i64,
    /// The first second.
    pub start: i64,
    /// The last second.
    pub end: i64,
    /// The version of the columns.
    pub format_version: i64,
    /// The device's firmware.
    pub firmware_version: i64,
    /// What the sensor is called.
    pub sensor_name: String,
    /// The columns, by name, all of one length.
    pub columns: Vec<(String, Vec<i64>)>,
}

/// A segment as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: GroupId,
    /// The stamp it came with.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
    /// The segment.
    pub segment: Segment,
}

/// Asks for a sensor's raw data from now on. Where it is asked for already only its end changes.
pub fn activate(
    tx: &mut Tx<'_>,
    user: UserId,
    device: DeviceId,
    sensor: i64,
    until: Option<i64>,
) -> Result<()> {
    person::touch(tx, user, 0)?;
    let now = tx.now();
    let sql = "update raw_capture set until = $5 where user_id = $1 and device_id = $2 \
               and sensor = $3 and (until is null or until > $4)";
    if tx.exec(sql, values![user.0, device.0, sensor, now, until])? > 0 {
        return Ok(());
    }
    tx.exec(
        "insert into raw_capture (user_id, device_id, sensor, since, until) \
         values ($1, $2, $3, $4, $5) on conflict (user_id, device_id, sensor, since) \
         do update set until = excluded.until",
        values![user.0, device.0, sensor, now, until],
    )
    .map(|_| ())
}

/// Asks for no more raw data of a sensor, or of any: how many were asked for.
pub fn deactivate(
    tx: &mut Tx<'_>,
    user: UserId,
    device: DeviceId,
    sensor: Option<i64>,
) -> Result<u64> {
    person::touch(tx, user, 0)?;
    let now = tx.now();
    let (first, last) = sensor.map_or((i64::MIN, i64::MAX), |sensor| (sensor, sensor));
    let sql = "update raw_capture set until = $5 where user_id = $1 and device_id = $2 \
               and sensor >= $3 and sensor <= $4 and (until is null or until > $5)";
    tx.exec(sql, values![user.0, device.0, first, last, now])
}

/// Asks for no more raw data of any device of a person.
pub fn end_all(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let now = tx.now();
    let sql = "select 1 from raw_capture where user_id = $1 and (until is null or until > $2) \
               limit 1";
    if tx.row(sql, values![user.0, now], |row| row.int(0))?.is_none() {
        return Ok(());
    }
    person::touch(tx, user, 0)?;
    let sql = "update raw_capture set until = $2 \
               where user_id = $1 and (until is null or until > $2)";
    tx.exec(sql, values![user.0, now]).map(|_| ())
}

/// What was ever asked for of a person's device.
pub fn captures(tx: &mut Tx<'_>, user: UserId, device: DeviceId) -> Result<Vec<Capture>> {
    let sql = "select sensor, since, until from raw_capture \
               where user_id = $1 and device_id = $2 order by sensor, since";
    tx.rows(sql, values![user.0, device.0], |row| {
        Ok(Capture { sensor: row.int(0)?, since: row.int(1)?, until: row.int_or_null(2)? })
    })
}

macro_rules! stored {
    ($rest:literal) => {
        concat!(
            "select device_id, sensor, start_at, end_at, format_version, firmware_version, \
             sensor_name, body, seq, modified, change_seq from raw_segment where user_id = $1 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>, user: UserId) -> Result<Stored> {
    Ok(Stored {
        segment: Segment {
            device: DeviceId(row.int(0)?),
            sensor: row.int(1)?,
            start: row.int(2)?,
            end: row.int(3)?,
            format_version: row.int(4)?,
            firmware_version: row.int(5)?,
            sensor_name: row.text(6)?,
            columns: unpack(row.blob_in_place(7)?)?,
        },
        id: GroupId::new(user, row.int(8)?),
        modified: row.int(9)?,
        change_seq: row.int(10)?,
    })
}

/// Segments of a sensor that began between two moments, both included, after the one of that
/// number, oldest first.
pub fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    (device, sensor): (DeviceId, i64),
    (start, end): (i64, i64),
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let place = match after {
        Some(seq) => place_of(tx, user, seq)?,
        None => (start, i64::MIN),
    };
    let place = place.max((start, i64::MIN));
    tx.rows(
        stored!(
            "device_id = $2 and sensor = $3 and (start_at, seq) > ($4, $5) and start_at <= $6 \
             order by start_at, seq limit $7"
        ),
        values![user.0, device.0, sensor, place.0, place.1, end, limit],
        |row| read(row, user),
    )
}

fn place_of(tx: &mut Tx<'_>, user: UserId, seq: i64) -> Result<(i64, i64)> {
    let sql = "select start_at, seq from raw_segment where user_id = $1 and seq = $2";
    let place = tx.row(sql, values![user.0, seq], |row| Ok((row.int(0)?, row.int(1)?)))?;
    place.ok_or_else(|| {
        Refusal::invalid_param("offset", "give the offset of the answer before, unchanged").into()
    })
}

/// The segment of that id.
pub fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Stored>> {
    let (user, seq) = id.parts();
    tx.row(stored!("seq = $2"), values![user.0, seq], |row| read(row, user))
}

/// The segments that came after one change of the person up to another, in the order of their
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

/// Stores a segment, unless one of the same sensor that began and ended then is there.
pub fn insert(tx: &mut Tx<'_>, user: UserId, segment: &Segment) -> Result<Option<GroupId>> {
    person::touch(tx, user, 0)?;
    let sql = "select seq from raw_segment where user_id = $1 and device_id = $2 \
               and sensor = $3 and start_at = $4 and end_at = $5";
    let key = values![user.0, segment.device.0, segment.sensor, segment.start, segment.end];
    if tx.row(sql, key, |row| row.int(0))?.is_some() {
        return Ok(None);
    }
    // A number only for what is stored: they can run out.
    let stamp = person::touch(tx, user, 1)?;
    let id = person::numbered(user, stamp.group_seq)?;
    tx.exec(
        "insert into raw_segment (user_id, device_id, sensor, start_at, seq, end_at, \
         format_version, firmware_version, sensor_name, modified, change_seq, body) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        values![
            user.0,
            segment.device.0,
            segment.sensor,
            segment.start,
            stamp.group_seq,
            segment.end,
            segment.format_version,
            segment.firmware_version,
            segment.sensor_name.as_str(),
            stamp.modified,
            stamp.change_seq,
            &pack(&segment.columns)[..],
        ],
    )?;
    Ok(Some(id))
}

/// The most columns of one segment.
pub const COLUMNS_MAX: usize = 32;

/// Columns as they are stored: their names, then each packed.
fn pack(columns: &[(String, Vec<i64>)]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, columns.len() as u64);
    for (name, values) in columns {
        let packed = signal::raw::pack(values);
        put(&mut out, name.len() as u64);
        out.extend_from_slice(name.as_bytes());
        put(&mut out, packed.len() as u64);
        out.extend_from_slice(&packed);
    }
    out
}

fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<i64>)>> {
    let read = || {
        let mut rest = bytes;
        let count = usize::try_from(take(&mut rest)?).ok().filter(|count| *count <= COLUMNS_MAX)?;
        let mut columns = Vec::with_capacity(count);
        for _ in 0..count {
            let name = String::from_utf8(take_bytes(&mut rest)?.to_vec()).ok()?;
            columns.push((name, signal::raw::unpack(take_bytes(&mut rest)?).ok()?));
        }
        Some(columns)
    };
    read().ok_or_else(|| Error::internal("stored raw data cannot be read"))
}

fn take_bytes<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(take(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}
