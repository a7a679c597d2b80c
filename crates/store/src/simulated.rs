//! People of a sandbox who do not exist: what they are drawn from, and up to when they have lived.

use crate::tx::{Row, Tx, values};
use domain::{Result, UserId};

/// Somebody who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// Whose account it is.
    pub user: UserId,
    /// The name of the preset.
    pub preset: String,
    /// What all chance in this life is drawn from.
    pub seed: i64,
    /// 0: whom the preset names. From 1 on: who lives with them.
    pub member: i64,
    /// The zone they live in.
    pub zone: String,
    /// The day the story begins, in days after 1970-01-01.
    pub begins: i64,
    /// Up to when what their devices hand over is here.
    pub lived: i64,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select user_id, preset, seed, member, zone, begins, lived from simulated_person ",
            $rest
        )
    };
}

/// Notes somebody.
pub fn insert(tx: &mut Tx<'_>, one: &Simulated) -> Result<()> {
    tx.exec(
        "insert into simulated_person (user_id, preset, seed, member, zone, begins, lived) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        values![
            one.user.0,
            one.preset.as_str(),
            one.seed,
            one.member,
            one.zone.as_str(),
            one.begins,
            one.lived,
        ],
    )
    .map(|_| ())
}

/// Notes up to when somebody has lived.
pub fn set_lived(tx: &mut Tx<'_>, user: UserId, lived: i64) -> Result<()> {
    let sql = "update simulated_person set lived = $2 where user_id = $1";
    tx.exec(sql, values![user.0, lived]).map(|_| ())
}

/// Everybody, in the order of their ids.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Simulated>> {
    tx.rows(columns!("order by user_id"), &[], read)
}

/// Who an account is, if it is somebody who does not exist.
pub fn find(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Simulated>> {
    tx.row(columns!("where user_id = $1"), values![user.0], read)
}

fn read(row: &Row<'_>) -> Result<Simulated> {
    Ok(Simulated {
        user: UserId(row.int(0)?),
        preset: row.text(1)?,
        seed: row.int(2)?,
        member: row.int(3)?,
        zone: row.text(4)?,
        begins: row.int(5)?,
        lived: row.int(6)?,
    })
}
