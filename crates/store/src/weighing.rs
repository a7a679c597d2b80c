//! What a device sent: known again when it is sent again, and kept when it is nobody's yet.

use crate::measure::{self, NewGroup, body};
use crate::tx::{Row, Tx, values};
use domain::measure::{Attrib, Category, Measure};
use domain::{DeviceId, EntropyExt as _, GroupId, Refusal, Result, Status, UserId};
use sha2::{Digest, Sha256};

/// A device has at most this many weighings that belong to nobody yet.
pub const UNCLAIMED_MAX: i64 = 1_000;

/// A weighing that belongs to nobody yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclaimed {
    /// What it is claimed by.
    pub id: i64,
    /// What took it.
    pub device: DeviceId,
    /// When it was taken, as the device says.
    pub date: i64,
    /// When it arrived.
    pub received: i64,
    /// At least one.
    pub measures: Vec<Measure>,
}

/// Notes that a device sent these measures; `false` when it has sent them before.
pub fn note(tx: &mut Tx<'_>, device: DeviceId, date: i64, measures: &[Measure]) -> Result<bool> {
    let digest = Sha256::digest(body::pack(measures));
    let sql = "insert into receipt (device_id, taken, digest) values ($1, $2, $3) \
               on conflict do nothing";
    Ok(tx.exec(sql, values![device.0, date, &digest[..16]])? == 1)
}

/// Keeps measures that belong to nobody yet. A device that sends ever more of them is refused, so
/// that it keeps them itself.
pub fn keep(tx: &mut Tx<'_>, device: DeviceId, date: i64, measures: &[Measure]) -> Result<i64> {
    let sql = "select count(*) from unclaimed_weighing where device_id = $1";
    let kept = tx.row(sql, values![device.0], |row| row.int(0))?.unwrap_or_default();
    if kept >= UNCLAIMED_MAX {
        let cause = "the device has too many unclaimed weighings; see vitald weighing list";
        return Err(Refusal::new(Status::TOO_MANY_REQUESTS, "Too many request", cause).into());
    }
    let (id, now) = (tx.entropy().number(1, 1 << 53), tx.now());
    tx.exec(
        "insert into unclaimed_weighing (weighing_id, device_id, taken, received, body) \
         values ($1, $2, $3, $4, $5)",
        values![id, device.0, date, now, &body::pack(measures)[..]],
    )?;
    Ok(id)
}

fn read(row: &Row<'_>) -> Result<Unclaimed> {
    Ok(Unclaimed {
        id: row.int(0)?,
        device: DeviceId(row.int(1)?),
        date: row.int(2)?,
        received: row.int(3)?,
        measures: body::unpack(&row.blob(4)?)?,
    })
}

/// What belongs to nobody yet, latest arrivals first, after `after` (its arrival and id).
pub fn list(tx: &mut Tx<'_>, after: Option<(i64, i64)>, limit: i64) -> Result<Vec<Unclaimed>> {
    let (received, id) = after.unwrap_or((i64::MAX, i64::MAX));
    let sql = "select weighing_id, device_id, taken, received, body from unclaimed_weighing \
               where (received, weighing_id) < ($1, $2) \
               order by received desc, weighing_id desc limit $3";
    tx.rows(sql, values![received, id, limit], read)
}

/// Gives a weighing to a person who uses the device; `date` replaces one the device got wrong.
/// Exactly one of several claims wins; a refused one leaves the weighing where it is.
pub fn claim(tx: &mut Tx<'_>, id: i64, user: UserId, date: Option<i64>) -> Result<GroupId> {
    tx.attempt(|tx| take(tx, id, user, date))
}

fn take(tx: &mut Tx<'_>, id: i64, user: UserId, date: Option<i64>) -> Result<GroupId> {
    let unknown = || Refusal::rejected("weighing", "no unclaimed weighing has this id");
    let sql = "select weighing_id, device_id, taken, received, body from unclaimed_weighing \
               where weighing_id = $1";
    let weighing = tx.row(sql, values![id], read)?.ok_or_else(unknown)?;
    if !crate::device::users(tx, weighing.device)?.contains(&user) {
        let problem =
            "the person does not use this device; link them with `vitald device register`";
        return Err(Refusal::invalid_param("user", problem).into());
    }
    let date = date.unwrap_or(weighing.date);
    if !domain::UnixTime(date).is_plausible(tx.now()) {
        let problem = "the device's date is no real one; say when it was with --date";
        return Err(Refusal::invalid_param("date", problem).into());
    }
    let sql = "delete from unclaimed_weighing where weighing_id = $1";
    if tx.exec(sql, values![id])? == 0 {
        return Err(unknown().into());
    }
    let group = NewGroup {
        date,
        category: Category::REAL,
        attrib: Attrib::DEVICE,
        device: Some(weighing.device),
        measures: weighing.measures,
    };
    let mut ids = measure::insert(tx, user, &[group])?;
    ids.pop().ok_or_else(|| domain::Error::internal("a group without an id"))
}
