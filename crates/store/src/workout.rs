//! Workouts: a row each. What a workout adds up to is decided elsewhere; one that was taken away
//! leaves its row, so that pages and mirrors learn of it.

use crate::fieldset::{pack, unpack};
use crate::notification;
use crate::person::{self, Stamp};
use crate::tx::{Row, Tx, values};
use domain::workout::Workout as Fields;
use domain::{DAY_SECONDS, DeviceId, GroupId, Refusal, Result, UserId};

/// A workout as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workout {
    /// When it began: what a device knows it by.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// The day it began, in days since 1970-01-01 of the calendar.
    pub day: i64,
    /// The zone of that day.
    pub time_zone: String,
    /// What noticed it, if it is known.
    pub device: Option<DeviceId>,
    /// The model's number, if it is known.
    pub model: Option<i64>,
    /// The reference's number of what was done.
    pub category: i64,
    /// How it is known, as of measures.
    pub attrib: i64,
    /// What a device or another server said of it.
    pub said: Fields,
    /// What it adds up to, with what was said.
    pub data: Fields,
}

/// A workout as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: GroupId,
    /// When it was stored first.
    pub created: i64,
    /// The stamp of its last change.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
    /// Whether it was taken away.
    pub is_deleted: bool,
    /// The workout.
    pub workout: Workout,
}

/// Which workouts to give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Began from this day to this, both included.
    pub days: Option<(i64, i64)>,
    /// Changed after. Together with `days` it adds workouts to theirs.
    pub changed_after: Option<i64>,
}

macro_rules! stored {
    ($rest:literal) => {
        concat!(
            "select start_at, end_at, day, time_zone, device_id, model, category, attrib, said, \
             data, seq, created, modified, change_seq, deleted from workout \
             where user_id = $1 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>, user: UserId) -> Result<Stored> {
    let is_deleted = row.flag(14)?;
    let fields = |column| {
        if is_deleted { Ok(Fields::default()) } else { unpack(row.blob_in_place(column)?) }
    };
    Ok(Stored {
        workout: Workout {
            start: row.int(0)?,
            end: row.int(1)?,
            day: row.int(2)?,
            time_zone: row.text(3)?,
            device: row.int_or_null(4)?.map(DeviceId),
            model: row.int_or_null(5)?,
            category: row.int(6)?,
            attrib: row.int(7)?,
            said: fields(8)?,
            data: fields(9)?,
        },
        id: GroupId::new(user, row.int(10)?),
        created: row.int(11)?,
        modified: row.int(12)?,
        change_seq: row.int(13)?,
        is_deleted,
    })
}

/// Workouts after the one of that number, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Stored>> {
    let (start, seq) = match after {
        Some(seq) => place_of(tx, user, seq)?,
        None => (i64::MAX, i64::MAX),
    };
    let (first, last) = filter.days.unwrap_or((i64::MAX, i64::MIN));
    if let Some(changed_after) = filter.changed_after {
        return tx.rows(
            stored!(
                "(start_at, seq) < ($2, $3) and deleted = 0 \
                 and ((day >= $4 and day <= $5) or modified > $6) \
                 order by start_at desc, seq desc limit $7"
            ),
            values![user.0, start, seq, first, last, changed_after, limit],
            |row| read(row, user),
        );
    }
    // A day begins and ends within a day of its number, whatever the zone.
    let from = first.saturating_sub(1).saturating_mul(DAY_SECONDS);
    let to = last.saturating_add(2).saturating_mul(DAY_SECONDS);
    let place = (start, seq).min((to, i64::MAX));
    tx.rows(
        stored!(
            "(start_at, seq) < ($2, $3) and start_at >= $4 and deleted = 0 \
             and day >= $5 and day <= $6 order by start_at desc, seq desc limit $7"
        ),
        values![user.0, place.0, place.1, from, first, last, limit],
        |row| read(row, user),
    )
}

fn place_of(tx: &mut Tx<'_>, user: UserId, seq: i64) -> Result<(i64, i64)> {
    let sql = "select start_at, seq from workout where user_id = $1 and seq = $2";
    let place = tx.row(sql, values![user.0, seq], |row| Ok((row.int(0)?, row.int(1)?)))?;
    place.ok_or_else(|| {
        Refusal::invalid_param("offset", "give the offset of the answer before, unchanged").into()
    })
}

/// The workout of that id, unless it was taken away.
pub fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Stored>> {
    let (user, seq) = id.parts();
    tx.row(stored!("seq = $2 and deleted = 0"), values![user.0, seq], |row| read(row, user))
}

/// The workout of a device that began then, also one that was taken away.
pub fn begun_at(
    tx: &mut Tx<'_>,
    user: UserId,
    device: Option<DeviceId>,
    start: i64,
) -> Result<Option<Stored>> {
    let found = all_begun_at(tx, user, start)?;
    Ok(found.into_iter().find(|stored| stored.workout.device == device))
}

/// The workouts of any device that began then, also those that were taken away.
pub fn all_begun_at(tx: &mut Tx<'_>, user: UserId, start: i64) -> Result<Vec<Stored>> {
    tx.rows(stored!("start_at = $2"), values![user.0, start], |row| read(row, user))
}

/// Nothing lasts longer, as far as is looked.
pub const WORKOUT_SECONDS_MAX: i64 = 2 * DAY_SECONDS;

/// Workouts that are not over before `start` and have begun before `end`.
pub fn between(tx: &mut Tx<'_>, user: UserId, start: i64, end: i64) -> Result<Vec<Stored>> {
    tx.rows(
        stored!(
            "start_at >= $2 and start_at < $3 and deleted = 0 and end_at > $4 \
             order by start_at, seq"
        ),
        values![user.0, start.saturating_sub(WORKOUT_SECONDS_MAX), end, start],
        |row| read(row, user),
    )
}

/// The workouts that changed after one change of the person up to another, those that were taken
/// away too, in the order of their changes.
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

/// Stores a new workout.
pub fn insert(tx: &mut Tx<'_>, user: UserId, workout: &Workout) -> Result<GroupId> {
    let stamp = person::touch(tx, user, 1)?;
    let id = person::numbered(user, stamp.group_seq)?;
    let now = tx.now();
    tx.exec(
        "insert into workout (user_id, start_at, seq, end_at, day, time_zone, device_id, model, \
         category, attrib, created, modified, change_seq, deleted, said, data) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15)",
        values![
            user.0,
            workout.start,
            stamp.group_seq,
            workout.end,
            workout.day,
            workout.time_zone.as_str(),
            workout.device.map(|device| device.0),
            workout.model,
            workout.category,
            workout.attrib,
            now,
            stamp.modified,
            stamp.change_seq,
            &pack(&workout.said)[..],
            &pack(&workout.data)[..],
        ],
    )?;
    notification::moved(tx, user, workout.day);
    Ok(id)
}

/// Changes a workout, but for its beginning. One that is the same stays as it is.
pub fn change(tx: &mut Tx<'_>, before: &Stored, after: &Workout, stamp: &Stamp) -> Result<bool> {
    if before.workout == *after {
        return Ok(false);
    }
    let (user, seq) = before.id.parts();
    tx.exec(
        "update workout set end_at = $3, day = $4, time_zone = $5, model = $6, category = $7, \
         attrib = $8, modified = $9, change_seq = $10, said = $11, data = $12 \
         where user_id = $1 and seq = $2",
        values![
            user.0,
            seq,
            after.end,
            after.day,
            after.time_zone.as_str(),
            after.model,
            after.category,
            after.attrib,
            stamp.modified,
            stamp.change_seq,
            &pack(&after.said)[..],
            &pack(&after.data)[..],
        ],
    )?;
    notification::moved(tx, user, after.day);
    Ok(true)
}

/// Takes a workout away; its number stays.
pub fn remove(tx: &mut Tx<'_>, id: GroupId, stamp: &Stamp) -> Result<()> {
    let (user, seq) = id.parts();
    let nothing: &[u8] = &[];
    let sql = "update workout set deleted = 1, modified = $3, change_seq = $4, said = $5, \
               data = $5 where user_id = $1 and seq = $2 returning day";
    let values = values![user.0, seq, stamp.modified, stamp.change_seq, nothing];
    if let Some(day) = tx.change(sql, values, |row| row.int(0))? {
        notification::moved(tx, user, day);
    }
    Ok(())
}
