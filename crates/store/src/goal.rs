//! What a person aims at each day. The weight aimed at is a measure group of category 2.

use crate::person;
use crate::tx::{Tx, values};
use domain::{Result, UserId};

/// Goals; one that is not set is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Goals {
    /// Steps a day.
    pub steps: Option<i64>,
    /// Sleep a night.
    pub sleep_seconds: Option<i64>,
}

/// The goals of a person.
pub fn get(tx: &mut Tx<'_>, user: UserId) -> Result<Goals> {
    let sql = "select steps, sleep_seconds from goal where user_id = $1";
    let goals = tx.row(sql, values![user.0], |row| {
        Ok(Goals { steps: row.int_or_null(0)?, sleep_seconds: row.int_or_null(1)? })
    })?;
    Ok(goals.unwrap_or_default())
}

/// The change and the stamp of a person's goals, if they changed after one change of the person up
/// to another.
pub fn changed(
    tx: &mut Tx<'_>,
    user: UserId,
    (after, upto): (i64, i64),
) -> Result<Option<(i64, i64)>> {
    let sql = "select change_seq, modified from goal \
               where user_id = $1 and change_seq > $2 and change_seq <= $3";
    tx.row(sql, values![user.0, after, upto], |row| Ok((row.int(0)?, row.int(1)?)))
}

/// Sets the goals of a person, all of them.
pub fn set(tx: &mut Tx<'_>, user: UserId, goals: &Goals) -> Result<()> {
    let stamp = person::touch(tx, user, 0)?;
    tx.exec(
        "insert into goal (user_id, steps, sleep_seconds, change_seq, modified) \
         values ($1, $2, $3, $4, $5) on conflict (user_id) do update \
         set steps = excluded.steps, sleep_seconds = excluded.sleep_seconds, \
         change_seq = excluded.change_seq, modified = excluded.modified",
        values![user.0, goals.steps, goals.sleep_seconds, stamp.change_seq, stamp.modified],
    )?;
    crate::notification::changed_profile(tx, user);
    Ok(())
}
