//! Measure groups: a row a group, newest first. How the measures are packed stands in `body.rs`;
//! nobody outside knows that they are.

pub(crate) mod body;
mod change;

pub(crate) use change::write;
pub use change::{Changed, change, changed, find, forget_weight_goal, remove, weight_goal};

use crate::person::{self, Stamp};
use crate::tx::{Row, Tx, values};
use crate::{notification, survey};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{DeviceId, Error, GroupId, Refusal, Result, UserId};

/// The most measures one group holds.
pub const GROUP_MEASURES_MAX: usize = 256;

/// Measures taken at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The id on the wire.
    pub id: GroupId,
    /// When they were taken.
    pub date: i64,
    /// Real, or an objective.
    pub category: Category,
    /// How it is known whose they are.
    pub attrib: Attrib,
    /// When they were stored.
    pub created: i64,
    /// When they last changed.
    pub modified: i64,
    /// What took them; nothing did when they were entered by hand.
    pub device: Option<DeviceId>,
    /// At least one.
    pub measures: Vec<Measure>,
}

/// A group to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// See [`Group::date`].
    pub date: i64,
    /// See [`Group::category`].
    pub category: Category,
    /// See [`Group::attrib`].
    pub attrib: Attrib,
    /// See [`Group::device`].
    pub device: Option<DeviceId>,
    /// See [`Group::measures`].
    pub measures: Vec<Measure>,
}

/// Stores groups of one person, all under one stamp. Their ids, in the same order.
pub fn insert(tx: &mut Tx<'_>, user: UserId, groups: &[NewGroup]) -> Result<Vec<GroupId>> {
    let count = i64::try_from(groups.len()).map_err(Error::internal)?;
    let stamp = person::touch(tx, user, count)?;
    if stamp.group_seq > GroupId::SEQUENCE_MAX {
        return Err(Error::internal("a person has as many groups as a person can have"));
    }
    let (first, now) = (stamp.group_seq - count + 1, tx.now());
    let numbered = (first..).zip(groups);
    numbered.map(|(seq, group)| insert_one(tx, user, seq, &stamp, now, group)).collect()
}

/// Stores one group under a stamp that has made room for its number.
pub(crate) fn insert_one(
    tx: &mut Tx<'_>,
    user: UserId,
    seq: i64,
    stamp: &Stamp,
    created: i64,
    group: &NewGroup,
) -> Result<GroupId> {
    tx.exec(
        "insert into measure_group (user_id, date, seq, category, attrib, created, modified, \
         change_seq, deleted, device_id, body) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)",
        values![
            user.0,
            group.date,
            seq,
            i64::from(group.category.0),
            i64::from(group.attrib.0),
            created,
            stamp.modified,
            stamp.change_seq,
            group.device.map(|device| device.0),
            &body::pack(&group.measures)[..],
        ],
    )?;
    notification::measured(tx, user, (group.date, group.category), &group.measures);
    keep_last(tx, user, group.date, group.category, &group.measures)?;
    let id = GroupId::new(user, seq);
    survey::measured(tx, id, (group.date, group.category), &group.measures)?;
    Ok(id)
}

/// Which groups to give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these types of measures, and only groups that have one; empty: all. Sorted.
    pub kinds: Vec<MeasureType>,
    /// Only this category.
    pub category: Option<Category>,
    /// Taken at or after.
    pub start: Option<i64>,
    /// Taken at or before.
    pub end: Option<i64>,
    /// Stored or changed after. Together with `start` or `end` it adds groups to theirs.
    pub changed_after: Option<i64>,
}

/// Part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Newest first, by (date, number).
    pub groups: Vec<Group>,
    /// Where to go on, if there is more.
    pub next_offset: Option<i64>,
}

/// A place in a person's groups: before the group with that date and number.
type Place = (i64, i64);

/// One page, newest first. `offset` is the number of the last group of the page before: an opaque
/// number that stays good while groups come and go.
pub fn page(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
    offset: Option<i64>,
    limit: usize,
) -> Result<Page> {
    let mut place = match offset {
        Some(offset) => place_of(tx, user, offset)?,
        None => (i64::MAX, i64::MAX),
    };
    let mut groups = Vec::new();
    // One more than asked for tells whether there is more. Filtering by type happens on the packed
    // measures, so it may take several draughts to fill a page.
    let draught = if filter.kinds.is_empty() { limit + 1 } else { limit.clamp(100, 2_000) };
    loop {
        let rows = draw(tx, user, filter, place, draught)?;
        let was_last = rows.len() < draught;
        if let Some(last) = rows.last() {
            place = (last.date, last.id.parts().1);
        }
        if filter.kinds.is_empty() {
            groups = rows;
            break;
        }
        for mut group in rows {
            group.measures.retain(|measure| filter.kinds.binary_search(&measure.kind).is_ok());
            if !group.measures.is_empty() {
                groups.push(group);
            }
        }
        if was_last || groups.len() > limit {
            break;
        }
    }
    let more = groups.len() > limit;
    groups.truncate(limit);
    let next_offset = groups.last().filter(|_| more).map(|last| last.id.parts().1);
    Ok(Page { groups, next_offset })
}

fn place_of(tx: &mut Tx<'_>, user: UserId, offset: i64) -> Result<Place> {
    let sql = "select date, seq from measure_group where user_id = $1 and seq = $2";
    let place = tx.row(sql, values![user.0, offset], |row| Ok((row.int(0)?, row.int(1)?)))?;
    place.ok_or_else(|| {
        Refusal::invalid_param("offset", "give the offset of the answer before, unchanged").into()
    })
}

macro_rules! groups_where {
    ($rest:literal) => {
        concat!(
            "select date, seq, category, attrib, created, modified, device_id, body \
             from measure_group where user_id = $1 and (date, seq) < ($2, $3) and ",
            $rest,
            " order by date desc, seq desc limit $4"
        )
    };
}

fn draw(
    tx: &mut Tx<'_>,
    user: UserId,
    filter: &Filter,
    place: Place,
    rows: usize,
) -> Result<Vec<Group>> {
    let rows = i64::try_from(rows).map_err(Error::internal)?;
    let (first, last) = match filter.category {
        Some(category) => (i64::from(category.0), i64::from(category.0)),
        None => (i64::MIN, i64::MAX),
    };
    let (start, end) = (filter.start.unwrap_or(i64::MIN), filter.end.unwrap_or(i64::MAX));
    let read = |row: &Row<'_>| read(row, user);
    let Some(changed_after) = filter.changed_after else {
        // The window alone: its two ends are the ends of the walk, so nothing else is looked at.
        let place = place.min((end, i64::MAX));
        return tx.rows(
            groups_where!("date >= $5 and category >= $6 and category <= $7 and deleted = 0"),
            values![user.0, place.0, place.1, rows, start, first, last],
            read,
        );
    };
    // Without a window the window is empty, as only changes are asked for.
    let no_window = filter.start.is_none() && filter.end.is_none();
    let (start, end) = if no_window { (i64::MAX, i64::MIN) } else { (start, end) };
    tx.rows(
        groups_where!(
            "category >= $5 and category <= $6 and deleted = 0 \
             and ((date >= $7 and date <= $8) or modified > $9)"
        ),
        values![user.0, place.0, place.1, rows, first, last, start, end, changed_after],
        read,
    )
}

fn read(row: &Row<'_>, user: UserId) -> Result<Group> {
    let code = |column| i32::try_from(row.int(column)?).map_err(Error::internal);
    Ok(Group {
        id: GroupId::new(user, row.int(1)?),
        date: row.int(0)?,
        category: Category(code(2)?),
        attrib: Attrib(code(3)?),
        created: row.int(4)?,
        modified: row.int(5)?,
        device: row.int_or_null(6)?.map(DeviceId),
        measures: body::unpack(row.blob_in_place(7)?)?,
    })
}

/// The types whose last value is kept at hand.
const KEPT_KINDS: [MeasureType; 2] = [MeasureType::WEIGHT, MeasureType::HEIGHT];

/// Keeps a group's weight and height at hand, unless a later one is.
fn keep_last(
    tx: &mut Tx<'_>,
    user: UserId,
    date: i64,
    category: Category,
    measures: &[Measure],
) -> Result<()> {
    if category != Category::REAL {
        return Ok(());
    }
    for measure in measures.iter().filter(|measure| KEPT_KINDS.contains(&measure.kind)) {
        tx.exec(
            "insert into last_measure (user_id, kind, date, value, unit) \
             values ($1, $2, $3, $4, $5) on conflict (user_id, kind) do update \
             set date = excluded.date, value = excluded.value, unit = excluded.unit \
             where excluded.date >= last_measure.date",
            values![
                user.0,
                i64::from(measure.kind.0),
                date,
                measure.value,
                i64::from(measure.unit),
            ],
        )?;
    }
    Ok(())
}

/// The person's last weight or height.
pub fn last(tx: &mut Tx<'_>, user: UserId, kind: MeasureType) -> Result<Option<Measure>> {
    let sql = "select value, unit from last_measure where user_id = $1 and kind = $2";
    tx.row(sql, values![user.0, i64::from(kind.0)], |row| {
        let unit = i8::try_from(row.int(1)?).map_err(Error::internal)?;
        Ok(Measure::new(kind, row.int(0)?, unit))
    })
}

/// The person's real weights taken at or before `at`, newest first, as far as they are among the
/// latest groups.
pub fn recent_weights(
    tx: &mut Tx<'_>,
    user: UserId,
    at: i64,
    count: usize,
) -> Result<Vec<Measure>> {
    const DRAUGHT: usize = 50;
    const DRAUGHTS_MAX: usize = 20;
    let (category, end) = (Some(Category::REAL), Some(at));
    let filter = Filter { category, end, ..Filter::default() };
    let (mut weights, mut place) = (Vec::new(), (i64::MAX, i64::MAX));
    for _ in 0..DRAUGHTS_MAX {
        let groups = draw(tx, user, &filter, place, DRAUGHT)?;
        let measures = groups.iter().flat_map(|group| &group.measures);
        weights.extend(measures.filter(|measure| measure.kind == MeasureType::WEIGHT).copied());
        match groups.last() {
            Some(last) if groups.len() == DRAUGHT && weights.len() < count => {
                place = (last.date, last.id.parts().1);
            }
            _ => break,
        }
    }
    weights.truncate(count);
    Ok(weights)
}
