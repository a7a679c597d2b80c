//! What a sandbox keeps of itself: that it is one, and how its clock is turned. A store without it
//! is none.

use crate::tx::{Tx, values};
use domain::{Error, Result};

pub(crate) const CLOCK: &str = "sandbox_clock";
const MADE: &str = "sandbox_made";

/// How the clock is turned, as whoever turned it wrote it down.
pub fn clock(tx: &mut Tx<'_>) -> Result<Option<String>> {
    let read = |bytes| String::from_utf8(bytes).map_err(Error::internal);
    get(tx, CLOCK)?.map(read).transpose()
}

/// Writes down how the clock is turned.
pub fn set_clock(tx: &mut Tx<'_>, turn: &str) -> Result<()> {
    set(tx, CLOCK, turn)
}

/// Whether the store was made to be a sandbox's.
pub fn is_made(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(get(tx, MADE)?.is_some())
}

/// Whether it is one, or its clock was turned as in one.
pub fn is_sandbox(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(is_made(tx)? || clock(tx)?.is_some())
}

/// Makes the store a sandbox's for good: secrets may be what somebody wrote down.
pub fn make(tx: &mut Tx<'_>) -> Result<()> {
    set(tx, MADE, "1")
}

/// Whoever keeps what somebody wrote down asks first.
pub(crate) fn require(tx: &mut Tx<'_>) -> Result<()> {
    if is_made(tx)? {
        return Ok(());
    }
    Err(Error::internal("secrets are written down in a sandbox's store alone"))
}

fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    let sql = "select value from setting where name = $1";
    tx.row(sql, values![name], |row| row.blob(0))
}

fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<()> {
    let sql = "insert into setting (name, value) values ($1, $2) \
               on conflict (name) do update set value = excluded.value";
    tx.exec(sql, values![name, value.as_bytes()]).map(drop)
}
