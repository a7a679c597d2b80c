//! Browser sessions: who is logged in. Opaque ids, kept as hashes.

use crate::tx::{Tx, values};
use domain::{EntropyExt as _, Result, UserId};

/// A session ends this long after the log-in.
pub const SESSION_SECONDS: i64 = 12 * 3_600;
/// A session may seem to begin this far ahead: the clocks of two nodes are never the same. One that
/// begins later was begun before the clock was set back, and would last too long.
pub const AHEAD_SECONDS_MAX: i64 = 300;

/// Begins a session: its secret goes into the cookie.
pub fn begin(tx: &mut Tx<'_>, user: UserId) -> Result<String> {
    let secret = tx.entropy().token();
    let now = tx.now();
    tx.exec("delete from session where expires <= $1", values![now])?;
    tx.exec(
        "insert into session (session_hash, user_id, created, expires) values ($1, $2, $3, $4)",
        values![&crate::hash(&secret)[..], user.0, now, now + SESSION_SECONDS],
    )?;
    Ok(secret)
}

/// Whose session it is, if it is one. One that is over is deleted when it is seen: a clock that is
/// set back does not bring it to life again.
pub fn user(tx: &mut Tx<'_>, secret: &str) -> Result<Option<UserId>> {
    let sql = "select user_id, created, expires from session where session_hash = $1";
    let row = tx.row(sql, values![&crate::hash(secret)[..]], |row| {
        Ok((UserId(row.int(0)?), row.int(1)?, row.int(2)?))
    })?;
    let Some((user, created, expires)) = row else { return Ok(None) };
    let now = tx.now();
    if created <= now + AHEAD_SECONDS_MAX && now < expires {
        return Ok(Some(user));
    }
    tx.need_write()?;
    end(tx, secret)?;
    Ok(None)
}

/// Ends a session.
pub fn end(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    let sql = "delete from session where session_hash = $1";
    tx.exec(sql, values![&crate::hash(secret)[..]]).map(|_| ())
}

/// Ends every session of a person.
pub fn end_all(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    tx.exec("delete from session where user_id = $1", values![user.0]).map(|_| ())
}
