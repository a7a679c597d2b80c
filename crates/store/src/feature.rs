//! What applications chose of what devices can do for people. Which features there are is
//! `domain`'s.

use crate::person;
use crate::tx::{Tx, values};
use domain::{Result, UserId};

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The name of the feature.
    pub feature: String,
    /// Whether it is on.
    pub is_on: bool,
}

/// Notes what an application chose; again is the same choice, made now.
pub fn choose(
    tx: &mut Tx<'_>,
    client_id: &str,
    user: UserId,
    (model_id, feature): (i64, &str),
    is_on: bool,
) -> Result<()> {
    person::touch(tx, user, 0)?;
    let now = tx.now();
    tx.exec(
        "insert into device_feature (user_id, model_id, feature, client_id, active, changed) \
         values ($1, $2, $3, $4, $5, $6) on conflict (user_id, model_id, feature, client_id) \
         do update set active = excluded.active, changed = excluded.changed",
        values![user.0, model_id, feature, client_id, is_on, now],
    )
    .map(|_| ())
}

/// What an application chose of a model for a person, by name.
pub fn chosen(
    tx: &mut Tx<'_>,
    client_id: &str,
    user: UserId,
    model_id: i64,
) -> Result<Vec<Choice>> {
    let sql = "select feature, active from device_feature \
               where user_id = $1 and model_id = $2 and client_id = $3 order by feature";
    tx.rows(sql, values![user.0, model_id, client_id], |row| {
        Ok(Choice { feature: row.text(0)?, is_on: row.flag(1)? })
    })
}

/// What holds of a model for a person, by name: of each feature the latest choice, whoever made it.
pub fn of_user(tx: &mut Tx<'_>, user: UserId, model_id: i64) -> Result<Vec<Choice>> {
    let sql = "select feature, active from device_feature where user_id = $1 and model_id = $2 \
               order by feature, changed desc, client_id";
    let mut choices = tx.rows(sql, values![user.0, model_id], |row| {
        Ok(Choice { feature: row.text(0)?, is_on: row.flag(1)? })
    })?;
    choices.dedup_by(|later, kept| later.feature == kept.feature);
    Ok(choices)
}
