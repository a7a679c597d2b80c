//! Which zone a person's days are counted in. A day keeps its zone when the person moves: what was
//! a day in Tokyo does not become another in Paris. When a day begins is decided in `domain`.

use crate::tx::{Tx, values};
use domain::{Result, UserId};

/// From a day on (days since 1970) the person's days are of this zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The first of them.
    pub day: i64,
    /// A zone of the time zone database.
    pub time_zone: String,
}

/// Every zone of a person with a day from which on it counts, by that day.
pub fn history(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Since>> {
    let sql = "select from_day, time_zone from person_zone where user_id = $1 order by from_day";
    tx.rows(sql, values![user.0], |row| Ok(Since { day: row.int(0)?, time_zone: row.text(1)? }))
}

/// Notes that from `day` on another zone counts. What counted before is noted too, the first time.
pub fn change(tx: &mut Tx<'_>, user: UserId, before: &str, after: &str, day: i64) -> Result<()> {
    let sql = "insert into person_zone (user_id, from_day, time_zone) values ($1, $2, $3) \
               on conflict (user_id, from_day) do update set time_zone = excluded.time_zone";
    if history(tx, user)?.is_empty() {
        tx.exec(sql, values![user.0, i64::MIN, before])?;
    }
    // A zone that was to count from a later day on, as it was tomorrow there already, counts no
    // more.
    let later = "delete from person_zone where user_id = $1 and from_day > $2";
    tx.exec(later, values![user.0, day])?;
    tx.exec(sql, values![user.0, day, after]).map(|_| ())
}
