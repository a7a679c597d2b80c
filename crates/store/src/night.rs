//! Nights: a row each. Which stages make a night and what it adds up to is decided elsewhere; a
//! night that was taken away leaves its row, so that pages and mirrors learn of it.

use crate::fieldset::{Packed, pack, pack_events, unpack, unpack_events};
use crate::notification;
use crate::person::{self, Stamp};
use crate::tx::{Row, Tx, values};
use domain::notification::Appli;
use domain::sleep::{Events, Night as Fields};
use domain::{DAY_SECONDS, DeviceId, GroupId, Refusal, Result, UserId};
use std::sync::Arc;

/// A night as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// When it began.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// The day it ended, in days since 1970-01-01 of the calendar.
    pub day: i64,
    /// The zone of that day.
    pub time_zone: String,
    /// What noticed it, if it is known.
    pub device: Option<DeviceId>,
    /// 16: a tracker. 32: a sleep monitor.
    pub model: i64,
    /// Whether another server gave it: then its times stand.
    pub is_given: bool,
    /// Whether it is over.
    pub is_completed: bool,
    /// What a device or another server said of it.
    pub said: Fields,
    /// What it adds up to, with what was said.
    pub data: Fields,
    /// What happened in it.
    pub events: Events,
}

/// A night as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: GroupId,
    /// Where it stands in pages; never changes.
    pub placed: i64,
    /// When it was stored first.
    pub created: i64,
    /// The stamp of its last change.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
    /// Whether it was taken away.
    pub is_deleted: bool,
    /// The night.
    pub night: Night,
}

/// Which nights to give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Ended from this day to this, both included.
    pub days: Option<(i64, i64)>,
    /// Changed after. Together with `days` it adds nights to theirs.
    pub changed_after: Option<i64>,
}

/// A night may turn out to have begun or ended this much elsewhere than was known at first; one
/// that would move further is another.
pub const MOVE_SECONDS_MAX: i64 = 3 * DAY_SECONDS;

macro_rules! stored {
    ($rest:literal) => {
        concat!(
            "select start_at, end_at, day, time_zone, device_id, model, is_given, completed, said, \
             data, events, seq, placed, created, modified, change_seq, deleted from night \
             where user_id = $1 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>, user: UserId) -> Result<Stored> {
    let is_deleted = row.flag(16)?;
    let fields = |column| {
        if is_deleted { Ok(Fields::default()) } else { unpack(row.blob_in_place(column)?) }
    };
    Ok(Stored {
        night: Night {
            start: row.int(0)?,
            end: row.int(1)?,
            day: row.int(2)?,
            time_zone: row.text(3)?,
            device: row.int_or_null(4)?.map(DeviceId),
            model: row.int(5)?,
            is_given: row.flag(6)?,
            is_completed: row.flag(7)?,
            said: fields(8)?,
            data: fields(9)?,
            events: match is_deleted {
                true => Events::default(),
                false => unpack_events(row.blob_in_place(10)?)?,
            },
        },
        id: GroupId::new(user, row.int(11)?),
        placed: row.int(12)?,
        created: row.int(13)?,
        modified: row.int(14)?,
        change_seq: row.int(15)?,
        is_deleted,
    })
}

/// A night of a page: what is told of it and no more, as a page has hundreds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: GroupId,
    /// When it began.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// See [`Night::day`].
    pub day: i64,
    /// See [`Night::time_zone`]; rows of one zone share it.
    pub time_zone: Arc<str>,
    /// What noticed it, if it is known.
    pub device: Option<DeviceId>,
    /// See [`Night::model`].
    pub model: i64,
    /// Whether it is over.
    pub is_completed: bool,
    /// When it was stored first.
    pub created: i64,
    /// The stamp of its last change.
    pub modified: i64,
    /// What it adds up to, as far as it was asked for.
    pub data: Packed<Fields>,
    /// What happened in it, if that was asked for.
    pub events: Option<Events>,
}

impl From<Stored> for Listed {
    fn from(stored: Stored) -> Self {
        let night = stored.night;
        Self {
            id: stored.id,
            start: night.start,
            end: night.end,
            day: night.day,
            time_zone: night.time_zone.into(),
            device: night.device,
            model: night.model,
            is_completed: night.is_completed,
            created: stored.created,
            modified: stored.modified,
            data: Packed::of(&night.data),
            events: Some(night.events),
        }
    }
}

/// What of a night a page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// A bit for each number of a field.
    pub fields: u64,
    /// Whether its events.
    pub events: bool,
}

impl Wanted {
    /// All of it.
    pub const ALL: Self = Self { fields: u64::MAX, events: true };
}

/// With the events of nights or without: taking them out of a row costs something too.
macro_rules! listed {
    (@$events:literal, $rest:literal) => {
        concat!(
            "select start_at, end_at, day, time_zone, device_id, model, completed, data, seq, \
             created, modified",
            $events,
            " from night where user_id = $1 and ",
            $rest
        )
    };
    ($wanted:expr, $rest:literal) => {
        if $wanted.events { listed!(@", events", $rest) } else { listed!(@"", $rest) }
    };
}

fn read_listed(
    row: &Row<'_>,
    user: UserId,
    wanted: Wanted,
    last_zone: &mut Arc<str>,
) -> Result<Listed> {
    if !row.is_text(3, last_zone)? {
        *last_zone = row.text(3)?.into();
    }
    let events = wanted.events.then(|| unpack_events(row.blob_in_place(11)?));
    Ok(Listed {
        start: row.int(0)?,
        end: row.int(1)?,
        day: row.int(2)?,
        time_zone: Arc::clone(last_zone),
        device: row.int_or_null(4)?.map(DeviceId),
        model: row.int(5)?,
        is_completed: row.flag(6)?,
        data: Packed::stored(row.blob_in_place(7)?, wanted.fields),
        id: GroupId::new(user, row.int(8)?),
        created: row.int(9)?,
        modified: row.int(10)?,
        events: events.transpose()?,
    })
}

/// Nights after the one of that number, newest first, as far as they are asked for.
pub fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
    after: Option<i64>,
    limit: i64,
    wanted: Wanted,
) -> Result<Vec<Listed>> {
    page_of(tx, user, filter, after, limit, wanted, |night| night)
}

/// The same, each made into something else on the spot: hundreds of nights are not laid down twice.
pub fn page_of<T>(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
    after: Option<i64>,
    limit: i64,
    wanted: Wanted,
    mut make: impl FnMut(Listed) -> T,
) -> Result<Vec<T>> {
    // With its room from the start: growing would copy it again and again.
    const ROOM_MAX: usize = 512;
    let mut out = Vec::with_capacity(usize::try_from(limit).unwrap_or(0).min(ROOM_MAX));
    let mut zone: Arc<str> = Arc::from("");
    let mut take = |row: &Row<'_>| {
        out.push(make(read_listed(row, user, wanted, &mut zone)?));
        Ok(())
    };
    let (placed, seq) = match after {
        Some(seq) => place_of(tx, user, seq)?,
        None => (i64::MAX, i64::MAX),
    };
    let (first, last) = filter.days.unwrap_or((i64::MAX, i64::MIN));
    if let Some(changed_after) = filter.changed_after {
        tx.rows(
            listed!(
                wanted,
                "(placed, seq) < ($2, $3) and deleted = 0 \
                 and ((day >= $4 and day <= $5) or modified > $6) \
                 order by placed desc, seq desc limit $7"
            ),
            values![user.0, placed, seq, first, last, changed_after, limit],
            &mut take,
        )?;
        return Ok(out);
    }
    // Where a night stands in pages is not far from the day it ended, whatever the zone.
    let near = MOVE_SECONDS_MAX + 2 * DAY_SECONDS;
    let from = first.saturating_mul(DAY_SECONDS).saturating_sub(near);
    let to = last.saturating_add(1).saturating_mul(DAY_SECONDS).saturating_add(near);
    let place = (placed, seq).min((to, i64::MAX));
    tx.rows(
        listed!(
            wanted,
            "(placed, seq) < ($2, $3) and placed >= $4 and deleted = 0 \
             and day >= $5 and day <= $6 order by placed desc, seq desc limit $7"
        ),
        values![user.0, place.0, place.1, from, first, last, limit],
        &mut take,
    )?;
    Ok(out)
}

fn place_of(tx: &mut Tx<'_>, user: UserId, seq: i64) -> Result<(i64, i64)> {
    let sql = "select placed, seq from night where user_id = $1 and seq = $2";
    let place = tx.row(sql, values![user.0, seq], |row| Ok((row.int(0)?, row.int(1)?)))?;
    place.ok_or_else(|| {
        Refusal::invalid_param("offset", "give the offset of the answer before, unchanged").into()
    })
}

/// The night of that id, unless it was taken away.
pub fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Stored>> {
    let (user, seq) = id.parts();
    tx.row(stored!("seq = $2 and deleted = 0"), values![user.0, seq], |row| read(row, user))
}

/// Nights that are not over before `start` and have begun at `end`, by their beginnings.
pub fn between(tx: &mut Tx<'_>, user: UserId, start: i64, end: i64) -> Result<Vec<Stored>> {
    let near = MOVE_SECONDS_MAX + 2 * DAY_SECONDS;
    tx.rows(
        stored!(
            "placed >= $2 and placed <= $3 and deleted = 0 and end_at >= $4 and start_at <= $5 \
             order by start_at, seq"
        ),
        values![user.0, start.saturating_sub(near), end.saturating_add(near), start, end],
        |row| read(row, user),
    )
}

/// The latest nights that are not over, as far as they are among the last few.
pub fn open(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Stored>> {
    const LATEST: i64 = 4;
    let latest = tx.rows(
        stored!("deleted = 0 order by placed desc, seq desc limit $2"),
        values![user.0, LATEST],
        |row| read(row, user),
    )?;
    Ok(latest.into_iter().filter(|stored| !stored.night.is_completed).collect())
}

/// The nights that changed after one change of the person up to another, those that were taken
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

/// Stores a new night.
pub fn insert(
    tx: &mut Tx<'_>,
    user: UserId,
    night: &Night,
    created: Option<i64>,
) -> Result<GroupId> {
    let stamp = person::touch(tx, user, 1)?;
    let id = person::numbered(user, stamp.group_seq)?;
    let created = created.unwrap_or(tx.now());
    tx.exec(
        "insert into night (user_id, placed, seq, start_at, end_at, day, time_zone, device_id, \
         model, is_given, completed, created, modified, change_seq, deleted, said, data, events) \
         values ($1, $2, $3, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16)",
        values![
            user.0,
            night.start,
            stamp.group_seq,
            night.end,
            night.day,
            night.time_zone.as_str(),
            night.device.map(|device| device.0),
            night.model,
            night.is_given,
            night.is_completed,
            created,
            stamp.modified,
            stamp.change_seq,
            &pack(&night.said)[..],
            &pack(&night.data)[..],
            &pack_events(&night.events)[..],
        ],
    )?;
    notification::between(tx, user, Appli::SLEEP, (night.start, night.end));
    Ok(id)
}

/// Changes a night. One that is the same stays as it is.
pub fn change(tx: &mut Tx<'_>, before: &Stored, after: &Night, stamp: &Stamp) -> Result<bool> {
    if before.night == *after {
        return Ok(false);
    }
    let (user, seq) = before.id.parts();
    tx.exec(
        "update night set start_at = $3, end_at = $4, day = $5, time_zone = $6, device_id = $7, \
         model = $8, is_given = $9, completed = $10, modified = $11, change_seq = $12, said = $13, \
         data = $14, events = $15 where user_id = $1 and seq = $2",
        values![
            user.0,
            seq,
            after.start,
            after.end,
            after.day,
            after.time_zone.as_str(),
            after.device.map(|device| device.0),
            after.model,
            after.is_given,
            after.is_completed,
            stamp.modified,
            stamp.change_seq,
            &pack(&after.said)[..],
            &pack(&after.data)[..],
            &pack_events(&after.events)[..],
        ],
    )?;
    let (start, end) = (before.night.start.min(after.start), before.night.end.max(after.end));
    notification::between(tx, user, Appli::SLEEP, (start, end));
    Ok(true)
}

/// Takes a night away that is none any more; its number stays.
pub fn remove(tx: &mut Tx<'_>, id: GroupId, stamp: &Stamp) -> Result<()> {
    bury(tx, id, REMOVED, stamp)
}

/// Takes a night away that the person deleted: [`deleted`] finds it ever after.
pub fn delete(tx: &mut Tx<'_>, id: GroupId, stamp: &Stamp) -> Result<()> {
    bury(tx, id, DELETED, stamp)
}

/// What stands in `deleted` of a night that is joined with another or shadowed.
const REMOVED: i64 = 1;
/// What stands there of one that the person deleted.
const DELETED: i64 = 2;

fn bury(tx: &mut Tx<'_>, id: GroupId, why: i64, stamp: &Stamp) -> Result<()> {
    let (user, seq) = id.parts();
    let nothing: &[u8] = &[];
    let sql = "update night set deleted = $6, modified = $3, change_seq = $4, said = $5, \
               data = $5, events = $5 where user_id = $1 and seq = $2 returning start_at, end_at";
    let values = values![user.0, seq, stamp.modified, stamp.change_seq, nothing, why];
    if let Some(span) = tx.change(sql, values, |row| Ok((row.int(0)?, row.int(1)?)))? {
        notification::between(tx, user, Appli::SLEEP, span);
    }
    Ok(())
}

/// Nights that the person deleted, by their time as [`between`] gives those that are there.
pub fn deleted(tx: &mut Tx<'_>, user: UserId, start: i64, end: i64) -> Result<Vec<Stored>> {
    let near = MOVE_SECONDS_MAX + 2 * DAY_SECONDS;
    let (from, to) = (start.saturating_sub(near), end.saturating_add(near));
    tx.rows(
        stored!(
            "placed >= $2 and placed <= $3 and deleted = $6 and end_at >= $4 and start_at <= $5 \
             order by start_at, seq"
        ),
        values![user.0, from, to, start, end, DELETED],
        |row| read(row, user),
    )
}
