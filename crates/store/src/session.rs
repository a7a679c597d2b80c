//! Browser sessions: who is logged in. Opaque ids, kept as hashes.

use crate::tx::{Tx, values};
use domain::{EntropyExt as _, Result, UserId};

/// A session ends this long after the log-in.
pub const SESSION_SECONDS: i64 = 12 * 3_600;

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

/// Whose session it is, if it is one.
pub fn user(tx: &mut Tx<'_>, secret: &str) -> Result<Option<UserId>> {
    let sql = "select user_id from session where session_hash = $1 and expires > $2";
    let now = tx.now();
    let row = tx.row(sql, values![&crate::hash(secret)[..], now], |row| row.int(0))?;
    Ok(row.map(UserId))
}

/// Ends a session.
pub fn end(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    let sql = "delete from session where session_hash = $1";
    tx.exec(sql, values![&crate::hash(secret)[..]]).map(|_| ())
}
