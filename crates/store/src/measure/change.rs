//! Groups that are stored already: found by their id, changed, taken away. A group that is taken
//! away leaves its row, so that a page that ended with it can be followed by the next one. Who may
//! change what is not decided here.

use super::{Filter, Group, KEPT_KINDS, body, keep_last, page, read};
use crate::notification;
use crate::person::{self, Stamp};
use crate::tx::{Tx, values};
use domain::measure::{Category, Measure, MeasureType};
use domain::{Failure, GroupId, Result, UserId};

/// How many objectives are looked through for one of weight.
const OBJECTIVES_MAX: i64 = 1_000;

/// The group of that id, unless it was taken away.
pub fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Group>> {
    let (user, seq) = id.parts();
    let sql = "select date, seq, category, attrib, created, modified, device_id, body \
               from measure_group where user_id = $1 and seq = $2 and deleted = 0";
    tx.row(sql, values![user.0, seq], |row| read(row, user))
}

/// A group that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The group, without measures if it was taken away.
    pub group: Group,
    /// The person's change it came with.
    pub change_seq: i64,
    /// Whether it was taken away.
    pub is_deleted: bool,
}

/// The groups that changed after one change of the person up to another, those that were taken away
/// too, in the order of their changes.
pub fn changed(tx: &mut Tx<'_>, user: UserId, (after, upto): (i64, i64)) -> Result<Vec<Changed>> {
    let sql = "select date, seq, category, attrib, created, modified, device_id, body, change_seq, \
               deleted from measure_group where user_id = $1 and change_seq > $2 \
               and change_seq <= $3 order by change_seq, seq";
    tx.rows(sql, values![user.0, after, upto], |row| {
        let (mut group, is_deleted) = (read(row, user)?, row.flag(9)?);
        if is_deleted {
            group.measures.clear();
        }
        Ok(Changed { group, change_seq: row.int(8)?, is_deleted })
    })
}

/// Writes the `attrib` and the measures of `after` to a group that was read as `before`.
pub fn change(tx: &mut Tx<'_>, before: &Group, after: &Group) -> Result<()> {
    let stamp = person::touch(tx, before.id.parts().0, 0)?;
    write(tx, before, after, &stamp)
}

/// The same under a stamp that is there already.
pub(crate) fn write(tx: &mut Tx<'_>, before: &Group, after: &Group, stamp: &Stamp) -> Result<()> {
    expect_unchanged(tx, before)?;
    let (user, seq) = before.id.parts();
    tx.exec(
        "update measure_group set attrib = $3, body = $4, modified = $5, change_seq = $6 \
         where user_id = $1 and seq = $2",
        values![
            user.0,
            seq,
            i64::from(after.attrib.0),
            &body::pack(&after.measures)[..],
            stamp.modified,
            stamp.change_seq,
        ],
    )?;
    notification::measured(tx, user, (before.date, before.category), &after.measures);
    if before.measures == after.measures {
        return Ok(());
    }
    recount_last(tx, user, before)?;
    keep_last(tx, user, before.date, before.category, &after.measures)
}

/// Takes a group that was read as `group` from its person.
pub fn remove(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    let stamp = person::touch(tx, group.id.parts().0, 0)?;
    bury(tx, group, &stamp)
}

fn bury(tx: &mut Tx<'_>, group: &Group, stamp: &Stamp) -> Result<()> {
    expect_unchanged(tx, group)?;
    let (user, seq) = group.id.parts();
    let sql = "update measure_group set deleted = 1, modified = $3, change_seq = $4 \
               where user_id = $1 and seq = $2";
    tx.exec(sql, values![user.0, seq, stamp.modified, stamp.change_seq])?;
    notification::measured(tx, user, (group.date, group.category), &group.measures);
    recount_last(tx, user, group)
}

/// To be asked after the person was touched, as nobody else can change the group from then on. When
/// somebody did before, everything is decided again.
fn expect_unchanged(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    if find(tx, group.id)?.as_ref() == Some(group) {
        return Ok(());
    }
    Err(Failure::Conflict("the group was changed meanwhile".to_owned()).into())
}

/// Finds the last weight and height again where they may have been those of this group.
fn recount_last(tx: &mut Tx<'_>, user: UserId, changed: &Group) -> Result<()> {
    if changed.category != Category::REAL {
        return Ok(());
    }
    let has = |kind| changed.measures.iter().any(|measure| measure.kind == kind);
    for kind in KEPT_KINDS.into_iter().filter(|kind| has(*kind)) {
        let sql = "delete from last_measure where user_id = $1 and kind = $2 and date <= $3";
        if tx.exec(sql, values![user.0, i64::from(kind.0), changed.date])? == 0 {
            continue;
        }
        let (kinds, category) = (vec![kind], Some(Category::REAL));
        let filter = Filter { kinds, category, ..Filter::default() };
        for last in page(tx, user, &filter, None, 1)?.groups {
            keep_last(tx, user, last.date, last.category, &last.measures)?;
        }
    }
    Ok(())
}

/// The weight a person aims at: that of the newest objective that has one.
pub fn weight_goal(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Measure>> {
    let objectives = weight_objectives(tx, user)?;
    let weights = objectives.into_iter().flat_map(|group| group.measures);
    Ok(weights.into_iter().find(|measure| measure.kind == MeasureType::WEIGHT))
}

/// Takes every objective of weight away.
pub fn forget_weight_goal(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let objectives = weight_objectives(tx, user)?;
    if objectives.is_empty() {
        return Ok(());
    }
    let stamp = person::touch(tx, user, 0)?;
    objectives.iter().try_for_each(|group| bury(tx, group, &stamp))
}

fn weight_objectives(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Group>> {
    let sql = "select date, seq, category, attrib, created, modified, device_id, body \
               from measure_group where user_id = $1 and category = 2 and deleted = 0 \
               order by date desc, seq desc limit $2";
    let mut groups = tx.rows(sql, values![user.0, OBJECTIVES_MAX], |row| read(row, user))?;
    let is_weight = |measure: &Measure| measure.kind == MeasureType::WEIGHT;
    groups.retain(|group| group.measures.iter().any(is_weight));
    Ok(groups)
}
