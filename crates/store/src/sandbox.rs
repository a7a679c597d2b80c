//! What a sandbox keeps of itself: how its clock is turned. A store without it has none.

use crate::tx::{Tx, values};
use domain::{Error, Result};

pub(crate) const CLOCK: &str = "sandbox_clock";

/// How the clock is turned, as whoever turned it wrote it down.
pub fn clock(tx: &mut Tx<'_>) -> Result<Option<String>> {
    let sql = "select value from setting where name = $1";
    let kept = tx.row(sql, values![CLOCK], |row| row.blob(0))?;
    let read = |bytes| String::from_utf8(bytes).map_err(Error::internal);
    kept.map(read).transpose()
}

/// Writes down how the clock is turned.
pub fn set_clock(tx: &mut Tx<'_>, turn: &str) -> Result<()> {
    let sql = "insert into setting (name, value) values ($1, $2) \
               on conflict (name) do update set value = excluded.value";
    tx.exec(sql, values![CLOCK, turn.as_bytes()]).map(|_| ())
}
