//! Days of activity: a row a day. What a day adds up to is given; the series it comes from are
//! stored elsewhere.

use crate::fieldset::{pack, unpack};
use crate::notification;
use crate::person::Stamp;
use crate::tx::{Row, Tx, values};
use domain::activity::Activity;
use domain::{DeviceId, Result, UserId};

/// A day as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01, of the calendar.
    pub day: i64,
    /// The zone it was counted in.
    pub time_zone: String,
    /// What counted it, if it is known.
    pub device: Option<DeviceId>,
    /// The maker's number.
    pub brand: Option<i64>,
    /// Whether a tracker counted it, and no phone.
    pub is_tracker: bool,
    /// What it adds up to.
    pub activity: Activity,
}

/// A day as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The day.
    pub day: Day,
    /// The stamp of its last change.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
}

/// Which days to give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// From this day to this, both included.
    pub days: Option<(i64, i64)>,
    /// Changed after. Together with `days` it adds days to theirs.
    pub changed_after: Option<i64>,
}

macro_rules! stored {
    ($rest:literal) => {
        concat!(
            "select day, time_zone, device_id, brand, is_tracker, data, modified, change_seq \
             from activity_day where user_id = $1 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Day> {
    Ok(Day {
        day: row.int(0)?,
        time_zone: row.text(1)?,
        device: row.int_or_null(2)?.map(DeviceId),
        brand: row.int_or_null(3)?,
        is_tracker: row.flag(4)?,
        activity: unpack(row.blob_in_place(5)?)?,
    })
}

fn read_stored(row: &Row<'_>) -> Result<Stored> {
    Ok(Stored { day: read(row)?, modified: row.int(6)?, change_seq: row.int(7)? })
}

/// Days before `before`, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let before = before.unwrap_or(i64::MAX);
    match (filter.days, filter.changed_after) {
        // The window alone: its two ends are the ends of the walk.
        (Some((first, last)), None) => tx.rows(
            stored!("day >= $2 and day < $3 order by day desc limit $4"),
            values![user.0, first, before.min(last.saturating_add(1)), limit],
            read_stored,
        ),
        (days, changed_after) => {
            let (first, last) = days.unwrap_or((i64::MAX, i64::MIN));
            let changed_after = changed_after.unwrap_or(i64::MIN);
            tx.rows(
                stored!(
                    "day < $2 and ((day >= $3 and day <= $4) or modified > $5) \
                     order by day desc limit $6"
                ),
                values![user.0, before, first, last, changed_after, limit],
                read_stored,
            )
        }
    }
}

/// One day.
pub fn find(tx: &mut Tx<'_>, user: UserId, day: i64) -> Result<Option<Stored>> {
    tx.row(stored!("day = $2"), values![user.0, day], read_stored)
}

/// The days that changed after one change of the person up to another, in the order of their
/// changes.
pub fn changed(tx: &mut Tx<'_>, user: UserId, (after, upto): (i64, i64)) -> Result<Vec<Stored>> {
    tx.rows(
        stored!(
            "change_seq > $2 and change_seq <= $3 \
             order by change_seq, day"
        ),
        values![user.0, after, upto],
        read_stored,
    )
}

/// Stores a day, in place of what was there. One that is the same stays as it is.
pub fn put(tx: &mut Tx<'_>, user: UserId, day: &Day, stamp: &Stamp) -> Result<bool> {
    if find(tx, user, day.day)?.is_some_and(|known| known.day == *day) {
        return Ok(false);
    }
    tx.exec(
        "insert into activity_day (user_id, day, time_zone, device_id, brand, is_tracker, data, \
         modified, change_seq) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         on conflict (user_id, day) do update set time_zone = excluded.time_zone, \
         device_id = excluded.device_id, brand = excluded.brand, \
         is_tracker = excluded.is_tracker, data = excluded.data, modified = excluded.modified, \
         change_seq = excluded.change_seq",
        values![
            user.0,
            day.day,
            day.time_zone.as_str(),
            day.device.map(|device| device.0),
            day.brand,
            day.is_tracker,
            &pack(&day.activity)[..],
            stamp.modified,
            stamp.change_seq,
        ],
    )?;
    notification::moved(tx, user, day.day);
    Ok(true)
}

/// A day as another server gave it.
pub fn given(tx: &mut Tx<'_>, user: UserId, day: i64) -> Result<Option<Day>> {
    let sql = "select day, time_zone, device_id, brand, is_tracker, data from given_day \
               where user_id = $1 and day = $2";
    tx.row(sql, values![user.0, day], read)
}

/// Keeps a day as another server gave it.
pub fn give(tx: &mut Tx<'_>, user: UserId, day: &Day) -> Result<()> {
    tx.exec(
        "insert into given_day (user_id, day, time_zone, device_id, brand, is_tracker, data) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (user_id, day) do update \
         set time_zone = excluded.time_zone, device_id = excluded.device_id, \
         brand = excluded.brand, is_tracker = excluded.is_tracker, data = excluded.data",
        values![
            user.0,
            day.day,
            day.time_zone.as_str(),
            day.device.map(|device| device.0),
            day.brand,
            day.is_tracker,
            &pack(&day.activity)[..],
        ],
    )
    .map(|_| ())
}
